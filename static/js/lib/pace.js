// Judges whether this computer keeps up with its pictures, by the due and the encoded ones of the last three seconds.

const WINDOW_MS = 3000;
const ENOUGH = 0.6; // share of the due pictures: 15 in place of 25 look fine, and another size is a jump

export class Pace {
  /** @type {{at: number, due: number, late: number, refused: number, tookMs: number}[]} */
  #past = [];
  #beatAt = NaN;
  #began = NaN;

  /** Begin anew, because the work has changed. */
  forget() {
    this.#past = [];
    this.#beatAt = this.#began = NaN;
  }

  /**
   * Count a due picture.
   * @param {number} now ms
   * @param {number} everyMs time between two pictures
   * @param {boolean} isRefused the encoder has too many
   */
  beat(now, everyMs, isRefused) {
    if (Number.isNaN(this.#began)) this.#began = now;
    const due = Number.isNaN(this.#beatAt) ? 1 : Math.max(1, (now - this.#beatAt) / everyMs);
    this.#beatAt = now;
    this.#past.push({ at: now, due, late: due - 1, refused: isRefused ? 1 : 0, tookMs: 0 });
    while (this.#past[0].at < now - WINDOW_MS) this.#past.shift();
  }

  /** Count a picture that was drawn and encoded. @param {number} now ms @param {number} tookMs */
  took(now, tookMs) {
    this.#past.push({ at: now, due: 0, late: 0, refused: 0, tookMs });
  }

  /** @param {number} now ms @returns {boolean} whether it is late again and again */
  isBusy(now) {
    if (!(now - this.#began >= WINDOW_MS)) return false;
    return this.#sum("late") + this.#sum("refused") > (1 - ENOUGH) * this.#sum("due");
  }

  /** Figures for people who look for the reason. */
  toString() {
    return `of ${Math.round(this.#sum("due"))} pictures ${Math.round(this.#sum("late"))} late, ${this.#sum("refused")} refused, load ${Math.round(100 * this.load)} %`;
  }

  /** @param {"due" | "late" | "refused" | "tookMs"} what */
  #sum(what) {
    return this.#past.reduce((sum, one) => sum + one[what], 0);
  }

  /** @returns {number} share of the time that the pictures of the last three seconds took */
  get load() {
    return this.#sum("tookMs") / WINDOW_MS;
  }
}
