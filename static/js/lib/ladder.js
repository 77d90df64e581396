// How much is sent where the line, or this computer, does not bear everything: the picture gives way in steps, the sound never
// does. Each step down to another size is a little jump at the learners, so none is taken lightly.

/**
 * @typedef {{video: number, audio: number, fps: number, lines: number}} Rung bit rates in kbit/s, pictures a second, height of the picture at most
 * @typedef {"line" | "processor"} Reason what does not bear more
 */

/** The rate gives way first, then the size, then the number of pictures. @type {readonly Rung[]} */
export const RUNGS = [
  { video: 1800, audio: 96, fps: 25, lines: 1080 },
  { video: 1000, audio: 64, fps: 25, lines: 720 },
  { video: 600, audio: 64, fps: 25, lines: 540 },
  { video: 300, audio: 48, fps: 25, lines: 360 },
  { video: 160, audio: 48, fps: 12, lines: 360 }, // keyframes of each second leave little for a larger picture
  { video: 90, audio: 40, fps: 12, lines: 180 },
  { video: 45, audio: 32, fps: 5, lines: 180 },
  { video: 20, audio: 24, fps: 1, lines: 180 },
];

const SETTLE_MS = 6000; // a step needs so long to show what it brought
const BUSY_SETTLE_MS = 4000; // the same for this computer, which shows it sooner
const FIRST_CALM_MS = 8000;
const STRIDE = 2; // steps up at once, where nothing was in the way
const SHARE = 0.8; // of what the line takes; the rest is for what waits, and for what is repeated
const LOAD = 0.7; // of the time between two pictures that one of them may take
const DOUBT = 2; // so much longer it must have been calm before something is tried that was not borne
const LONGEST_CALM_MS = 320_000; // a line that bears no more is tried less and less often

export class Ladder {
  rung = 0;
  /** Why it is not the first rung any more. @type {Reason | ""} */
  reason = "";
  #changedAt = -Infinity;
  #calmSince = -Infinity;
  #calmNeeded = FIRST_CALM_MS;
  #climbedAt = -Infinity;
  #bore = Infinity; // kbit/s: what the line took when it was too thin
  #carried = Infinity; // lines² a second: what this computer did not manage

  /** @param {number} rung to begin with, as this computer was measured */
  constructor(rung = 0) {
    this.rung = rung;
    if (rung > 0) this.reason = "processor";
  }

  /** @returns {Rung} */
  get now() {
    return RUNGS[this.rung];
  }

  /**
   * Judge line and computer; called some times a second.
   * @param {{isThin: boolean, kbps: number, isBusy?: boolean, load?: number}} seen isThin: the line bears less than is given; kbps: what it takes;
   *   isBusy: pictures were left out because the computer was late; load: share of the time between two pictures that one takes
   * @param {number} now ms, of a clock that never jumps
   * @returns {boolean} whether the rung is another one now
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
   * Down at once to what the line bears: each step that does not help would be another gap. This computer goes step by step.
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
    if (!isKnown(next)) [this.#bore, this.#carried] = [Infinity, Infinity]; // this one is borne now, more is to be tried
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
 * The first rung that leaves this computer time for other things.
 * @param {number} perSecond pictures of 720 lines that it encodes in a second, one after the other
 */
export function rungFor(perSecond) {
  const fits = RUNGS.findIndex(({ fps, lines }) => (fps / perSecond) * (Math.min(lines, 720) / 720) ** 2 < LOAD);
  return fits < 0 ? RUNGS.length - 1 : fits;
}

/** What a rung asks of the computer. @param {number} rung */
function workOf(rung) {
  const { lines, fps } = RUNGS[rung];
  return Math.min(lines, 720) ** 2 * fps;
}
