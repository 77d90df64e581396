// Capture time of sound. The sound card counts it, and it comes late whenever the computer is busy. Of the arrivals in
// the last seconds the least late one counts, as the server does with an encoder (media_worker/clock.py).

const WINDOW_MS = 4000;
const SLEW = 0.02; // ms for each ms of sound, so that the sound goes on without a step
const JUMP_MS = 60; // a larger difference is no drift: sound is missing

export class SampleClock {
  /** @type {{at: number, offset: number}[]} */
  #least = [];
  #offset = NaN;

  /**
   * @param {number} counted ms of sound up to the end of this piece
   * @param {number} arrivedAt ms
   * @param {number} lastsMs
   * @returns {number} beginning of the piece, ms on the clock of `arrivedAt`
   */
  beganAt(counted, arrivedAt, lastsMs) {
    const offset = arrivedAt - counted;
    while (this.#least.length > 0 && /** @type {{offset: number}} */ (this.#least.at(-1)).offset >= offset) this.#least.pop();
    this.#least.push({ at: arrivedAt, offset });
    while (this.#least[0].at < arrivedAt - WINDOW_MS) this.#least.shift();
    const off = this.#least[0].offset - this.#offset;
    const step = SLEW * lastsMs;
    if (Number.isNaN(off) || Math.abs(off) > JUMP_MS) this.#offset = this.#least[0].offset;
    else this.#offset += Math.max(-step, Math.min(step, off));
    return counted - lastsMs + this.#offset;
  }
}
