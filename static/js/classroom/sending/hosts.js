// The two hosts of the engine. `WorkerHost` runs it in a worker and hands over the frames of each track. `PageHost` runs it in the page,
// where each track plays in a <video> from which pictures are drawn.

import { Engine } from "./engine.js";
import { hasEncoders } from "./encoders.js";
import { VideoFeed } from "./feeds.js";
import { RecorderMaker } from "./recorder-maker.js";

/**
 * @typedef {(news: string, detail?: any) => void} Tell takes the engine's news, as `Engine` names them
 * @typedef {{beat: string, engine: string, ear: string, keyEveryMs: number}} Given addresses of the scripts that run beside the page, and the
 *   time between keyframes that media_worker wants
 * @typedef {object} Host
 * @property {HTMLCanvasElement} canvas shows the sent picture
 * @property {boolean} encodes whether it can encode; otherwise it records
 * @property {(call: string, args?: any[], transferred?: any[]) => Promise<any>} post calls a method of the engine
 * @property {(name: string, track: MediaStreamTrack | null) => void} show hands over a picture track. The name is camera, screen, or the
 *   page of a speaker; `null` takes the track away
 * @property {() => void} close
 */

/** Return whether this browser gives the frames of a track to a worker that can encode them. */
export function hasWorker() {
  return hasEncoders() && "MediaStreamTrackProcessor" in globalThis && "transferControlToOffscreen" in HTMLCanvasElement.prototype && Boolean(globalThis.AudioWorkletNode);
}

/** @implements {Host} */
export class WorkerHost {
  canvas = document.createElement("canvas");
  encodes = true;
  #worker;
  #number = 0;
  /** @type {Map<number, (answer: any) => void>} */
  #waiting = new Map();

  /**
   * @param {Tell} tell
   * @param {import("./composer.js").Words} words
   * @param {import("./composer.js").Size} size
   * @param {Given} given
   */
  constructor(tell, words, size, given) {
    this.#worker = new Worker(given.engine, { type: "module" });
    this.#worker.onmessage = ({ data: { news, detail, number, answer } }) => {
      if (news) tell(news, detail);
      else {
        this.#waiting.get(number)?.(answer);
        this.#waiting.delete(number);
      }
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      tell("note", `engine: ${event.message}`);
      tell("unable", { hasSent: true });
    };
    const canvas = this.canvas.transferControlToOffscreen();
    this.post("make", [canvas, words, size, given.keyEveryMs], [canvas]);
  }

  /** @param {string} call @param {any[]} [args] @param {any[]} [transferred] @returns {Promise<any>} */
  post(call, args = [], transferred = []) {
    const number = ++this.#number;
    const answer = new Promise((resolve) => { this.#waiting.set(number, resolve); });
    this.#worker.postMessage({ number, call, args }, transferred);
    return answer;
  }

  /** @param {string} name @param {MediaStreamTrack | null} track */
  show(name, track) {
    const frames = track && new /** @type {any} */ (globalThis).MediaStreamTrackProcessor({ track }).readable;
    this.post("show", [name, frames], frames ? [frames] : []);
  }

  close() {
    this.post("close").then(() => this.#worker.terminate());
  }
}

/** @implements {Host} */
export class PageHost {
  #engine;
  encodes = hasEncoders() && Boolean(globalThis.AudioWorkletNode);

  /**
   * @param {Tell} tell
   * @param {import("./composer.js").Words} words
   * @param {import("./composer.js").Size} size
   * @param {Given} given
   * @param {() => MediaStreamTrack | null} sound the sound track for a recorder
   */
  constructor(tell, words, size, given, sound) {
    const beatFor = (/** @type {() => void} */ onBeat) => {
      const beat = new Worker(given.beat);
      beat.onmessage = () => { onBeat(); beat.postMessage(null); };
      return { set: (/** @type {number} */ fps) => beat.postMessage(fps), close: () => beat.terminate() };
    };
    /** @type {import("./engine.js").RecorderMaker} */
    const recorder = (onChunk, onFailure, composer) => new RecorderMaker(onChunk, onFailure, composer, sound, given.keyEveryMs);
    this.#engine = new Engine(tell, document.createElement("canvas"), words, size, { beatFor, recorder, keyEveryMs: given.keyEveryMs });
  }

  get canvas() {
    return /** @type {HTMLCanvasElement} */ (this.#engine.composer.canvas);
  }

  /** @param {string} call @param {any[]} [args] @returns {Promise<any>} */
  async post(call, args = []) {
    return /** @type {any} */ (this.#engine)[call](...args);
  }

  /** @param {string} name @param {MediaStreamTrack | null} track */
  show(name, track) {
    this.#engine.show(name, track && new VideoFeed(track));
  }

  close() {
    this.#engine.close();
  }
}
