// How fast bytes go past a point: what a line takes, what a recorder gives.

const WINDOW_MS = 1500;

export class Flow {
  /** @type {{at: number, bytes: number}[]} */
  #past = [];

  /** @param {number} bytes @param {number} now ms */
  add(bytes, now) {
    this.#past.push({ at: now, bytes });
    this.#forget(now);
  }

  /**
   * Over the last one and a half seconds; after a silence of so long, from the first bytes that came again.
   * @param {number} now ms
   * @returns {number} kbit/s; 0 while nothing goes past
   */
  kbps(now) {
    this.#forget(now);
    const [first, ...others] = this.#past;
    if (others.length === 0) return 0; // the first may have been on its way for long: its time is what counts
    return (others.reduce((sum, one) => sum + one.bytes, 0) * 8) / Math.max(1, now - first.at);
  }

  /** @param {number} now */
  #forget(now) {
    while (this.#past.length > 0 && this.#past[0].at < now - WINDOW_MS) this.#past.shift();
  }
}
