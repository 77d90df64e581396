// What the recorder gave and the server has not acknowledged: in order, bounded, with what each piece needs to be understood.

import { Flag, PIECE_BYTES } from "./sending-wire.js";

/**
 * A recorder's first bytes: without them nothing that follows can be read.
 * @typedef {{sequence: number, endsAt: number, data: Uint8Array}} Header
 * @typedef {{sequence: number, flags: number, endsAt: number, data: Uint8Array, header: Header, sent: boolean}} Piece
 */

const HEADER_BYTES = 64 * 1024; // browsers describe their tracks in 0.2 to 2 kB
const FLIGHT_MS = 2000; // so much media may be on the way at once: more would only wait in buffers that nobody can empty
const FLIGHT_BYTES = 2 * 1024 * 1024;

export class SendingQueue {
  /** @type {Piece[]} */
  #pieces = [];
  #sequence = 0;
  /** @type {Header | null} */
  #header = null;
  /** @type {Header | null} the header that the server knows */
  #known = null;
  #newest = 0;
  #acked = 0;
  dropped = 0;

  /** @param {number} keepMs so much media is kept while the line is down */
  constructor(keepMs) {
    this.keepMs = keepMs;
  }

  /**
   * @param {Uint8Array} data
   * @param {number} endsAt
   * @param {boolean} startsNewHeader the recorder's first bytes
   */
  add(data, endsAt, startsNewHeader) {
    if (data.byteLength === 0) return;
    if (this.#pieces.length === 0) this.#acked = Math.max(this.#acked, this.#newest);
    if (this.#acked === 0) this.#acked = endsAt;
    this.#newest = endsAt;
    for (let at = 0; at < data.byteLength; at += PIECE_BYTES) {
      const part = data.subarray(at, at + PIECE_BYTES);
      const first = startsNewHeader && at === 0;
      this.#sequence += 1;
      if (first) this.#header = { sequence: this.#sequence, endsAt, data: part.slice(0, HEADER_BYTES) };
      if (!this.#header) throw new Error("the first chunk must be a recorder's first");
      const flags = first ? Flag.NEW_HEADER : 0;
      this.#pieces.push({ sequence: this.#sequence, flags, endsAt, data: part, header: this.#header, sent: false });
    }
    this.#forgetOldest();
  }

  /** Media (ms) that the server has not got yet. */
  get backlogMs() {
    return this.#pieces.length === 0 ? 0 : this.#newest - this.#acked;
  }

  get empty() {
    return this.#pieces.length === 0;
  }

  /** @returns {Header | null} of the recorder that runs */
  get header() {
    return this.#header;
  }

  /** @param {number} sequence the server has everything up to here */
  acknowledged(sequence) {
    while (this.#pieces[0]?.sequence <= sequence) {
      this.#acked = /** @type {Piece} */ (this.#pieces.shift()).endsAt;
    }
  }

  /**
   * A new connection: everything has to be sent, from where the server is on.
   * @param {number | null} resume what it has; null: nothing, not even the header
   */
  connected(resume) {
    if (resume !== null) this.acknowledged(resume);
    const first = this.#pieces[0]?.header ?? this.#header;
    this.#known = resume !== null && first && first.sequence <= resume ? first : null;
    for (const piece of this.#pieces) {
      piece.sent = false;
      piece.flags |= Flag.LATE;
    }
  }

  /**
   * What may be sent now.
   * @returns {Generator<{sequence: number, flags: number, endsAt: number, data: Uint8Array}>}
   */
  *due() {
    const flying = this.#pieces.filter((one) => one.sent);
    let bytes = flying.reduce((sum, one) => sum + one.data.byteLength, 0);
    let from = flying[0]?.endsAt;
    for (const piece of this.#pieces) {
      if (piece.sent) continue;
      from ??= piece.endsAt;
      if (bytes > 0 && (bytes >= FLIGHT_BYTES || piece.endsAt - from > FLIGHT_MS)) return;
      if (piece.header !== this.#known && !(piece.flags & Flag.NEW_HEADER)) {
        yield { ...piece.header, flags: Flag.NEW_HEADER | Flag.HEADER_ONLY };
      }
      this.#known = piece.header;
      piece.sent = true;
      bytes += piece.data.byteLength;
      yield piece;
    }
  }

  /** What is on its way already may arrive; of the rest the oldest goes. */
  #forgetOldest() {
    while (this.#newest - (this.#oldestUnsent()?.endsAt ?? this.#newest) > this.keepMs) {
      this.#pieces.splice(this.#pieces.findIndex((one) => !one.sent), 1);
      this.dropped += 1;
    }
  }

  #oldestUnsent() {
    return this.#pieces.find((one) => !one.sent);
  }
}
