// Lessons that this browser has seen lately, for the page that stands there without a network.

const PLACE = "known-lessons";
const MOST = 20;

/** @typedef {{url: string, subject: string, teacher: string, at: number}} Lesson `at`: beginning, epoch ms */

/** @param {Lesson[]} lessons */
export function rememberLessons(lessons) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(lessons.slice(0, MOST)));
  } catch { /* a full or closed storage: the page says less */ }
}

export function forgetLessons() {
  try {
    localStorage.removeItem(PLACE);
  } catch { /* a closed storage holds nothing */ }
}

/** Return the lessons that have not begun long ago, the next one first. @param {number} now epoch ms @returns {Lesson[]} */
export function knownLessons(now) {
  const longest = 6 * 3_600_000;
  try {
    const found = /** @type {Lesson[]} */ (JSON.parse(localStorage.getItem(PLACE) ?? "[]"));
    return found.filter(({ at }) => at > now - longest).sort((one, other) => one.at - other.at);
  } catch {
    return [];
  }
}
