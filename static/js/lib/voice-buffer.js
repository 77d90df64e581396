// Buffers pieces of a voice between the line, which delivers them irregularly, and the sound card, which takes them at its own pace. No DOM
// in here, because this runs in an audio worklet.

import { decoded } from "./mu-law.js";

export const RATE = 16_000; // samples a second
export const PIECE = 320; // samples: 20 ms
const START = 3; // pieces: a line on which one of them is 40 ms late is a good one
const MOST = 15; // pieces: 0.3 s. What comes later than that is not a conversation
const SPARE = 1; // pieces that may lie there at the quietest moment
const LOOK = 2 * RATE; // samples between two looks at what was never needed
const HUSH = 0.02; // -34 dB: a piece so quiet is between two words
const FAST = 5; // pieces too many: they go at once, also within a word
const FADE = 0.98;

export class VoiceBuffer {
  /** @type {Uint8Array[]} */
  #pieces = [];
  #at = 0; // within the first one
  #plays = false;
  #last = 0;
  #least = Infinity; // pieces that were waiting at the quietest moment since the last look
  #looked = 0;
  #surplus = 0;

  get length() {
    return this.#pieces.length;
  }

  /** @param {Uint8Array} piece µ-law */
  push(piece) {
    this.#pieces.push(piece);
    if (this.#pieces.length >= START) this.#plays = true;
    while (this.#pieces.length > MOST) this.#drop();
  }

  #drop() {
    this.#pieces.shift();
    this.#at = 0;
  }

  /** @returns {number} the next sample; where none has come, what fades of the last one */
  next() {
    if (this.#plays && this.#pieces.length === 0) this.#plays = false; // it waits for a few again
    if (!this.#plays) {
      this.#last *= FADE;
      return this.#last;
    }
    this.#last = decoded[this.#pieces[0][this.#at]];
    this.#at += 1;
    if (this.#at === this.#pieces[0].length) this.#turn();
    return this.#last;
  }

  /** A piece is played. A line that was late once has made all that follows late: what is never needed is given up, between two words if that is soon. */
  #turn() {
    this.#drop();
    this.#least = Math.min(this.#least, this.#pieces.length);
    this.#looked += PIECE;
    if (this.#looked >= LOOK) {
      this.#surplus = Math.max(0, this.#least - SPARE);
      [this.#looked, this.#least] = [0, Infinity];
    }
    while (this.#surplus > 0 && this.#pieces.length > 1 && (this.#surplus > FAST || isHush(this.#pieces[0]))) {
      this.#drop();
      this.#surplus -= 1;
    }
  }
}

/** @param {Uint8Array} piece µ-law @returns {boolean} whether nothing is said in it */
export function isHush(piece) {
  return piece.every((byte) => Math.abs(decoded[byte]) < HUSH);
}
