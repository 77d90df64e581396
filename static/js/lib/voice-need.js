// Judges whether two pages on a stage talk by way of the server, because WebRTC does not connect them. Each page judges by itself and
// asks the other page, which may still see a good connection.

const SLOW_MS = 4000; // a first connection takes 0.6 s, by a relay 0.8 s
const BROKEN_MS = 3000;
const ASK_MS = 2000;
const HEARD_MS = 2500; // the other page speaks by way of the server, as long as it needs to

export class VoiceNeed {
  #connectedAt;
  #beganAt;
  #wasConnected = false;
  #askedAt = -Infinity; // by the other page
  #heardAt = -Infinity;
  #saidAt = -Infinity;
  #isNeeded = false;

  /**
   * @param {number} now ms
   * @param {boolean} canConnect this browser knows WebRTC at all
   */
  constructor(now, canConnect = true) {
    this.#beganAt = now;
    this.#connectedAt = canConnect ? now : -Infinity;
  }

  /** The other page asks for it. @param {number} now ms */
  asked(now) {
    this.#askedAt = now;
  }

  /** A piece of the other page has come by way of the server. @param {number} now ms */
  heard(now) {
    this.#heardAt = now;
  }

  /**
   * @param {boolean} isConnected by WebRTC
   * @param {number} now ms
   * @returns {boolean} whether voices go by way of the server
   */
  look(isConnected, now) {
    if (isConnected) {
      this.#connectedAt = now;
      this.#wasConnected = true;
    }
    this.#isNeeded = now - this.#connectedAt >= (this.#wasConnected ? BROKEN_MS : SLOW_MS);
    return this.#isNeeded || now - Math.max(this.#askedAt, this.#heardAt) < HEARD_MS;
  }

  /** @param {number} now ms @returns {boolean} whether the other page speaks by way of the server: a page that was closed does not */
  isHeard(now) {
    return now - this.#heardAt < HEARD_MS;
  }

  /** @param {number} now ms @returns {number} time for which nothing has come from the other page by any way, ms */
  silentMs(now) {
    return now - Math.max(this.#beganAt, this.#connectedAt, this.#heardAt);
  }

  /** @param {number} now ms @returns {boolean} whether the other page has to be asked now, or once more */
  asks(now) {
    if (!this.#isNeeded || this.isHeard(now) || now - this.#saidAt < ASK_MS) return false;
    this.#saidAt = now;
    return true;
  }
}
