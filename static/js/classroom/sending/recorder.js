// Records in a browser without encoders, in pieces of 250 ms that can be sent. A recording cannot change its bit rate: another rate needs
// another recording, which begins with a header of its own.

import { WebmParts } from "../../lib/webm-parts.js";

/** @typedef {{data: ArrayBuffer, endsAt: number, isFirst: boolean}} Chunk endsAt: epoch ms on this device's clock when its last frame was taken; isFirst: it holds the header */

const PIECE_MS = 250;

// H.264 goes through the server untouched; what Firefox and others give is encoded anew there. Safari has no WebM.
const KINDS = ["video/webm;codecs=h264,opus", "video/mp4;codecs=avc1.42E01F,mp4a.40.2", "video/webm;codecs=vp8,opus"];

/** @returns {string} what this browser can record; empty: nothing that the server takes */
export function recordable() {
  return globalThis.MediaRecorder ? (KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) ?? "") : "";
}

/** One recording. The one before it ends when this one gives something, and what it gives comes after all of that. */
class Take {
  /** @type {Promise<unknown>} what was read before */
  #before;
  /** @type {Promise<unknown>} settled when there is no more */
  ended;
  parts = new WebmParts();

  /**
   * @param {MediaRecorder} recorder
   * @param {Take | null} last
   * @param {(chunk: Chunk) => void} onChunk
   */
  constructor(recorder, last, onChunk) {
    this.recorder = recorder;
    this.#before = last ? last.ended : Promise.resolve();
    let isFirst = true;
    recorder.ondataavailable = ({ data }) => {
      last?.stop(); // not before: a recording needs its first picture before it keeps any sound
      if (data.size === 0) return;
      const chunk = { endsAt: performance.timeOrigin + performance.now(), isFirst };
      isFirst = false;
      // reading takes a moment, a longer one for larger pieces: they must not overtake each other
      this.#before = this.#before.then(async () => {
        const bytes = await data.arrayBuffer();
        this.parts.take(new Uint8Array(bytes));
        onChunk({ ...chunk, data: bytes });
      });
    };
    this.ended = new Promise((resolve) => { recorder.onstop = resolve; }).then(() => this.#before);
  }

  stop() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }
}

export class Recorder {
  /** @type {Take | null} */
  #take = null;
  #isOn = false;

  /**
   * @param {(chunk: Chunk) => void} onChunk in order
   * @param {(error: Error) => void} onFailure the browser has given up
   * @param {number} keyEveryMs time between two keyframes
   */
  constructor(onChunk, onFailure, keyEveryMs) {
    this.onChunk = onChunk;
    this.onFailure = onFailure;
    this.keyEveryMs = keyEveryMs;
    this.kind = recordable();
  }

  /**
   * Begin a recording. One that runs goes on for a moment, so that not a word is missing between them.
   * @param {MediaStream} stream
   * @param {{video: number, audio: number}} kbps bit rates, kbit/s
   */
  start(stream, { video, audio }) {
    const settings = /** @type {MediaRecorderOptions} */ ({
      mimeType: this.kind,
      videoBitsPerSecond: video * 1000,
      audioBitsPerSecond: audio * 1000,
      videoKeyFrameIntervalDuration: this.keyEveryMs, // where the browser knows it; others are encoded anew by the server
    });
    const recorder = new MediaRecorder(stream, settings);
    const take = new Take(recorder, this.#take, this.onChunk);
    recorder.onerror = (event) => {
      if (take === this.#take && this.#isOn) this.onFailure(/** @type {any} */ (event).error ?? new Error("recorder"));
    };
    this.#take = take;
    recorder.start(PIECE_MS);
    this.#isOn = true;
  }

  /** @returns {number} length of what was given, by its newest picture; NaN where that is not known */
  get recordedMs() {
    return this.#take?.parts.pictureMs ?? NaN;
  }

  /** @returns {Promise<unknown>} settled when what it still had has come */
  stop() {
    this.#isOn = false;
    this.#take?.stop();
    return this.#take?.ended ?? Promise.resolve();
  }
}
