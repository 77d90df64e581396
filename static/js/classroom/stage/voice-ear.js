// Plays the pieces of a voice that the server passes on, on the thread of the sound card.

import { RATE, VoiceBuffer } from "../../lib/voice-buffer.js";

const scope = /** @type {any} */ (globalThis); // AudioWorkletGlobalScope

class Ear extends scope.AudioWorkletProcessor {
  #buffer = new VoiceBuffer();
  #last = 0;
  #next = 0;
  #at = 0; // between the two

  constructor() {
    super();
    this.port.onmessage = (/** @type {MessageEvent} */ { data }) => this.#buffer.push(data);
  }

  /** @param {unknown} _inputs @param {Float32Array[][]} outputs */
  process(_inputs, [[samples]]) {
    for (let at = 0; at < samples.length; at += 1) {
      samples[at] = this.#last * (1 - this.#at) + this.#next * this.#at;
      this.#at += RATE / scope.sampleRate;
      for (; this.#at >= 1; this.#at -= 1) [this.#last, this.#next] = [this.#next, this.#buffer.next()];
    }
    return true;
  }
}

scope.registerProcessor("voice-ear", Ear);
