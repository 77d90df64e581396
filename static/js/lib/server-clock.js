// The server's clock, measured once for the whole page. Devices are often minutes off, so durations and ends of rights
// count by this clock, never by the device's.

export class ServerClock {
  /**
   * @param {number} said the server's clock when it wrote the page, epoch ms; NaN if the page does not tell
   * @param {number} [age] ms since the page's first byte arrived
   */
  constructor(said, age = pageAge()) {
    this.offset = Number.isFinite(said) ? said + age - Date.now() : 0;
  }

  /** @param {number} said the server's clock just now, epoch ms */
  correct(said) {
    this.offset = said - Date.now();
  }

  /** @returns {number} epoch ms */
  now() {
    return Date.now() + this.offset;
  }
}

/** Return the page's age without the device's clock, which may be set meanwhile. */
function pageAge() {
  const [page] = performance.getEntriesByType("navigation");
  const first = /** @type {PerformanceNavigationTiming | undefined} */ (page)?.responseStart;
  return first ? performance.now() - first : 0;
}

/** `data-now` stands in _layout/base.html; each greeting of the classroom's socket corrects it. */
export const serverClock = new ServerClock(Number(globalThis.document?.documentElement.dataset.now ?? NaN));
