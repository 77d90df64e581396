// Delay of a WebAudio context behind its track. When a busy computer makes the context miss its time, sound piles up in front of it, up
// to 0.1 s in Chrome, and all later sound stays late. Connecting the track again drops the waiting sound.

const LATE_MS = 30; // the clocks of a context go in steps of about 10 ms
const AGAIN_MS = 5000; // a computer that is busy all the time would cut into word after word

export class SoundDebt {
  #wall = 0;
  #sound = 0;

  /**
   * A track was plugged in.
   * @param {number} now ms
   * @param {number} played by the context since it runs, s
   */
  plugged(now, played) {
    [this.#wall, this.#sound] = [now, 1000 * played];
  }

  /**
   * @param {number} now ms
   * @param {number} played by the context since it runs, s
   * @returns {boolean} whether it is worth plugging the track in anew, at a quiet moment: what waited is lost
   */
  isLate(now, played) {
    const since = now - this.#wall;
    return since >= AGAIN_MS && since - (1000 * played - this.#sound) >= LATE_MS;
  }
}
