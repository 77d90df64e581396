// The newest picture of a camera or a desktop.

import { browserNow } from "../../lib/sending-wire.js";

const AS_COLOURS = /** @type {VideoFrameCopyToOptions} */ ({ format: "RGBA" });
const SLACK_MS = 10; // frames do not come exactly

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
  /** @type {ImageBitmap | VideoFrame | null} */
  picture = null;
  /** @type {[number, number]} */
  size = [0, 0];
  count = 0;
  at = 0;
  #reader;
  #everyMs;
  #isClosed = false;
  #pixels = new Uint8ClampedArray(0);

  /**
   * @param {ReadableStream<VideoFrame>} frames
   * @param {() => number} everyMs how often one is looked at; of those between, none is copied
   */
  constructor(frames, everyMs) {
    this.#reader = frames.getReader();
    this.#everyMs = everyMs;
    this.#read().catch(() => undefined); // its track has ended
  }

  async #read() {
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) return;
      const at = browserNow();
      if (at - this.at < this.#everyMs() - SLACK_MS) value.close();
      else await this.#take(value, at);
    }
  }

  /** @param {VideoFrame} frame @param {number} at */
  async #take(frame, at) {
    const size = /** @type {[number, number]} */ ([frame.displayWidth, frame.displayHeight]);
    const copy = await this.#copy(frame).catch(() => null);
    if (copy) frame.close();
    if (this.#isClosed) {
      (copy ?? frame).close();
      return;
    }
    this.picture?.close();
    this.picture = copy ?? frame;
    this.size = size;
    this.at = at;
    this.count += 1;
  }

  /**
   * A frame drawn on a canvas without a graphics processor goes through Chromium's cache of decoded pictures: each takes 4 MB
   * there until 512 MB are full. A copy does not, and takes a tenth less of the processor.
   * @param {VideoFrame} frame
   * @returns {Promise<ImageBitmap | null>} `null` means that this one has to be drawn as it is
   */
  async #copy(frame) {
    const { width, height } = /** @type {DOMRectReadOnly} */ (frame.visibleRect);
    const bytes = width * height * 4;
    const isTurned = "rotation" in frame && frame.rotation !== 0;
    if (isTurned || frame.allocationSize(AS_COLOURS) !== bytes) return null;
    if (this.#pixels.length !== bytes) this.#pixels = new Uint8ClampedArray(bytes);
    await frame.copyTo(this.#pixels, AS_COLOURS);
    return createImageBitmap(new ImageData(this.#pixels, width, height));
  }

  close() {
    this.#isClosed = true;
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
