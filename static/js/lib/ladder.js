// Steps of quality for a thin line or a slow computer: the picture gives way in steps, the sound never does. Learners
// see each change of size as a little jump, so none is taken lightly.

/**
 * @typedef {{video: number, audio: number, fps: number, lines: number}} Rung bit rates in kbit/s, pictures a second, maximum height of the picture
 * @typedef {"line" | "processor"} Reason the limit
 */

/** The rate gives way first, then the size, then the number of pictures. @type {readonly Rung[]} */
export const RUNGS = [
  { video: 1800, audio: 96, fps: 25, lines: 1080 },
  { video: 1000, audio: 64, fps: 25, lines: 720 },
  { video: 600, audio: 64, fps: 25, lines: 540 },
  { video: 300, audio: 48, fps: 25, lines: 360 },
  { video: 160, audio: 48, fps: 12, lines: 360 }, // a keyframe each second leaves little for a larger picture
  { video: 90, audio: 40, fps: 12, lines: 180 },
  { video: 45, audio: 32, fps: 5, lines: 180 },
  { video: 20, audio: 24, fps: 1, lines: 180 },
];

const SETTLE_MS = 6000; // time until a step shows its effect
const BUSY_SETTLE_MS = 4000; // the same for steps of this computer, which show it sooner
const FIRST_CALM_MS = 8000;
const STRIDE = 2; // steps up at once, if nothing was in the way
const SHARE = 0.8; // of the line's rate; the rest is for waiting and repeated bytes
const LOAD = 0.7; // maximum share of the time between two pictures that one may take
const DOUBT = 2; // factor for the calm before a step that has failed once
const LONGEST_CALM_MS = 320_000; // maximum: a line that bears no more is tried less and less often

export class Ladder {
  rung = 0;
  /** Why the rung is not the first one. @type {Reason | ""} */
  reason = "";
  #changedAt = -Infinity;
  #calmSince = -Infinity;
  #calmNeeded = FIRST_CALM_MS;
  #climbedAt = -Infinity;
  #bore = Infinity; // kbit/s: rate of the line when it was too thin
  #carried = Infinity; // lines² a second: work that was too much for this computer

  /** @param {number} rung the first one, by the measurement of this computer */
  constructor(rung = 0) {
    this.rung = rung;
    if (rung > 0) this.reason = "processor";
  }

  /** @returns {Rung} */
  get now() {
    return RUNGS[this.rung];
  }

  /**
   * Judge line and computer. Call it some times a second.
   * @param {{isThin: boolean, kbps: number, isBusy?: boolean, load?: number}} seen isThin: the line bears less than the encoders produce; kbps: its rate;
   *   isBusy: pictures were skipped because the computer was late; load: share of the time between two pictures that one takes
   * @param {number} now ms, of a clock that never jumps
   * @returns {boolean} whether the rung has changed
   */
  judge({ isThin, kbps, isBusy = false, load = 0 }, now) {
    if (isThin || isBusy) this.#calmSince = now;
    const since = now - this.#changedAt;
    if (isThin && since >= SETTLE_MS) return this.#fall("line", kbps, now);
    if (isBusy && since >= BUSY_SETTLE_MS) return this.#fall("processor", 0, now);
    if (isThin || isBusy || since < SETTLE_MS || this.rung === 0) return false;
    return this.#climb(load, now);
  }

  /**
   * Go down at once to the rate that the line bears: each step too small would be another gap. This computer goes step
   * by step.
   * @param {Reason} reason
   * @param {number} kbps
   * @param {number} now
   */
  #fall(reason, kbps, now) {
    const bottom = RUNGS.length - 1;
    if (this.rung === bottom) return false;
    this.reason = reason;
    if (reason === "line") this.#bore = kbps;
    else this.#carried = workOf(this.rung);
    const next = RUNGS.findIndex((_, rung) => rung > this.rung && this.#isBorne(rung) && this.#isCarried(rung));
    const fellBack = now - this.#climbedAt < 3 * SETTLE_MS;
    this.#calmNeeded = fellBack ? Math.min(LONGEST_CALM_MS, this.#calmNeeded * 2) : FIRST_CALM_MS;
    return this.#stand(next < 0 ? bottom : next, now);
  }

  /** @param {number} load @param {number} now */
  #climb(load, now) {
    const isManaged = (/** @type {number} */ rung) => load * (workOf(rung) / workOf(this.rung)) < LOAD;
    const isKnown = (/** @type {number} */ rung) => this.#isBorne(rung) && this.#isCarried(rung);
    const far = Math.max(0, this.rung - STRIDE);
    const next = isKnown(far) && isManaged(far) ? far : this.rung - 1;
    if (!isManaged(next)) return false;
    if (now - this.#calmSince < this.#calmNeeded * (isKnown(next) ? 1 : DOUBT)) return false;
    if (!isKnown(next)) [this.#bore, this.#carried] = [Infinity, Infinity]; // this one works now, so more may be tried
    this.#climbedAt = now;
    return this.#stand(next, now);
  }

  /** @param {number} rung */
  #isBorne(rung) {
    return RUNGS[rung].video + RUNGS[rung].audio <= SHARE * this.#bore;
  }

  /** @param {number} rung */
  #isCarried(rung) {
    return workOf(rung) < this.#carried;
  }

  /**
   * @param {number} rung
   * @param {number} now
   */
  #stand(rung, now) {
    if (rung === this.rung) return false;
    this.rung = rung;
    if (rung === 0) this.reason = "";
    this.#changedAt = this.#calmSince = now;
    return true;
  }
}

/**
 * Return the first rung that leaves this computer time for other work.
 * @param {number} perSecond pictures of 720 lines that it encodes in a second, one after the other
 */
export function rungFor(perSecond) {
  const fits = RUNGS.findIndex(({ fps, lines }) => (fps / perSecond) * (Math.min(lines, 720) / 720) ** 2 < LOAD);
  return fits < 0 ? RUNGS.length - 1 : fits;
}

/** Return the work of a rung for the computer. @param {number} rung */
function workOf(rung) {
  const { lines, fps } = RUNGS[rung];
  return Math.min(lines, 720) ** 2 * fps;
}
