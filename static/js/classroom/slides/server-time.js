// The server's clock on this desk, to the millisecond: asked a few times at the start and then every minute.

import { pause } from "../../lib/backoff.js";
import { ClockEstimate } from "../../lib/clock-estimate.js";
import { serverClock } from "../../lib/server-clock.js";

const AT_FIRST = 8;
const LATER = 4;
const APART_MS = 150;
const AGAIN_MS = 60_000;
const PATIENCE_MS = 5000; // an answer that took longer says nothing

export class ServerTime {
  #estimate = new ClockEstimate();

  /**
   * @param {() => Promise<{now: number}>} ask
   * @param {AbortSignal} signal
   */
  constructor(ask, signal) {
    this.ask = ask;
    this.#keep(signal);
  }

  /** @returns {number} epoch ms */
  now() {
    const offset = this.#estimate.offset;
    return offset === null ? serverClock.now() : performance.now() + offset;
  }

  /** Maximum error of the clock, ms; Infinity before the first answer. */
  get doubt() {
    return this.#estimate.doubt;
  }

  /** @param {AbortSignal} signal */
  async #keep(signal) {
    await pause(APART_MS, signal);
    for (let wanted = AT_FIRST; !signal.aborted; wanted = LATER) {
      for (let count = 0; count < wanted && !signal.aborted; count += 1) {
        const sent = performance.now();
        try {
          const { now } = await Promise.race([this.ask(), pause(PATIENCE_MS, signal).then(() => Promise.reject(null))]);
          this.#estimate.add(sent, now, performance.now());
        } catch {
          count -= 1; // the line is not open yet, or broken
          await pause(1000, signal);
        }
        await pause(APART_MS, signal);
      }
      await pause(AGAIN_MS, signal);
    }
  }
}
