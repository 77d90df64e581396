// Makes pieces of a voice for the server: 16 kHz, µ-law, 20 ms. It runs on the thread of the sound card, behind a filter that leaves nothing
// above half of that rate.

import { encode } from "../../lib/mu-law.js";
import { PIECE, RATE } from "../../lib/voice-buffer.js";

const scope = /** @type {any} */ (globalThis); // AudioWorkletGlobalScope

class Mouth extends scope.AudioWorkletProcessor {
  #piece = new Uint8Array(PIECE);
  #filled = 0;
  #last = 0;
  #at = 0; // of the next sample that is sent, in samples of the sound card, from the last one of the block before

  /** @param {Float32Array[][]} inputs */
  process([input]) {
    const length = input[0]?.length ?? 128; // nothing is plugged in: silence
    const of = (/** @type {number} */ at) => (at < 0 ? this.#last : (input[0]?.[at] ?? 0));
    for (; this.#at < length; this.#at += scope.sampleRate / RATE) {
      const before = Math.floor(this.#at) - 1, share = this.#at % 1;
      this.#take(of(before) * (1 - share) + of(before + 1) * share);
    }
    this.#at -= length;
    this.#last = of(length - 1);
    return true;
  }

  /** @param {number} sample */
  #take(sample) {
    this.#piece[this.#filled] = encode(sample);
    this.#filled += 1;
    if (this.#filled < PIECE) return;
    const { buffer } = this.#piece;
    this.#piece = new Uint8Array(PIECE);
    this.#filled = 0;
    this.port.postMessage(buffer, [buffer]);
  }
}

scope.registerProcessor("voice-mouth", Mouth);
