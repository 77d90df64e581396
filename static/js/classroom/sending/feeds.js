// Pictures of a camera or a desktop, as they come: of each feed the newest one, and no other.

import { browserNow } from "../../lib/sending-wire.js";

/**
 * @typedef {object} Feed
 * @property {CanvasImageSource | null} picture the newest; null before the first
 * @property {[number, number]} size width and height of it
 * @property {number} count another one for each picture; NaN where that is not known
 * @property {number} at when it came, ms
 * @property {() => void} close
 */

/** Frames of a track, without the page between. @implements {Feed} */
export class FrameFeed {
  /** @type {VideoFrame | null} */
  picture = null;
  count = 0;
  at = 0;
  #reader;

  /** @param {ReadableStream<VideoFrame>} frames */
  constructor(frames) {
    this.#reader = frames.getReader();
    this.#read().catch(() => undefined); // its track has ended
  }

  async #read() {
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) return;
      this.picture?.close();
      this.picture = value;
      this.count += 1;
      this.at = browserNow();
    }
  }

  /** @returns {[number, number]} */
  get size() {
    return [this.picture?.displayWidth ?? 0, this.picture?.displayHeight ?? 0];
  }

  close() {
    this.#reader.cancel().catch(() => undefined);
    this.picture?.close();
    this.picture = null;
  }
}

/** A track in the page, where its frames cannot be had. @implements {Feed} */
export class VideoFeed {
  #video = document.createElement("video");

  /** @param {MediaStreamTrack} track */
  constructor(track) {
    this.#video.muted = this.#video.playsInline = true;
    this.#video.srcObject = new MediaStream([track]);
    this.#video.play().catch(() => undefined); // a source that is exchanged at once interrupts the one before
  }

  get picture() {
    return this.#video.readyState >= 2 && this.#video.videoWidth > 0 ? this.#video : null;
  }

  /** @returns {[number, number]} */
  get size() {
    return [this.#video.videoWidth, this.#video.videoHeight];
  }

  /** Not every browser counts them: then each look may be at another one. */
  get count() {
    return this.#video.getVideoPlaybackQuality?.().totalVideoFrames || NaN;
  }

  get at() {
    return browserNow();
  }

  close() {
    this.#video.srcObject = null;
  }
}
