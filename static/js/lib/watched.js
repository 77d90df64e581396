// Pieces of a lesson that were really played, in media time. No DOM in here: a page hands over a sample of its player a few
// times a second. A piece never reaches across a seek, a gap without media or a pause. Pieces are kept until the server has
// stored them.

/**
 * @typedef {{from: number, to: number, speed: number, facts: number}} Piece from and to: capture time, epoch ms
 * @typedef {{at: number, playing: boolean, position: number, wall: number | null, speed: number, facts: number}} Sample
 *   `at`: ms of a clock that nobody sets; `position`: of the player, s; `wall`: capture time of what it shows, epoch ms
 * @typedef {[number, number]} Stretch
 */

export const MUTED = 1;
export const HIDDEN = 2;
export const APART = 4; // picture in picture

const SEAM_MS = 250; // the server joins pieces of media that are so far apart as well
const LOOSE = 1.6; // a player that catches up with what is on air runs up to 1.5 times as fast
const LOOSE_S = 0.35; // and its clock unevenly
export const MOST_PIECES = 25; // of a report

export class Watched {
  /** @type {Piece[]} */
  #pieces = [];
  /** @type {Piece | null} */
  #open = null;
  /** @type {Sample | null} */
  #last = null;

  /** @param {Sample} sample */
  sample(sample) {
    const last = this.#last;
    if (!sample.playing || sample.wall === null) {
      this.cut();
      return;
    }
    this.#last = sample;
    if (!last || last.wall === null) return;
    const moved = sample.position - last.position;
    const most = ((sample.at - last.at) / 1000) * Math.max(last.speed, sample.speed) * LOOSE + LOOSE_S;
    const isWhole = Math.abs(sample.wall - last.wall - moved * 1000) < SEAM_MS;
    if (moved < 0 || moved > most || !isWhole) this.#open = null;
    else if (moved > 0) this.#extend(last.wall, sample.wall, last.speed, last.facts);
  }

  /** The player jumps: what comes next does not belong to what was before. */
  cut() {
    this.#open = null;
    this.#last = null;
  }

  /** Whether something is not written down yet. */
  get waits() {
    return this.#pieces.length > 0;
  }

  /** Pieces that were not handed over yet. @returns {readonly Piece[]} */
  get pieces() {
    return this.#pieces;
  }

  /** Return the oldest pieces for a report, joined where possible. They stay here until they are `settled`. @returns {Piece[]} */
  take() {
    /** @type {Piece[]} */
    const joined = [];
    for (const piece of this.#pieces) {
      const before = joined.at(-1);
      if (before && before.to === piece.from && before.speed === piece.speed && before.facts === piece.facts) before.to = piece.to;
      else joined.push({ ...piece });
    }
    this.#pieces = joined;
    this.#open = null; // what is played from now on is a piece of its own, beginning where this one ends
    return joined.slice(0, MOST_PIECES);
  }

  /** @param {readonly Piece[]} pieces played before by another page, and not written down */
  bring(pieces) {
    this.#pieces.unshift(...pieces);
  }

  /** @param {readonly Piece[]} taken has been written down */
  settled(taken) {
    this.#pieces = this.#pieces.filter((piece) => !taken.includes(piece));
  }

  /**
   * @param {number} from
   * @param {number} to
   * @param {number} speed
   * @param {number} facts
   */
  #extend(from, to, speed, facts) {
    const open = this.#open;
    if (open && open.speed === speed && open.facts === facts) {
      open.to = Math.max(open.to, to);
      return;
    }
    const before = this.#pieces.at(-1);
    const start = before && Math.abs(before.to - from) < SEAM_MS ? before.to : from;
    if (to <= start) return;
    this.#open = { from: start, to, speed, facts };
    this.#pieces.push(this.#open);
  }
}

/**
 * Return the fields of a report, as the command `credits.watched` takes them.
 * @param {readonly Piece[]} pieces
 */
export function fieldsOf(pieces) {
  const since = Math.floor(Math.min(...pieces.map((piece) => piece.from), Date.now()));
  const numbers = pieces.flatMap(({ from, to, speed, facts }) => [Math.round(from - since), Math.round(to - since), Math.round(speed * 1000), facts]);
  return { since, pieces: numbers };
}

/**
 * Return the union of stretches.
 * @param {readonly Stretch[]} stretches
 * @returns {Stretch[]} in order, without overlaps
 */
export function union(stretches) {
  /** @type {Stretch[]} */
  const found = [];
  for (const [from, to] of [...stretches].sort((one, two) => one[0] - two[0])) {
    const before = found.at(-1);
    if (before && from <= before[1]) before[1] = Math.max(before[1], to);
    else if (to > from) found.push([from, to]);
  }
  return found;
}

/**
 * Return the length of pieces that was never counted.
 * @param {readonly Piece[]} pieces
 * @param {readonly Stretch[]} known what was counted, in order, without overlaps
 * @returns {number} ms
 */
export function freshMs(pieces, known) {
  const length = (/** @type {readonly Stretch[]} */ some) => some.reduce((sum, [from, to]) => sum + to - from, 0);
  const all = union([...known, ...pieces.map(({ from, to }) => /** @type {Stretch} */ ([from, to]))]);
  return length(all) - length(known);
}
