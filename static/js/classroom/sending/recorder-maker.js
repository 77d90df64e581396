// A recorder in place of encoders, for browsers without them. It keeps to the size that it began with: another one is another
// recording, on a canvas of its own.

import { browserNow } from "../../lib/sending-wire.js";
import { Recorder } from "./recorder.js";

/** @typedef {import("./engine.js").Maker} Maker */

/** @implements {Maker} */
export class RecorderMaker {
  isFull = false;
  takesDrawings = true;
  stillMs = 200; // with fewer its keyframes come too seldom
  #recorder;
  #stream = new MediaStream();
  #began = NaN;

  /**
   * @param {(chunk: import("./recorder.js").Chunk) => void} onChunk
   * @param {(error: Error) => void} onFailure
   * @param {import("./composer.js").Composer} composer
   * @param {() => MediaStreamTrack | null} sound
   * @param {number} keyEveryMs
   */
  constructor(onChunk, onFailure, composer, sound, keyEveryMs) {
    this.composer = composer;
    this.sound = sound;
    this.#recorder = new Recorder(onChunk, onFailure, keyEveryMs);
  }

  /**
   * @param {import("../../lib/ladder.js").Rung} rung
   * @param {[number, number]} size
   */
  begin({ video, audio }, [width, height]) {
    const before = /** @type {HTMLCanvasElement} */ (this.composer.canvas);
    const canvas = Object.assign(document.createElement("canvas"), { width, height, className: before.className });
    before.replaceWith(canvas);
    this.composer.use(canvas);
    // Pictures are taken when they are drawn, and not when the browser finds time for a page that nobody looks at.
    this.#stream = canvas.captureStream(0);
    const sound = this.sound();
    this.#recorder.start(new MediaStream([...this.#stream.getVideoTracks(), ...(sound ? [sound] : [])]), { video, audio });
    this.#began = browserNow();
  }

  /** Have what is on the canvas taken: its track does that (Media Capture from DOM Elements, 3.2), in Firefox its stream. */
  see() {
    const takers = /** @type {{requestFrame?: () => void}[]} */ (/** @type {unknown} */ ([...this.#stream.getVideoTracks(), this.#stream]));
    takers.find((taker) => taker.requestFrame)?.requestFrame?.();
  }

  /** Delay of the recorder's output, ms. It grows while raw pictures pile up in front of its encoder. */
  behindMs() {
    const { recordedMs } = this.#recorder;
    return Number.isNaN(recordedMs) ? 0 : browserNow() - this.#began - recordedMs;
  }

  stop() {
    return this.#recorder.stop();
  }
}
