// The two clocks of a lesson: a position in the player (seconds) and the moment of capture (epoch ms).

/** @typedef {{start: number, duration: number, programDateTime: number | null}} Piece start and duration in s, programDateTime in ms */

/** @typedef {"after" | "before" | "nearest"} GapEdge */

const BEFORE_GAP_S = 10; // less, and what comes after the gap is there before one has seen where one is
const GAP_MS = 1500; // less is a seam: dates are exact to some ms, and pieces are about a second

export class MediaClock {
  /** @type {readonly Piece[]} */
  #pieces = [];

  /** @param {readonly Piece[]} pieces in order; each with the capture time of its first frame */
  update(pieces) {
    this.#pieces = pieces;
  }

  /** @returns {boolean} */
  get known() {
    return this.#pieces.length > 0 && this.#pieces[0].programDateTime !== null;
  }

  /** Capture time at the end of the newest piece. @returns {number | null} */
  get edge() {
    const last = this.#pieces.at(-1);
    return last && last.programDateTime !== null ? last.programDateTime + last.duration * 1000 : null;
  }

  /**
   * Return the capture time of the picture at `position`.
   * @param {number} position seconds
   * @returns {number | null} epoch ms
   */
  wallAt(position) {
    const piece = this.#pieces[this.#last((one) => one.start <= position)] ?? this.#pieces[0];
    if (!piece || piece.programDateTime === null) return null;
    return piece.programDateTime + (position - piece.start) * 1000;
  }

  /**
   * Return the position of the picture captured at `wall`. Behind the end it is the end, in a gap one of its edges.
   * @param {number} wall epoch ms
   * @param {GapEdge} [edge] beginning of the next piece, last seconds of the piece before, or the nearer of them
   * @returns {number | null} seconds
   */
  positionAt(wall, edge = "after") {
    if (!this.known) return null;
    const index = this.#last((one) => one.programDateTime !== null && one.programDateTime <= wall);
    if (index < 0) return this.#pieces[0].start;
    const piece = this.#pieces[index];
    const inside = (wall - /** @type {number} */ (piece.programDateTime)) / 1000;
    if (inside < piece.duration) return piece.start + inside;
    const next = this.#pieces[index + 1];
    if (!next) return piece.start + piece.duration;
    const outside = (/** @type {number} */ (next.programDateTime) - wall) / 1000;
    const isBefore = edge === "before" || (edge === "nearest" && inside - piece.duration < outside);
    return isBefore ? Math.max(this.#pieces[0].start, piece.start + piece.duration - BEFORE_GAP_S) : next.start;
  }

  /** Stretches of which nothing was kept, between pieces that were. @returns {{from: number, to: number}[]} epoch ms */
  get gaps() {
    const found = [];
    for (let index = 1; index < this.#pieces.length; index += 1) {
      const { programDateTime, duration } = this.#pieces[index - 1];
      const from = Number(programDateTime) + duration * 1000;
      const to = Number(this.#pieces[index].programDateTime);
      if (programDateTime !== null && to - from > GAP_MS) found.push({ from, to });
    }
    return found;
  }

  /**
   * Return the beginning of the first piece captured at `wall` or later.
   * @param {number} wall epoch ms
   * @returns {number | null} seconds; null while there is none
   */
  firstFrom(wall) {
    const index = this.#last((one) => one.programDateTime !== null && one.programDateTime < wall);
    return this.#pieces[index + 1]?.start ?? null;
  }

  /**
   * Return the index of the last piece for which `holds`, given that it holds for all before. -1 means none.
   * @param {(piece: Piece) => boolean} holds
   */
  #last(holds) {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#pieces[middle])) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
