// Frames of the encoders that the server has not acknowledged, in the order of sending, bounded. A chunk gets its
// number only when it is sent, so that sound can overtake pictures, and giving up pictures leaves no gap.

import { CUT_BYTES, flightBytes, isLate } from "./flight.js";
import { Flow } from "./flow.js";
import { Track, recordsOf } from "./frames-wire.js";
import { Flag } from "./sending-wire.js";
import { joined } from "./webm-parts.js";

/**
 * isRest: it continues a picture; order: ms, smallest first; header: description of a picture, since that of sound
 * never changes.
 * @typedef {{data: Uint8Array, at: number, order: number, isPicture: boolean, isRest: boolean, header: Uint8Array | null}} Bit
 * @typedef {{sequence: number, bits: Bit[], bytes: number, endsAt: number, header: Uint8Array, isLate: boolean, sentAt: number}} Chunk sentAt: 0 while it waits for another sending
 * @typedef {{isSound: boolean, isKey: boolean, at: number, data: Uint8Array}} Frame at: moment of capture, ms on this browser's clock
 */

export const SOUND_AHEAD_MS = 300; // the server takes a step back of more than 500 ms for another clock

export class FrameQueue {
  /** @type {Bit[]} */
  #waiting = [];
  /** @type {Chunk[]} */
  #sent = [];
  #sequence = 0;
  /** @type {Uint8Array | null} description of the tracks from now on */
  #header = null;
  /** @type {Uint8Array | null} description that the server knows */
  #known = null;
  #newest = 0;
  #acked = 0;
  #hasHole = false;
  #isResuming = false;
  #needsKey = true;
  /** Rates of the encoders, and of the line. */
  given = new Flow();
  taken = new Flow();
  /** Number of packets of sound that were given up. */
  dropped = 0;
  /** Length of each, ms. */
  eachMs = 20;

  /** @param {number} keepMs maximum media kept while the line is down */
  constructor(keepMs) {
    this.keepMs = keepMs;
  }

  /** Set the description of the tracks from now on, for another size or codec. @param {Uint8Array} header */
  describe(header) {
    this.#header = header;
    this.#needsKey = true;
  }

