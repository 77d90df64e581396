// Output of the recorder that the server has not acknowledged, in order, bounded, each piece with its header.

import { CUT_BYTES, flightBytes, isLate } from "./flight.js";
import { Flow } from "./flow.js";
import { Flag } from "./sending-wire.js";
import { WebmParts, isDescribed, joined } from "./webm-parts.js";

/**
 * A recorder's first bytes, without which its other output cannot be read.
 * @typedef {{sequence: number, endsAt: number, data: Uint8Array}} Header
 * @typedef {import("./webm-parts.js").Part & {isRest: boolean}} Bit isRest: it continues the bit before it
 * @typedef {{sequence: number, flags: number, endsAt: number, bits: Bit[], header: Header, sentAt: number}} Piece sentAt: 0 while it waits
 */

const HEADER_BYTES = 64 * 1024; // browsers describe their tracks in 0.2 to 2 kB

export class SendingQueue {
  /** @type {Piece[]} */
  #pieces = [];
  #sequence = 0;
  #parts = new WebmParts();
  /** @type {Header | null} */
  #header = null;
  /** @type {Uint8Array | null} a recorder's first bytes, while they do not describe its tracks */
  #opening = null;
  /** @type {Header | null} the header that the server knows */
  #known = null;
  #newest = 0;
  #acked = 0;
  #withoutPictures = false;
  /** Rates of the recorder, and of the line. */
  given = new Flow();
  taken = new Flow();
  /** Number of the recorder's chunks that were given up. */
  dropped = 0;
  /** Length of each, ms. */
  eachMs = 250;
  #gone = NaN;

  /** @param {number} keepMs maximum media kept while the line is down */
  constructor(keepMs) {
    this.keepMs = keepMs;
  }

