// Places in a replay: as addresses name them, and where it is worth going on. No DOM in here.

const NEAR_AN_END_S = 20; // closer to the beginning or the end, one begins at the beginning

/**
 * Return the place that an address names by `?t=`.
 * @param {string | null} text seconds (750), 12m30s, 12:30 or 0:12:30
 * @returns {number | null} seconds; null for anything else
 */
export function placeNamed(text) {
  const words = (text ?? "").trim().toLowerCase();
  const clock = /^(?:(\d{1,3}):)?(\d{1,3}):(\d{2})$/.exec(words);
  const units = /^(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?$/.exec(words);
  const found = clock ?? units;
  if (!words || !found) return null;
  const [hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return hours * 3600 + minutes * 60 + seconds;
}

/**
 * Return the address of a place.
 * @param {string} page address of the replay
 * @param {number} position s
 */
export function addressOf(page, position) {
  const url = new URL(page);
  url.search = "";
  url.hash = "";
  url.searchParams.set("t", String(Math.max(0, Math.floor(position))));
  return url.href;
}

/**
 * Return whether a replay should go on at a place.
 * @param {number} position s
 * @param {number} length of the recording, s
 */
export function isWorthGoingOn(position, length) {
  return position >= NEAR_AN_END_S && length - position >= NEAR_AN_END_S;
}

/** @typedef {readonly [number, number]} CutPlace where a cut begins in the whole recording, and its length, s */

/**
 * Return the place in the whole recording of a place in the replay. Links name the former, so that a cut moves none.
 * @param {number} position s
 * @param {readonly CutPlace[]} cuts in order
 */
export function wholePlace(position, cuts) {
  return cuts.reduce((place, [from, length]) => (from <= place ? place + length : place), position);
}

/**
 * Return the place in the replay of a place in the whole recording; of one that was cut out, where the replay goes on.
 * @param {number} place s
 * @param {readonly CutPlace[]} cuts in order
 */
export function shownPlace(place, cuts) {
  return place - cuts.reduce((gone, [from, length]) => gone + Math.min(length, Math.max(0, place - from)), 0);
}
