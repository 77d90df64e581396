// The two clocks of a lesson: a position in the player (seconds) and the moment of capture (epoch ms).

/** @typedef {{start: number, duration: number, programDateTime: number | null}} Piece start and duration in s, programDateTime in ms */

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

  /** Capture time just behind the newest piece. @returns {number | null} */
  get edge() {
    const last = this.#pieces.at(-1);
    return last && last.programDateTime !== null ? last.programDateTime + last.duration * 1000 : null;
  }

  /**
   * When was captured what is shown at `position`?
   * @param {number} position seconds
   * @returns {number | null} epoch ms
   */
  wallAt(position) {
    const piece = this.#pieces[this.#last((one) => one.start <= position)] ?? this.#pieces[0];
    if (!piece || piece.programDateTime === null) return null;
    return piece.programDateTime + (position - piece.start) * 1000;
  }

  /**
   * Where is what was captured at `wall`? In a gap, the beginning of what comes next; behind the end, the end.
   * @param {number} wall epoch ms
   * @returns {number | null} seconds
   */
  positionAt(wall) {
    if (!this.known) return null;
    const index = this.#last((one) => one.programDateTime !== null && one.programDateTime <= wall);
    if (index < 0) return this.#pieces[0].start;
    const piece = this.#pieces[index];
    const inside = (wall - /** @type {number} */ (piece.programDateTime)) / 1000;
    if (inside < piece.duration) return piece.start + inside;
    return this.#pieces[index + 1]?.start ?? piece.start + piece.duration;
  }

  /**
   * Where begins the first piece captured at `wall` or later?
   * @param {number} wall epoch ms
   * @returns {number | null} seconds; null while there is none
   */
  firstFrom(wall) {
    const index = this.#last((one) => one.programDateTime !== null && one.programDateTime < wall);
    return this.#pieces[index + 1]?.start ?? null;
  }

  /**
   * Index of the last piece for which `holds`, given that it holds for all before; -1 for none.
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
