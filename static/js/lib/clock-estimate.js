// The server's clock, measured by round trips. The quickest of several answers is the best, since its error is smaller
// than the trip.

const KEPT_MS = 5 * 60_000; // devices drift by some ms in an hour
const MOST = 24;

export class ClockEstimate {
  /** @type {{at: number, trip: number, offset: number}[]} */
  #samples = [];

  /**
   * @param {number} sent ms, by this page's clock
   * @param {number} server epoch ms, as the answer says
   * @param {number} received ms, by this page's clock
   */
  add(sent, server, received) {
    const trip = received - sent;
    if (!(trip >= 0) || !Number.isFinite(server)) return;
    this.#samples.push({ at: received, trip, offset: server - (sent + received) / 2 });
    this.#samples = this.#samples.filter(({ at }) => received - at < KEPT_MS).slice(-MOST);
  }

  /** Offset to add to this page's clock. `null` before the first answer. @returns {number | null} */
  get offset() {
    return this.#best?.offset ?? null;
  }

  /** Maximum error of the offset, ms. */
  get doubt() {
    return (this.#best?.trip ?? Infinity) / 2;
  }

  get #best() {
    return this.#samples.reduce((/** @type {{trip: number, offset: number} | null} */ best, one) => (best && best.trip <= one.trip ? best : one), null);
  }
}
