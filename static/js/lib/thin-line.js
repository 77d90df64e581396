// Is the line too thin for the picture? It is when it stands still again and again, or takes as long to come as it lasts.

const WINDOW_MS = 90_000;
const STALLS = 3;
const STALL_MS = 700;
const PIECES_S = 20; // so much of the picture is looked at
const SHARE = 0.9;
const GOOD_SHARE = 0.6;
const CALM_MS = 20_000; // without a stall: a line that was poor is good again

export class ThinLine {
  /** @type {number[]} */
  #stalls = [];
  /** @type {{seconds: number, took: number}[]} */
  #pieces = [];

  /** @param {number} now ms @param {number} still how long the picture stood, ms */
  stalled(now, still) {
    if (still >= STALL_MS) this.#stalls.push(now);
  }

  /** A piece of the picture has come. @param {number} seconds it lasts @param {number} took ms */
  came(seconds, took) {
    this.#pieces.push({ seconds, took });
    while (this.#sum(1) >= PIECES_S) this.#pieces.shift();
  }

  /** Begin anew: another rendition, or somebody was told already. */
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

  /** How long the pieces took to come, of the time that they last. */
  get #share() {
    return this.#pieces.reduce((sum, { took }) => sum + took, 0) / (1000 * Math.max(1, this.#sum(0)));
  }

  /** @param {number} from */
  #sum(from) {
    return this.#pieces.slice(from).reduce((sum, { seconds }) => sum + seconds, 0);
  }
}