  /**
   * @param {Frame} frame
   * @param {number} now
   * @returns {boolean} whether the frame is useful: after a gap only a keyframe is, and before the description none
   */
  add({ isSound, isKey, at, data }, now) {
    if (!this.#header || (!isSound && this.#needsKey && !isKey)) return false;
    if (!isSound) this.#needsKey = false;
    this.given.add(data.byteLength, now);
    if (this.empty) this.#acked = Math.max(this.#acked, this.#newest, at - 1);
    this.#newest = Math.max(this.#newest, at);
    const records = recordsOf(isSound ? Track.SOUND : Track.PICTURE, isKey && !isSound, at, data, CUT_BYTES);
    records.forEach((bytes, index) => this.#place({
      data: bytes, at, order: at - (isSound ? SOUND_AHEAD_MS : 0), isPicture: !isSound, isRest: index > 0, header: isSound ? null : this.#header,
    }));
    this.#forgetOldest();
    return true;
  }

  /** @param {Bit} bit gets its place in the order of sending */
  #place(bit) {
    let at = this.#waiting.length;
    while (at > 0 && this.#waiting[at - 1].order > bit.order) at -= 1;
    this.#waiting.splice(at, 0, bit);
  }

  /** Media (ms) that the server does not have yet. */
  get backlogMs() {
    return this.empty ? 0 : this.#newest - this.#acked;
  }

  get empty() {
    return this.#waiting.length === 0 && this.#sent.length === 0;
  }

  /** @param {number} sequence the server has everything up to here @param {number} now */
  acknowledged(sequence, now) {
    let bytes = 0;
    while (this.#sent[0]?.sequence <= sequence) {
      const chunk = /** @type {Chunk} */ (this.#sent.shift());
      this.#acked = Math.max(this.#acked, chunk.endsAt);
      bytes += chunk.bytes;
    }
    if (bytes > 0) this.taken.add(bytes, now);
  }

  /** Drop the pictures that wait. The next one must be a keyframe. The sound stays whole. */
  shed() {
    let isBegun = true; // the beginning of a picture is in flight, so its rest is needed
    const kept = this.#waiting.filter(({ isPicture, isRest }) => {
      if (isPicture && !isRest) isBegun = false;
      return !isPicture || (isRest && isBegun);
    });
    this.#needsKey = this.#needsKey || kept.length < this.#waiting.length;
    this.#waiting = kept;
  }

  /** Whether the next picture must be a keyframe. */
  get needsKey() {
    return this.#needsKey;
  }

  /**
   * Begin a new connection: everything after the server's last chunk has to be sent.
   * @param {number | null} resume number of that chunk; `null` means that it knows nothing, not even the tracks
   * @param {number} now
   */
  connected(resume, now) {
    if (resume !== null) this.acknowledged(resume, now);
    if (resume === null) this.#known = null;
    for (const chunk of this.#sent) {
      chunk.sentAt = 0;
      chunk.isLate = true;
    }
    this.#isResuming = true;
  }

  /**
   * Yield the chunks that may be sent now.
   * @param {number} now
   * @param {number} rttMs round trip
   * @returns {Generator<{sequence: number, flags: number, endsAt: number, data: Uint8Array}>}
   */
  *due(now, rttMs) {
    const eldest = this.#sent.find((one) => one.sentAt)?.sentAt ?? now;
    if (isLate(eldest, now, rttMs)) return;
    const window = flightBytes(this.taken.kbps(now), rttMs);
    let flight = this.#sent.reduce((sum, one) => sum + (one.sentAt ? one.bytes : 0), 0);
    for (const chunk of this.#sent.filter((one) => !one.sentAt)) {
      if (flight >= window) return;
      flight += chunk.bytes;
      yield this.#send(chunk, now);
    }
    while (flight < window && this.#waiting.length > 0) {
      const chunk = this.#nextChunk();
      this.#sent.push(chunk);
      flight += chunk.bytes;
      yield this.#send(chunk, now);
    }
    if (this.#waiting.length === 0) this.#isResuming = false;
  }

  /** @returns {Chunk} waiting bits of one description, as many as fit */
  #nextChunk() {
    /** @type {Uint8Array | null} */
    let header = null;
    let bytes = 0;
    let count = 0;
    for (const bit of this.#waiting) {
      const isOther = header !== null && bit.header !== null && bit.header !== header;
      if (count > 0 && (isOther || bytes + bit.data.byteLength > CUT_BYTES)) break;
      header ??= bit.header;
      bytes += bit.data.byteLength;
      count += 1;
    }
    const bits = this.#waiting.splice(0, count);
    this.#sequence += this.#hasHole ? 2 : 1;
    this.#hasHole = false;
    const endsAt = bits.reduce((most, one) => Math.max(most, one.at), 0);
    return { sequence: this.#sequence, bits, bytes, endsAt, header: header ?? /** @type {Uint8Array} */ (this.#header), isLate: this.#isResuming, sentAt: 0 };
  }

  /** @param {Chunk} chunk @param {number} now */
  #send(chunk, now) {
    const { sequence, bits, endsAt, header } = chunk;
    const isNew = header !== this.#known && (this.#known === null || bits.some((one) => one.isPicture));
    if (isNew) this.#known = header;
    chunk.sentAt = now;
    const data = joined([...(isNew ? [header] : []), ...bits.map((one) => one.data)]);
    return { sequence, flags: (isNew ? Flag.NEW_HEADER : 0) | (chunk.isLate ? Flag.LATE : 0), endsAt, data };
  }

  /** Drop the oldest bits that are not in flight, and leave their place empty. Those in flight may still arrive. */
  #forgetOldest() {
    const oldest = this.#newest - this.keepMs;
    const isGone = (/** @type {Bit} */ one) => one.at < oldest;
    const chunk = this.#sent.find((one) => !one.sentAt);
    if (chunk && chunk.endsAt < oldest) {
      this.#sent.splice(this.#sent.indexOf(chunk), 1);
      this.#count(chunk.bits);
    }
    if (!this.#waiting.some(isGone)) return;
    this.#count(this.#waiting.filter(isGone));
    this.#waiting = this.#waiting.filter((one) => !isGone(one));
    this.#hasHole = true;
  }

  /** @param {Bit[]} gone */
  #count(gone) {
    this.dropped += gone.filter((one) => !one.isPicture).length;
  }
}
