// Waits before new attempts: longer each time, and never the same for everybody, so that a room full of learners does
// not come back at one instant.

/**
 * @param {number} attempt 0 for the first try after a failure
 * @param {{first?: number, most?: number, least?: number, random?: () => number}} [options] milliseconds; `least` is
 *   the share of the longest wait that everybody waits: the smaller it is, the wider they are spread
 * @returns {number} milliseconds to wait
 */
export function backoff(attempt, { first = 500, most = 3000, least = 0.6, random = Math.random } = {}) {
  const ceiling = Math.min(most, first * 2 ** attempt);
  return Math.round(ceiling * (least + (1 - least) * random()));
}

/** Waits that can all be cut short, once the awaited thing is there. */
export class Naps {
  /** @type {Set<AbortController>} */
  #asleep = new Set();

  /**
   * @param {number} ms
   * @param {AbortSignal} signal ends the wait early, too
   * @returns {Promise<void>}
   */
  async take(ms, signal) {
    const nap = new AbortController();
    const wake = () => nap.abort();
    this.#asleep.add(nap);
    signal.addEventListener("abort", wake, { once: true });
    await pause(ms, nap.signal);
    signal.removeEventListener("abort", wake);
    this.#asleep.delete(nap);
  }

  hurry() {
    for (const nap of this.#asleep) nap.abort();
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} [signal] ends the wait early, without an error
 * @returns {Promise<void>}
 */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
