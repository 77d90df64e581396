// How loud a microphone is, as a bar.

/**
 * The bar is stretched, not widened: that costs the page no new layout, twelve times a second.
 * @param {Element | null} meter role=meter, its bar within
 * @param {number} level 0 (silence) to 1 (as loud as can be)
 */
export function drawLevel(meter, level) {
  const percent = String(Math.round(Math.min(1, level) * 100));
  if (!meter || meter.ariaValueNow === percent) return;
  meter.ariaValueNow = percent;
  /** @type {HTMLElement | null} */ (meter.firstElementChild)?.style.setProperty("transform", `scaleX(${percent}%)`);
}
