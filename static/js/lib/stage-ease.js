// Size of the speakers' pictures that a studio takes when its computer or its line is at its limit. Their voices are never given up.

export const FULL_LINES = 360; // of a speaker's picture: four of them share one screen
const SMALL_LINES = 180;
const SMALL_FROM = 2; // rungs of the sender's ladder (lib/ladder.js): the rate alone gives way first
const NONE_FROM = 4; // the picture that is sent has 12 frames a second by then

/**
 * @param {number} rung of the sender's ladder
 * @returns {number} maximum height of a speaker's picture; 0: none, only her voice
 */
export function linesAt(rung) {
  if (rung >= NONE_FROM) return 0;
  return rung >= SMALL_FROM ? SMALL_LINES : FULL_LINES;
}
