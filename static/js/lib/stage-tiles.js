// Places the pictures of the presenter and the speakers in the one picture that is sent.

/**
 * @typedef {"side" | "large" | "strip"} Arrangement side by side, the first speaker large, or the speakers in a strip beneath
 * @typedef {{x: number, y: number, width: number, height: number}} Rect px
 */

const RATIO = 16 / 9;
const STRIP = 0.25; // of the height
const SMALL = 0.22; // of the width, in front of a large one
const EDGE = 0.015;

/**
 * @param {Arrangement} arrangement
 * @param {number} count of speakers
 * @param {number} width of the whole picture, px
 * @param {number} height
 * @returns {{main: Rect, tiles: Rect[]}} of the presenter, and of each speaker; what lies over another one comes later: tiles, or the main one where it is small
 */
export function tilesFor(arrangement, count, width, height) {
  const whole = { x: 0, y: 0, width, height };
  if (count === 0) return { main: whole, tiles: [] };
  if (arrangement === "large") {
    const [main, ...tiles] = smallOnes(count, width, height);
    return { main, tiles: [whole, ...tiles] };
  }
  if (arrangement === "strip") {
    const across = Math.floor(Math.min(height * STRIP * RATIO, width / count));
    const down = Math.round(across / RATIO);
    const left = (width - across * count) / 2;
    const tiles = Array.from({ length: count }, (_none, at) => ({ x: Math.round(left + at * across), y: height - down, width: across, height: down }));
    return { main: { x: 0, y: 0, width, height: height - down }, tiles };
  }
  const [main, ...tiles] = gridOf(count + 1, width, height);
  return { main, tiles };
}

/**
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @returns {Rect[]} one above the other at the right edge, from the lowest one
 */
function smallOnes(count, width, height) {
  const edge = Math.round(width * EDGE);
  const across = Math.floor(Math.min(width * SMALL, ((height - edge * (count + 1)) / count) * RATIO));
  const down = Math.floor(across / RATIO);
  return Array.from({ length: count }, (_none, at) => ({ x: width - edge - across, y: height - (at + 1) * (edge + down), width: across, height: down }));
}

/**
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @returns {Rect[]}
 */
function gridOf(count, width, height) {
  const columns = count < 4 ? Math.min(count, 2) : Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const across = Math.floor(Math.min(width / columns, (height / rows) * RATIO));
  const down = Math.floor(across / RATIO);
  return Array.from({ length: count }, (_none, at) => {
    const row = Math.floor(at / columns);
    const inRow = Math.min(columns, count - row * columns);
    return {
      x: Math.round((width - inRow * across) / 2 + (at % columns) * across),
      y: Math.round((height - rows * down) / 2 + row * down),
      width: across,
      height: down,
    };
  });
}
