// What a browser records, in pieces of a quarter of a second, ready to be sent. Bit rates cannot be changed under way: another
// one means another recording, which begins with a header of its own.

/** @typedef {{data: ArrayBuffer, endsAt: number, isFirst: boolean}} Chunk endsAt: epoch ms on this device's clock when its last frame was taken; isFirst: it holds the header */

export const PIECE_MS = 250;
const KEYFRAME_MS = 1000;

// H.264 goes through the server untouched; what Firefox and others give is encoded anew there. Safari has no WebM.
const KINDS = ["video/webm;codecs=h264,opus", "video/mp4;codecs=avc1.42E01F,mp4a.40.2", "video/webm;codecs=vp8,opus"];

/** @returns {string} what this browser can record; empty: nothing that the server takes */
export function recordable() {
  return globalThis.MediaRecorder ? (KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) ?? "") : "";
}

export class Recorder {
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** What was read before. @type {Promise<void>} */
  #before = Promise.resolve();

  /**
   * @param {MediaStream} stream
   * @param {(chunk: Chunk) => void} onChunk in order
   * @param {(error: Error) => void} onFailure the browser has given up
   */
  constructor(stream, onChunk, onFailure) {
    this.stream = stream;
    this.onChunk = onChunk;
    this.onFailure = onFailure;
    this.kind = recordable();
  }

  /**
   * Begin a recording, instead of the one that runs: what that one still has comes first.
   * @param {{video: number, audio: number}} kbps bit rates, kbit/s
   */
  start({ video, audio }) {
    this.stop();
    const settings = /** @type {MediaRecorderOptions} */ ({
      mimeType: this.kind,
      videoBitsPerSecond: video * 1000,
      audioBitsPerSecond: audio * 1000,
      videoKeyFrameIntervalDuration: KEYFRAME_MS, // where the browser knows it; others are encoded anew by the server
    });
    const recorder = new MediaRecorder(this.stream, settings);
    let isFirst = true;
    recorder.ondataavailable = ({ data }) => {
      if (data.size === 0) return;
      const chunk = { endsAt: performance.timeOrigin + performance.now(), isFirst };
      isFirst = false;
      // reading takes a moment, a longer one for larger pieces: they must not overtake each other
      this.#before = this.#before.then(async () => this.onChunk({ ...chunk, data: await data.arrayBuffer() }));
    };
    recorder.onerror = (event) => {
      if (recorder === this.#recorder) this.onFailure(/** @type {any} */ (event).error ?? new Error("recorder"));
    };
    this.#recorder = recorder;
    recorder.start(PIECE_MS);
  }

  /** What it still has comes all the same. */
  stop() {
    const recorder = this.#recorder;
    this.#recorder = null;
    if (recorder?.state === "recording") recorder.stop();
  }

  get running() {
    return this.#recorder !== null;
  }
}
