// Pieces of a voice on their way to a server that acknowledges them: where it falls behind, the oldest are given up, because what waits in
// buffers cannot be recalled.

const MOST = 15; // pieces that wait here: 0.3 s
const LATE_MS = 500; // an older one on its way: more would only wait behind it

export class VoiceFlow {
  /** @type {ArrayBuffer[]} */
  #waiting = [];
  /** @type {number[]} */
  #sentAt = [];

  /** @param {(piece: ArrayBuffer) => void} send */
  constructor(send) {
    this.send = send;
  }

  /** @param {ArrayBuffer} piece @param {number} now ms */
  push(piece, now) {
    this.#waiting.push(piece);
    if (this.#waiting.length > MOST) this.#waiting.shift();
    this.#flow(now);
  }

  /** @param {number} pieces that the server has got @param {number} now ms */
  got(pieces, now) {
    this.#sentAt.splice(0, pieces);
    this.#flow(now);
  }

  /** @param {number} now */
  #flow(now) {
    while (this.#waiting.length > 0 && !(now - this.#sentAt[0] > LATE_MS)) {
      this.#sentAt.push(now);
      this.send(/** @type {ArrayBuffer} */ (this.#waiting.shift()));
    }
  }
}
