// The state of the meter in one word. The sentences stand in templates/credits/_meter.html.

/**
 * @typedef {object} Facts
 * @property {string} seat who is here does not count at all: guest, teaches; empty: she counts
 * @property {string} why what the server said of the last report
 * @property {string} lesson state of the lesson; replay for a recording
 * @property {boolean} present whether the player shows what is on air now, and not what was before
 * @property {boolean} speaks she is on the stage: the player rests, and the server counts by itself
 * @property {boolean} wanted it is to play
 * @property {number} still ms since the picture moved
 * @property {number} unheard ms since the server has written something down, while there was something to write
 * @property {boolean} again what is played was counted before
 */

const STILL_MS = 2000;
const UNHEARD_MS = 60_000; // time after the event for which the server still counts it
const OFF_AIR = new Map([["scheduled", "not-begun"], ["paused", "lesson-paused"], ["away", "lesson-paused"], ["ended", "over"], ["cancelled", "over"]]);

/**
 * @param {Facts} facts
 * @returns {string} name of the sentence; `counting` when time counts
 */
export function stateOf({ seat, why, lesson, present, speaks, wanted, still, unheard, again }) {
  const offAir = present ? OFF_AIR.get(lesson) : undefined;
  if (seat) return seat;
  if (offAir && still > STILL_MS) return offAir;
  if (speaks) return unheard > UNHEARD_MS ? "line" : "counting";
  if (why === "no_replay") return "no-replay";
  if (!wanted) return "stopped";
  if (still > STILL_MS) return "stands";
  if (unheard > UNHEARD_MS) return "line";
  if (why === "other_lesson") return "other-lesson";
  if (why === "too_fast") return "too-fast";
  if (why === "limit") return "limit";
  return again ? "again" : "counting";
}

/**
 * @param {number} ms
 * @returns {string} 00:23:10
 */
export function meterText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
