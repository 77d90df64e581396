// How much is sent over a line that is too thin for everything: the picture gives way in steps, the sound never does.
// Each step is another recording and a little jump at the learners', so none is taken lightly.

/** @typedef {{video: number, audio: number, fps: number}} Rung bit rates in kbit/s, frames a second */

/** @type {readonly Rung[]} */
export const RUNGS = [
  { video: 1800, audio: 96, fps: 25 },
  { video: 1000, audio: 64, fps: 25 },
  { video: 550, audio: 64, fps: 20 },
  { video: 260, audio: 48, fps: 12 },
  { video: 90, audio: 40, fps: 4 },
];

const SETTLE_MS = 6000; // a step needs so long to show what it brought
const FIRST_CALM_MS = 20_000;
const LONGEST_CALM_MS = 320_000; // a line that bears no more is tried less and less often

export class Ladder {
  rung = 0;
  #changedAt = -Infinity;
  #calmSince = -Infinity;
  #calmNeeded = FIRST_CALM_MS;
  #climbedAt = -Infinity;

  /** @returns {Rung} */
  get now() {
    return RUNGS[this.rung];
  }

  /**
   * Judge the line; called about once a second.
   * @param {boolean} strained more waits to be sent than a good line would let wait
   * @param {number} now ms, of a clock that never jumps
   * @returns {boolean} whether the rung is another one now
   */
  judge(strained, now) {
    if (strained) this.#calmSince = now;
    if (now - this.#changedAt < SETTLE_MS) return false;
    if (strained) return this.#step(1, now);
    if (now - this.#calmSince < this.#calmNeeded) return false;
    return this.#step(-1, now);
  }

  /**
   * @param {1 | -1} by
   * @param {number} now
   */
  #step(by, now) {
    const next = Math.min(RUNGS.length - 1, Math.max(0, this.rung + by));
    if (next === this.rung) return false;
    const fellBack = by > 0 && now - this.#climbedAt < 3 * SETTLE_MS;
    if (fellBack) this.#calmNeeded = Math.min(LONGEST_CALM_MS, this.#calmNeeded * 2);
    else if (by > 0) this.#calmNeeded = FIRST_CALM_MS;
    if (by < 0) this.#climbedAt = now;
    this.rung = next;
    this.#changedAt = this.#calmSince = now;
    return true;
  }
}
