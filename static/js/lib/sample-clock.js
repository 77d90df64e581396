// When was this sound heard? It is counted by the sound card, and comes late whenever the computer is busy: of its arrivals in
// the last seconds the least late one is believed, as the server believes an encoder (media_worker/clock.py).

const WINDOW_MS = 4000;
const SLEW = 0.02; // ms for each ms of sound: what follows goes on without a step
const JUMP_MS = 60; // more than that is no drift: sound is missing

export class SampleClock {
  /** @type {{at: number, offset: number}[]} */
  #least = [];
  #offset = NaN;

  /**
   * @param {number} counted ms of sound that were counted up to the end of this piece
   * @param {number} arrivedAt ms
   * @param {number} lastsMs
   * @returns {number} when it began, ms on the clock of `arrivedAt`
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
