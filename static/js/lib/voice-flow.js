// Sends pieces of a voice to a server that acknowledges them. When the server falls behind, the oldest waiting pieces are dropped, because
// pieces in the network's buffers cannot be recalled.

const MOST = 15; // pieces that wait here: 0.3 s
export const ACK_EVERY = 5; // pieces that are acknowledged together, on both ways
const LATE_MS = 500; // of an acknowledgement: more pieces would only wait in buffers

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

  /**
   * After a pause of the speaker, fewer pieces than are acknowledged together are on their way: none of them is late.
   * @param {number} now
   */
  #flow(now) {
    while (this.#waiting.length > 0 && !(now - this.#sentAt[ACK_EVERY - 1] > LATE_MS)) {
      this.#sentAt.push(now);
      this.send(/** @type {ArrayBuffer} */ (this.#waiting.shift()));
    }
  }
}
