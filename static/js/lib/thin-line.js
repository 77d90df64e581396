// Judges whether the line is too thin for the picture, which then freezes again and again, or loads as slowly as it
// plays.

const WINDOW_MS = 90_000;
const STALLS = 3;
const STALL_MS = 700;
const PIECES_S = 20; // of the picture that are judged
const SHARE = 0.9;
const GOOD_SHARE = 0.6;
const CALM_MS = 20_000; // time without a stall after which a poor line is good again

export class ThinLine {
  /** @type {number[]} */
  #stalls = [];
  /** @type {{seconds: number, took: number}[]} */
  #pieces = [];

  /** @param {number} now ms @param {number} still length of the stall, ms */
  stalled(now, still) {
    if (still >= STALL_MS) this.#stalls.push(now);
  }

  /** Count a piece of the picture. @param {number} seconds its length @param {number} took ms of loading */
  came(seconds, took) {
    this.#pieces.push({ seconds, took });
    while (this.#sum(1) >= PIECES_S) this.#pieces.shift();
  }

  /** Begin anew, because the rendition has changed, or the person was told already. */
  forget() {
    this.#stalls = [];
    this.#pieces = [];
  }

  /** @param {number} now ms */
  isPoor(now) {
    this.#stalls = this.#stalls.filter((at) => now - at < WINDOW_MS);
    if (this.#stalls.length >= STALLS) return true;
    return this.#sum(0) >= PIECES_S / 2 && this.#share > SHARE;
  }

  /** Whether a line that was poor has been good for a while. @param {number} now ms */
  isGood(now) {
    return now - (this.#stalls.at(-1) ?? -Infinity) > CALM_MS && this.#share < GOOD_SHARE;
  }

  /** Loading time of the pieces, as a share of their length. */
  get #share() {
    return this.#pieces.reduce((sum, { took }) => sum + took, 0) / (1000 * Math.max(1, this.#sum(0)));
  }

  /** @param {number} from */
  #sum(from) {
    return this.#pieces.slice(from).reduce((sum, { seconds }) => sum + seconds, 0);
  }
}