  /**
   * @param {Uint8Array} data
   * @param {number} endsAt
   * @param {boolean} startsNewHeader the recorder's first bytes
   * @param {number} now
   */
  add(data, endsAt, startsNewHeader, now) {
    if (data.byteLength === 0) return;
    this.given.add(data.byteLength, now);
    if (startsNewHeader) this.#opening = new Uint8Array(0);
    if (this.#opening) {
      const opening = joined([this.#opening, data]);
      this.#opening = isDescribed(opening, HEADER_BYTES) ? null : opening;
      if (!this.#opening) this.#append(opening, endsAt, true);
    } else this.#append(data, endsAt, false);
  }

  /**
   * @param {Uint8Array} data
   * @param {number} endsAt
   * @param {boolean} startsNewHeader
   */
  #append(data, endsAt, startsNewHeader) {
    if (this.#pieces.length === 0) this.#acked = Math.max(this.#acked, this.#newest);
    if (this.#acked === 0) this.#acked = endsAt;
    this.#newest = endsAt;
    if (startsNewHeader) {
      this.#parts = new WebmParts();
      this.#withoutPictures = false;
      this.#header = { sequence: this.#sequence + 1, endsAt, data: data.slice(0, HEADER_BYTES) };
    }
    const header = this.#header;
    if (!header) throw new Error("the first chunk must be a recorder's first");
    const parts = this.#parts.take(data);
    for (const bits of cut(this.#withoutPictures ? parts.filter((one) => !one.isPicture) : parts)) {
      this.#sequence += 1;
      const flags = this.#sequence === header.sequence ? Flag.NEW_HEADER : 0;
      this.#pieces.push({ sequence: this.#sequence, flags, endsAt, bits, header, sentAt: 0 });
    }
    this.#forgetOldest();
  }

  /** Media (ms) that the server does not have yet. */
  get backlogMs() {
    return this.#pieces.length === 0 ? 0 : this.#newest - this.#acked;
  }

  get empty() {
    return this.#pieces.length === 0;
  }

  /** @returns {Header | null} header of the present recorder */
  get header() {
    return this.#header;
  }

  /** @param {number} sequence the server has everything up to here @param {number} now */
  acknowledged(sequence, now) {
    let bytes = 0;
    while (this.#pieces[0]?.sequence <= sequence) {
      const piece = /** @type {Piece} */ (this.#pieces.shift());
      this.#acked = piece.endsAt;
      bytes += sizeOf(piece);
    }
    if (bytes > 0) this.taken.add(bytes, now);
  }

  /**
   * Give up the pictures that wait, and those of this recorder to come, because the line does not bear them. The sound
   * stays whole. (MP4 does not tell pictures from sound, so all of it stays.)
   */
  shed() {
    this.#withoutPictures = true;
    let isOnItsWay = true; // the beginning of a picture, so its rest is needed
    for (const piece of this.#pieces) {
      if (piece.sentAt) continue;
      piece.bits = piece.bits.filter(({ isPicture, isRest }) => {
        if (!isRest) isOnItsWay = false;
        return !isPicture || (isRest && isOnItsWay);
      });
    }
  }

  /**
   * Begin a new connection: everything after the server's last chunk has to be sent.
   * @param {number | null} resume number of that chunk; null means none, not even the header
   * @param {number} now
   */
  connected(resume, now) {
    if (resume !== null) this.acknowledged(resume, now);
    const first = this.#pieces[0]?.header ?? this.#header;
    this.#known = resume !== null && first && first.sequence <= resume ? first : null;
    for (const piece of this.#pieces) {
      piece.sentAt = 0;
      piece.flags |= Flag.LATE;
    }
  }

  /**
   * Yield the pieces that may be sent now.
   * @param {number} now
   * @param {number} rttMs round trip
   * @returns {Generator<{sequence: number, flags: number, endsAt: number, data: Uint8Array}>}
   */
  *due(now, rttMs) {
    const eldest = this.#pieces.find((one) => one.sentAt)?.sentAt ?? now;
    if (isLate(eldest, now, rttMs)) return;
    const window = flightBytes(this.taken.kbps(now), rttMs);
    let flight = this.#flight;
    for (const piece of this.#pieces) {
      if (piece.sentAt) continue;
      if (flight >= window) return;
      const { sequence, endsAt, bits, header } = piece;
      if (header !== this.#known && !(piece.flags & Flag.NEW_HEADER)) {
        yield { ...header, flags: Flag.NEW_HEADER | Flag.HEADER_ONLY };
      }
      this.#known = header;
      piece.sentAt = now;
      flight += sizeOf(piece);
      yield { sequence, flags: piece.flags, endsAt, data: joined(bits.map((one) => one.data)) };
    }
  }

  /** Bytes in flight. */
  get #flight() {
    return this.#pieces.reduce((sum, one) => sum + (one.sentAt ? sizeOf(one) : 0), 0);
  }

  /** Drop the oldest piece that is not in flight. Those in flight may still arrive. */
  #forgetOldest() {
    while (this.#newest - (this.#oldestUnsent()?.endsAt ?? this.#newest) > this.keepMs) {
      const [gone] = this.#pieces.splice(this.#pieces.findIndex((one) => !one.sentAt), 1);
      if (gone.endsAt !== this.#gone) this.dropped += 1;
      this.#gone = gone.endsAt;
    }
  }

  #oldestUnsent() {
    return this.#pieces.find((one) => !one.sentAt);
  }
}

/**
 * Yield recorded media in pieces, with long pictures cut.
 * @param {import("./webm-parts.js").Part[]} parts
 * @returns {Generator<Bit[]>}
 */
function* cut(parts) {
  /** @type {Bit[]} */
  let bits = [];
  let bytes = 0;
  for (const { data, isPicture } of parts) {
    for (let at = 0; at < data.byteLength; at += CUT_BYTES) {
      const bit = data.subarray(at, at + CUT_BYTES);
      if (bits.length > 0 && bytes + bit.byteLength > CUT_BYTES) {
        yield bits;
        [bits, bytes] = [[], 0];
      }
      bits.push({ data: bit, isPicture, isRest: at > 0 });
      bytes += bit.byteLength;
    }
  }
  if (bits.length > 0) yield bits;
}

/** @param {Piece} piece */
function sizeOf({ bits }) {
  return bits.reduce((sum, { data }) => sum + data.byteLength, 0);
}
