// The speaker's lamp. The sending studio judges whether her voice is part of the sent sound, and its report is valid for a short time.

/**
 * @typedef {"" | "connecting" | "not_sending" | "asleep" | "paused" | "muted" | "silent"} Why empty means that her voice is part of the sent sound
 * @typedef {Why | "reconnecting" | "teacher_gone" | "blocked"} WhyDark as the speaker's own page knows it
 * @typedef {object} Connection
 * @property {boolean} isReached the page hears the studio, by whatever way
 * @property {boolean} isGone there is no studio, or its page has hung up
 * @typedef {object} Facts
 * @property {string} lesson state of the lesson
 * @property {string} sending state of the studio's sender
 * @property {boolean} isAsleep the studio's mixer gives nothing
 * @property {boolean} isPlugged her voice goes into the mixer
 * @property {boolean} isMuted by the desk
 * @property {number} said how loud she was at her own microphone within the last seconds, 0 to 1
 * @property {number} heard how loud she was in the mixer
 */

const LIVE = new Set(["on_air", "interrupted"]); // nothing arrives at present, which nobody wanted
const SPEAKS = 0.15; // of her own level: a room is quieter
const GOOD_MS = 2500; // the studio says it every second; one may be late
const BLOCKED_MS = 12_000; // time without a first connection to the studio after which patience does not help
const LOST_MS = 35_000; // the same for a lost connection: a studio that is gone is known to be gone by then (HOST_GONE_MS, stage/services.py)

/**
 * @param {Facts} facts
 * @returns {Why}
 */
export function whyNot({ lesson, sending, isAsleep, isPlugged, isMuted, said, heard }) {
  if (!isPlugged) return "connecting";
  if (isMuted) return "muted";
  if (!LIVE.has(lesson)) return "paused";
  if (lesson === "interrupted" || sending !== "sending") return "not_sending";
  if (isAsleep) return "asleep";
  return said > SPEAKS && heard === 0 ? "silent" : "";
}

export class Lamp {
  /** @type {Why} */
  #why = "connecting";
  #at = -Infinity;
  isRecorded = false;
  /** When the studio was reached last, or she came, ms. */
  #reachedAt;
  #wasReached = false;

  /** @param {number} now ms; she comes to the stage */
  constructor(now) {
    this.#reachedAt = now;
  }

  /** Store the studio's report. @param {{why: Why, isRecorded: boolean}} word @param {number} now ms */
  hear({ why, isRecorded }, now) {
    [this.#why, this.#at, this.isRecorded] = [why, now, isRecorded];
  }

  /**
   * A studio that is not reached has nobody's voice, whatever it said a moment ago.
   * @param {Connection} connection
   * @param {number} now ms
   * @returns {WhyDark}
   */
  why({ isReached, isGone }, now) {
    if (isReached) {
      [this.#reachedAt, this.#wasReached] = [now, true];
      return now - this.#at > GOOD_MS ? "connecting" : this.#why;
    }
    this.#at = -Infinity;
    if (isGone) return "teacher_gone";
    if (now - this.#reachedAt > (this.#wasReached ? LOST_MS : BLOCKED_MS)) return "blocked";
    return this.#wasReached ? "reconnecting" : "connecting";
  }
}
