// Rate of bytes past a point, such as a line's or a recorder's.

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
   * Return the rate over the last one and a half seconds. After such a silence it counts from the first new bytes.
   * @param {number} now ms
   * @returns {number} kbit/s; 0 while no bytes pass
   */
  kbps(now) {
    this.#forget(now);
    const [first, ...others] = this.#past;
    if (others.length === 0) return 0; // the first one may have been in flight for long: only its time counts
    return (others.reduce((sum, one) => sum + one.bytes, 0) * 8) / Math.max(1, now - first.at);
  }

  /** @param {number} now */
  #forget(now) {
    while (this.#past.length > 0 && this.#past[0].at < now - WINDOW_MS) this.#past.shift();
  }
}
