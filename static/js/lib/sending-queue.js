// What the recorder gave and the server has not acknowledged: in order, bounded, with what each piece needs to be understood.

import { CUT_BYTES, flightBytes, isLate } from "./flight.js";
import { Flow } from "./flow.js";
import { Flag } from "./sending-wire.js";
import { WebmParts, isDescribed, joined } from "./webm-parts.js";

/**
 * A recorder's first bytes: without them nothing that follows can be read.
 * @typedef {{sequence: number, endsAt: number, data: Uint8Array}} Header
 * @typedef {import("./webm-parts.js").Part & {isRest: boolean}} Bit isRest: it goes on with the bit before it
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
  /** @type {Uint8Array | null} a recorder's first bytes, as long as they do not describe it */
  #opening = null;
  /** @type {Header | null} the header that the server knows */
  #known = null;
  #newest = 0;
  #acked = 0;
  #withoutPictures = false;
  /** What the recorder gives, and what the line takes. */
  given = new Flow();
  taken = new Flow();
  /** Chunks of the recorder that were given up. */
  dropped = 0;
  /** Length of each, ms. */
  eachMs = 250;
  #gone = NaN;

  /** @param {number} keepMs so much media is kept while the line is down */
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
   * The line does not bear it all: what has not been sent yet goes without its pictures, until another recorder begins. The
   * sound stays whole. (A recorder of MP4 does not say what is what: there everything stays.)
   */
  shed() {
    this.#withoutPictures = true;
    let isOnItsWay = true; // the beginning of a picture; then its rest is wanted
    for (const piece of this.#pieces) {
      if (piece.sentAt) continue;
      piece.bits = piece.bits.filter(({ isPicture, isRest }) => {
        if (!isRest) isOnItsWay = false;
        return !isPicture || (isRest && isOnItsWay);
      });
    }
  }

  /**
   * A new connection: everything has to be sent, from where the server is on.
   * @param {number | null} resume what it has; null: nothing, not even the header
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
   * What may be sent now.
   * @param {number} now
   * @param {number} rttMs there and back
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

  /** Bytes on their way. */
  get #flight() {
    return this.#pieces.reduce((sum, one) => sum + (one.sentAt ? sizeOf(one) : 0), 0);
  }

  /** What is on its way already may arrive; of the rest the oldest goes. */
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
 * Cut what was recorded into pieces, a long picture too.
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
