// State of the player as plain facts for its helpers, and the conclusions from them. No DOM in here.

/**
 * @typedef {"live" | "full" | "preview"} Scope
 * @typedef {"live" | "replay" | "preview"} Mode
 * @typedef {Pick<import("../../lib/media-clock.js").MediaClock, "known" | "edge" | "wallAt" | "positionAt" | "gaps">} Clock
 */

/**
 * @typedef {object} Facts what the player knows itself
 * @property {Mode} mode
 * @property {Scope} scope
 * @property {string} state the lesson's
 * @property {boolean} wanted the viewer wants it to play
 * @property {boolean} held what happens is seen and heard in another way
 * @property {boolean} audioOnly
 * @property {boolean} troubled pieces of the picture do not arrive
 * @property {boolean} canRewind
 * @property {boolean} isFull it fills the screen
 * @property {boolean} isPaused the picture stands, or has not begun
 * @property {boolean} isSeeking the picture of another moment is on its way
 * @property {boolean} isSilent the sound is off, or as low as it gets
 * @property {boolean} hasSlides there are slides to be seen
 * @property {number} still time for which the picture has not moved although it should, ms
 * @property {number} position of the picture in the media, s
 * @property {number} length of a replay, s
 * @property {number | null} startedAt epoch ms
 * @property {number} onAirAt epoch ms; -Infinity means before this page came
 * @property {number} now the server's clock, epoch ms
 * @property {Clock | null} clock
 */

/**
 * @typedef {object} Conclusions
 * @property {number | null} wall capture time of the picture, epoch ms
 * @property {number | null} delay between capture and now, s
 * @property {boolean} isRunning there is a picture of this lesson to watch now
 * @property {boolean} isPresent what happens now is watched, not a recording
 * @property {boolean} isOut the lesson has not begun, or is over
 * @property {SeekBar} bar
 */

/**
 * @typedef {object} SeekBar
 * @property {number | null} at place of the picture, s; null if it is not known
 * @property {number} length s
 * @property {boolean} isLost nothing is recorded that one could go back to
 * @property {boolean} isDead it leads nowhere
 */

/** @typedef {Facts & Conclusions} Look */

/** States of a lesson in which learners see a picture, or a picture that is cut for a moment. */
export const SHOWN = new Set(["on_air", "interrupted"]);
const OUT = new Set(["scheduled", "ended", "cancelled"]);
const STANDING = new Set([...OUT, "paused", "away"]);

/** @param {string} state of a lesson @returns {boolean} whether it has not begun, or is over */
export function isOut(state) {
  return OUT.has(state);
}

/** @param {Pick<Facts, "mode" | "scope" | "state">} facts @returns {boolean} whether there is a picture of this lesson to watch now */
export function isRunning({ mode, scope, state }) {
  return mode !== "live" || scope === "full" || !STANDING.has(state);
}

/** @param {Facts} facts @returns {Look} */
export function lookOf(facts) {
  const { mode, scope, state, clock, position, now } = facts;
  const wall = clock?.wallAt(position) ?? null;
  const seen = { wall, delay: wall === null ? null : (now - wall) / 1000, isRunning: isRunning(facts), isPresent: mode === "live" && scope === "live", isOut: isOut(state) };
  return { ...facts, ...seen, bar: barOf({ ...facts, ...seen }) };
}

/** @param {Facts & Omit<Conclusions, "bar">} look @returns {SeekBar} */
function barOf({ mode, wall, startedAt, now, position, length, canRewind, isPresent, isOut: out }) {
  const isReplay = mode === "replay";
  const started = startedAt ?? now;
  const at = isReplay ? position : wall === null || startedAt === null ? null : (wall - startedAt) / 1000;
  const last = isReplay ? length : (now - started) / 1000;
  const isLost = isPresent && !canRewind;
  return { at, length: last, isLost: isLost && !out, isDead: isLost || at === null || last <= 0 || (isPresent && out) };
}
