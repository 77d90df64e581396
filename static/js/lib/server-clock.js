// The server's clock as seen from this page: devices are minutes off more often than one thinks.

export class ServerClock {
  /** @param {number} [serverNow] epoch ms, as of the moment the page was rendered */
  constructor(serverNow) {
    this.offset = serverNow === undefined ? 0 : serverNow - pageStart();
  }

  /** @param {number} serverNow epoch ms, said just now */
  correct(serverNow) {
    this.offset = serverNow - Date.now();
  }

  /** @returns {number} epoch ms */
  now() {
    return Date.now() + this.offset;
  }
}

/** When did the first byte of this page arrive, on this device's clock? */
function pageStart() {
  const [page] = performance.getEntriesByType("navigation");
  const first = /** @type {PerformanceNavigationTiming | undefined} */ (page)?.responseStart;
  return first ? performance.timeOrigin + first : Date.now();
}
