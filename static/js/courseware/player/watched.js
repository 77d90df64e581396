// Which stretches of a film were played, as a row of bins that fits into an LMS' few kilobytes. No DOM in here.

const BIN_S = 5;
const MOST_DIGITS = 3000; // of 4096 characters that SCORM 1.2 keeps; answers to a quiz stand beside it
const ENOUGH = 0.4; // share of a bin that must be played: a person who stops in its middle and comes back has played half

export class Watched {
  /** @type {boolean[]} */
  #bins;
  /** Seconds played of bins that are not watched yet. @type {Map<number, number>} */
  #partly = new Map();

  /** @param {number} length of the film, s */
  constructor(length) {
    this.length = Math.max(length, 0.001);
    this.width = BIN_S;
    while (this.length / this.width / 4 > MOST_DIGITS) this.width *= 2;
    this.#bins = Array.from({ length: Math.ceil(this.length / this.width) }, () => false);
  }

  /** A stretch was played. @param {number} from s @param {number} to s */
  played(from, to) {
    const end = Math.min(to, this.length);
    for (let bin = Math.max(0, Math.floor(from / this.width)); bin * this.width < end; bin += 1) {
      if (this.#bins[bin]) continue;
      const [begins, ends] = [bin * this.width, Math.min((bin + 1) * this.width, this.length)];
      const seconds = (this.#partly.get(bin) ?? 0) + Math.min(end, ends) - Math.max(from, begins);
      if (seconds < ENOUGH * (ends - begins)) this.#partly.set(bin, seconds);
      else this.#mark(bin);
    }
  }

  /** @param {number} bin */
  #mark(bin) {
    this.#bins[bin] = true;
    this.#partly.delete(bin);
  }

  /** @returns {number} share of the film that was watched, 0 to 1 */
  get share() {
    const seconds = this.#bins.reduce((sum, is, bin) => sum + (is ? Math.min(this.width, this.length - bin * this.width) : 0), 0);
    return Math.min(1, seconds / this.length);
  }

  /** @returns {string} the bins as hexadecimal digits, four bins each, the first one its highest bit */
  get digits() {
    let text = "";
    for (let at = 0; at < this.#bins.length; at += 4) {
      text += [0, 1, 2, 3].reduce((sum, more) => sum * 2 + (this.#bins[at + more] ? 1 : 0), 0).toString(16);
    }
    return text;
  }

  /** Count stretches that were watched before. @param {string} digits @param {number} width of a bin, s */
  join(digits, width) {
    [...digits].forEach((digit, place) => {
      const four = Number.parseInt(digit, 16) || 0;
      for (let more = 0; more < 4; more += 1) {
        const from = (place * 4 + more) * width;
        if (four & (8 >> more) && from < this.length) this.played(from, from + width);
      }
    });
  }
}
