/**
 * @param {number} seconds
 * @returns {string} 0:07:31
 */
export function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/**
 * @param {number} seconds
 * @returns {string} 0:07:31.48, for what is exact to a picture
 */
export function exactClockText(seconds) {
  const hundredths = Math.max(0, Math.floor(seconds * 100 + 0.001));
  return `${clockText(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, "0")}`;
}
