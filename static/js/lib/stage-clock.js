// Moment of the lesson on the stage: that of the picture on the screen, or the newest while there is no picture.

/**
 * @typedef {object} Situation
 * @property {boolean} past she watches a recording, or looks back: only the picture counts
 * @property {boolean} curtain the lesson is not on air: nobody sees a picture
 * @property {number} resumedAt when it went on air, epoch ms
 * @property {number | null} wall capture time of the picture on the screen; null if there is none
 * @property {number} now the server's clock, epoch ms
 * @property {number | null} newest moment of the newest event
 */

const PICTURE_BEFORE_MS = 3000; // a picture this much older than the start is a remainder of the time before

export class StageClock {
  #began = false; // the picture of the present stretch has come
  #floor = -Infinity;

  /**
   * @param {Situation} situation
   * @returns {number | null} epoch ms; null if the stage stays as it is
   */
  moment({ past, curtain, resumedAt, wall, now, newest }) {
    if (past) {
      this.#floor = -Infinity;
      return wall;
    }
    if (curtain) this.#began = false;
    else if (wall !== null && wall >= resumedAt - PICTURE_BEFORE_MS) this.#began = true;
    if (!this.#began) {
      this.#floor = newest ?? -Infinity;
      return Math.max(now, newest ?? now);
    }
    if (wall === null) return null;
    // Slides seen without a picture are not taken back when the picture comes, a little late as always.
    const moment = Math.max(wall, this.#floor);
    if (wall >= this.#floor) this.#floor = -Infinity;
    return moment;
  }
}
