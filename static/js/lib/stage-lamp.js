// Whether a speaker's voice is in what goes out, as the studio that sends it knows; and how long its word is good for.

/**
 * @typedef {"" | "connecting" | "not_sending" | "asleep" | "paused" | "muted" | "silent"} Why empty: it is in it
 * @typedef {object} Facts
 * @property {string} lesson state of the lesson
 * @property {string} sending state of the studio's sender
 * @property {boolean} isAsleep the studio's mixer gives nothing
 * @property {boolean} isPlugged her voice goes into the mixer
 * @property {boolean} isMuted by the desk
 * @property {number} said how loud she was at her own microphone within the last seconds, 0 to 1
 * @property {number} heard how loud she was in the mixer
 */

const SPEAKS = 0.15; // of her own level: a room is quieter
const GOOD_MS = 2500; // the studio says it every second; one may be late

/**
 * @param {Facts} facts
 * @returns {Why}
 */
export function whyNot({ lesson, sending, isAsleep, isPlugged, isMuted, said, heard }) {
  if (!isPlugged) return "connecting";
  if (isMuted) return "muted";
  if (lesson !== "on_air") return "paused";
  if (sending !== "sending") return "not_sending";
  if (isAsleep) return "asleep";
  return said > SPEAKS && heard === 0 ? "silent" : "";
}

export class Lamp {
  /** @type {Why} */
  #why = "connecting";
  #at = -Infinity;
  isRecorded = false;

  /** What the studio has said. @param {{why: Why, isRecorded: boolean}} word @param {number} now ms */
  hear({ why, isRecorded }, now) {
    [this.#why, this.#at, this.isRecorded] = [why, now, isRecorded];
  }

  /** @param {number} now ms @returns {Why} */
  why(now) {
    return now - this.#at > GOOD_MS ? "connecting" : this.#why;
  }
}
