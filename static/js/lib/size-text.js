// Sizes of files as the server writes them: 0 B, 14 kB, 2.1 MB, 3.4 GB.

const UNITS = ["B", "kB", "MB", "GB"];

/** @param {number} bytes @returns {string} */
export function sizeText(bytes) {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size >= 10 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}
