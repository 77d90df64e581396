// How much is sent over a line that is too thin for everything: the picture gives way in steps, the sound never does.
// Each step is another recording and a little jump at the learners', so none is taken lightly.

/** @typedef {{video: number, audio: number, fps: number, lines: number}} Rung bit rates in kbit/s, frames a second, height of the picture at most */

/** @type {readonly Rung[]} */
export const RUNGS = [
  { video: 1800, audio: 96, fps: 25, lines: 1080 },
  { video: 1000, audio: 64, fps: 25, lines: 720 },
  { video: 550, audio: 64, fps: 20, lines: 720 },
  { video: 260, audio: 48, fps: 12, lines: 360 }, // keyframes of each second leave little for a larger picture
  { video: 90, audio: 40, fps: 5, lines: 270 },
  { video: 40, audio: 32, fps: 4, lines: 180 },
];

const SETTLE_MS = 6000; // a step needs so long to show what it brought
const FIRST_CALM_MS = 12_000;
const SHARE = 0.8; // of what the line takes; the rest is for what waits, and for what is repeated
const DOUBT = 2; // so much longer it must have been calm before something is tried that the line did not bear
const LONGEST_CALM_MS = 320_000; // a line that bears no more is tried less and less often

export class Ladder {
  rung = 0;
  #changedAt = -Infinity;
  #calmSince = -Infinity;
  #calmNeeded = FIRST_CALM_MS;
  #climbedAt = -Infinity;
  #bore = Infinity; // kbit/s: what the line took when it was too thin

  /** @returns {Rung} */
  get now() {
    return RUNGS[this.rung];
  }

  /**
   * Judge the line; called some times a second.
   * @param {boolean} isThin it bears less than is recorded
   * @param {number} kbps what it takes
   * @param {number} now ms, of a clock that never jumps
   * @returns {boolean} whether the rung is another one now
   */
  judge(isThin, kbps, now) {
    if (isThin) this.#calmSince = now;
    if (now - this.#changedAt < SETTLE_MS) return false;
    if (isThin) return this.#fall(kbps, now);
    if (this.rung === 0 || now - this.#calmSince < this.#calmNeeded * (this.#isBorne(this.rung - 1) ? 1 : DOUBT)) return false;
    if (!this.#isBorne(this.rung)) this.#bore = Infinity; // it bears this one now
    this.#climbedAt = now;
    return this.#stand(this.rung - 1, now);
  }

  /**
   * Down at once to what the line bears: each step that does not help would be another gap.
   * @param {number} kbps
   * @param {number} now
   */
  #fall(kbps, now) {
    if (this.rung === RUNGS.length - 1) return false;
    this.#bore = kbps;
    const borne = RUNGS.findIndex((_, rung) => rung > this.rung && this.#isBorne(rung));
    const fellBack = now - this.#climbedAt < 3 * SETTLE_MS;
    this.#calmNeeded = fellBack ? Math.min(LONGEST_CALM_MS, this.#calmNeeded * 2) : FIRST_CALM_MS;
    return this.#stand(borne < 0 ? RUNGS.length - 1 : borne, now);
  }

  /** @param {number} rung */
  #isBorne(rung) {
    return RUNGS[rung].video + RUNGS[rung].audio <= SHARE * this.#bore;
  }

  /**
   * @param {number} rung
   * @param {number} now
   */
  #stand(rung, now) {
    if (rung === this.rung) return false;
    this.rung = rung;
    this.#changedAt = this.#calmSince = now;
    return true;
  }
}
