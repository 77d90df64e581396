// Chapters of a replay, by their places in the recording. No DOM in here.

/** @typedef {{at: number, title: string, thumb: string}} Chapter `at` on the capture clock, epoch ms; `thumb` an address or "" */

/**
 * Return the chapter to which a moment belongs.
 * @param {readonly Chapter[]} chapters in order
 * @param {number} wall epoch ms
 * @returns {Chapter | null} null before the first one
 */
export function chapterAt(chapters, wall) {
  let low = 0;
  let high = chapters.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (chapters[middle].at <= wall) low = middle + 1;
    else high = middle;
  }
  return chapters[low - 1] ?? null;
}

/**
 * Return the place on a bar that belongs to a place on the screen.
 * @param {number} x of the pointer, px
 * @param {{left: number, width: number}} box of the bar
 * @param {number} inset px at each end that the handle's middle never reaches
 * @returns {number} share of the bar, 0 to 1
 */
export function shareAt(x, { left, width }, inset) {
  const room = Math.max(1, width - 2 * inset);
  return Math.min(1, Math.max(0, (x - left - inset) / room));
}
