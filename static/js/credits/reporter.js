// Reports played pieces, and keeps the sum of stored and unreported ones. No DOM in here.

import { MOST_PIECES, Watched, fieldsOf, freshMs, union } from "../lib/watched.js";

/**
 * @typedef {import("../lib/watched.js").Piece} Piece
 * @typedef {import("../lib/watched.js").Stretch} Stretch
 * @typedef {{watched_ms: number, why: string, stretches?: Stretch[]}} Counted
 * @typedef {(fields: Record<string, any>) => Promise<Counted>} Send rejected when the server is not reached
 */

const REPORT_MS = 10_000;
const IDLE_MS = 30_000; // sent by a page that plays nothing: after a longer silence the server counts its person as gone
const SOON_MS = 1000; // after something was done to the player
const AGAIN_MS = 3000; // after a report that did not arrive
const ANSWER_MS = 15_000;

export class Reporter {
  watched = new Watched();
  why = "";
  storedMs = 0;
  /** Stretches that are stored, as far as this page knows. @type {Stretch[]} */
  #known = [];
  #whole = true; // ask for all of it
  /** Left by pages before this one: it is held against what is stored before it is reported. @type {readonly Piece[]} */
  #left = [];
  #dueAt = -Infinity;
  #isSending = false;
  #isAgain = false;
  /** Moment since which pieces wait in vain. @type {number | null} */
  #waitsSince = null;

  /**
   * @param {Send} send
   * @param {() => number} now ms of a clock that nobody sets
   */
  constructor(send, now) {
    this.send = send;
    this.now = now;
  }

  /** Report if a report is due. Called a few times a second. */
  beat() {
    if (!this.#isSending && this.now() >= this.#dueAt) this.report();
  }

  /** Something was done to the player: report soon. */
  soon() {
    this.#dueAt = Math.min(this.#dueAt, this.now() + SOON_MS);
  }

  async report() {
    const taken = this.watched.take();
    this.#isSending = true;
    if (taken.length) this.#waitsSince ??= this.now();
    try {
      this.#hear(await within(ANSWER_MS, this.send({ ...fieldsOf(taken), whole: this.#whole })), taken);
      this.#dueAt = this.now() + this.#pauseAfter(taken);
    } catch {
      this.#dueAt = this.now() + AGAIN_MS;
    } finally {
      this.#isSending = false;
    }
  }

  /** @param {readonly Piece[]} taken */
  #pauseAfter(taken) {
    if (this.#takeUp()) return 0;
    if (taken.length === MOST_PIECES) return SOON_MS;
    return this.watched.waits ? REPORT_MS : IDLE_MS;
  }

  /** Report what pages before this one have left. @param {readonly Piece[]} pieces some of which may be stored */
  takeUp(pieces) {
    this.#left = pieces;
  }

  /** @returns {boolean} whether there is something more to report */
  #takeUp() {
    const lost = this.#left.filter((piece) => freshMs([piece], this.#known) > 0);
    this.#left = [];
    this.watched.bring(lost);
    return lost.length > 0;
  }

  /** Pieces that are lost if this page closes without passing them on. @returns {readonly Piece[]} */
  get unreported() {
    return [...this.#left, ...this.watched.pieces];
  }

  /** Return the unreported rest, for a page that may be gone before an answer comes. */
  rest() {
    const taken = this.watched.take();
    return taken.length ? { ...fieldsOf(taken), whole: false } : null;
  }

  /** A page of the same person, this one or another, has reported. @param {Pick<Counted, "watched_ms" | "stretches">} counted */
  learn({ watched_ms: watchedMs, stretches = [] }) {
    this.storedMs = watchedMs;
    this.#known = stretches;
  }

  /** Make the next report due in time, because something is played. */
  plays() {
    this.#dueAt = Math.min(this.#dueAt, this.now() + REPORT_MS);
  }

  /** Time that is stored, with the time that waits for its report, ms. */
  get sumMs() {
    return this.storedMs + this.freshMs;
  }

  /** Time that waits for its report and was not counted before, ms. */
  get freshMs() {
    return freshMs(this.watched.pieces, this.#known);
  }

  /** Whether what is played was counted before. */
  get isAgain() {
    const { pieces } = this.watched;
    const length = pieces.reduce((sum, { from, to }) => sum + to - from, 0);
    if (length > SOON_MS) this.#isAgain = this.freshMs < length / 10;
    return this.#isAgain;
  }

  /** For how long (ms) something has waited for an answer. */
  get unheard() {
    return this.#waitsSince === null ? 0 : this.now() - this.#waitsSince;
  }

  /**
   * @param {Counted} counted
   * @param {readonly Piece[]} taken
   */
  #hear(counted, taken) {
    this.watched.settled(taken);
    this.storedMs = counted.watched_ms;
    if (taken.length || counted.why) this.why = counted.why;
    this.#waitsSince = null;
    if (counted.stretches) this.#known = counted.stretches;
    else this.#known = union([...this.#known, ...taken.map(({ from, to }) => /** @type {Stretch} */ ([from, to]))]);
    this.#whole = counted.why !== ""; // not all of it was stored: only the server knows which part was
  }
}

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @returns {Promise<T>} rejected when it takes longer
 */
function within(ms, promise) {
  return Promise.race([promise, new Promise((_, reject) => { setTimeout(reject, ms, null); })]);
}
