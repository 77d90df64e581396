// A recorder's WebM, split into pictures and the rest, so that the recording can go without its pictures over a line
// that is too thin for both.
//
// Source: RFC 8794 (EBML), RFC 9559 (Matroska; element numbers: section 5.1, blocks: section 10).

/** @typedef {{data: Uint8Array, isPicture: boolean}} Part whole elements: one picture, or other elements that lie together */
/** @typedef {{number: number, body: number, end: number}} Element beginning and end of its body; the end is Infinity if it is not declared */

const EBML = 0x1a45dfa3;
const TRACKS = 0x1654ae6b;
const ENTERED = new Set([0x18538067, 0x1f43b675]); // Segment, Cluster
const TIMESTAMP = 0xe7; // of a cluster, ms
const SIMPLE_BLOCK = 0xa3;
const GROUP = 0xa0;
const BLOCK = 0xa1;
const ENTRY = 0xae;
const NUMBER = 0xd7;
const TYPE = 0x83;
const VIDEO = 1;

export class WebmParts {
  #rest = new Uint8Array(0);
  /** @type {Set<number>} */
  #pictures = new Set();
  #hasBegun = false;
  #isOdd = false;
  #clusterMs = 0;
  /** Time of the newest picture, ms since the recording began; NaN before the first one, and if the data is no WebM. */
  pictureMs = NaN;

  /**
   * @param {Uint8Array} data the recorder's next bytes
   * @returns {Part[]} parts that are whole now. A cut-off element waits for its rest; other data than WebM passes unchanged
   */
  take(data) {
    if (!this.#hasBegun) this.#isOdd = uint(data, 0, 4) !== EBML;
    this.#hasBegun = true;
    if (this.#isOdd) return [{ data, isPicture: false }];
    const all = joined([this.#rest, data]);
    /** @type {Part[]} */
    const parts = [];
    let at = 0;
    let from = 0; // other elements are gathered from here
    for (let found = elementAt(all, at); found; found = elementAt(all, at)) {
      if (ENTERED.has(found.number)) at = found.body;
      else if (found.end === Infinity) return this.#giveUp(all);
      else if (found.end > all.byteLength) break;
      else {
        if (found.number === TIMESTAMP) this.#clusterMs = uint(all, found.body, found.end);
        if (found.number === TRACKS) this.#pictures = videoTracks(all.subarray(found.body, found.end));
        if (this.#isPicture(all, found)) {
          if (at > from) parts.push({ data: all.subarray(from, at), isPicture: false });
          parts.push({ data: all.subarray(at, found.end), isPicture: true });
          if (found.number === SIMPLE_BLOCK) this.pictureMs = this.#clusterMs + ticksOf(all, found.body);
          from = found.end;
        }
        at = found.end;
      }
    }
    if (at > from) parts.push({ data: all.subarray(from, at), isPicture: false });
    this.#rest = all.slice(at);
    return parts;
  }

  /** @param {Uint8Array} all @returns {Part[]} */
  #giveUp(all) {
    this.#isOdd = true;
    return [{ data: all, isPicture: false }];
  }

  /** @param {Uint8Array} all @param {Element} found */
  #isPicture(all, { number, body }) {
    if (number === GROUP) {
      const first = elementAt(all, body);
      return first?.number === BLOCK && this.#pictures.has(trackOf(all, first.body));
    }
    return number === SIMPLE_BLOCK && this.#pictures.has(trackOf(all, body));
  }
}

/**
 * Return whether a recorder's first bytes describe its tracks. Chrome cuts when its time is up, even after the very
 * first byte.
 * @param {Uint8Array} data
 * @param {number} most number of bytes that describe any tracks
 */
export function isDescribed(data, most) {
  if (data.byteLength < 8) return false;
  if (uint(data, 0, 4) !== EBML || data.byteLength >= most) return true; // MP4 comes whole
  let at = 0;
  for (let found = elementAt(data, at); found; found = elementAt(data, at)) {
    if (found.number === TRACKS) return found.end <= data.byteLength;
    at = ENTERED.has(found.number) ? found.body : found.end;
    if (at === Infinity) return true;
  }
  return false;
}

/** @param {Uint8Array[]} arrays */
export function joined(arrays) {
  if (arrays.length === 1) return arrays[0];
  const all = new Uint8Array(arrays.reduce((sum, one) => sum + one.byteLength, 0));
  let at = 0;
  for (const one of arrays) {
    all.set(one, at);
    at += one.byteLength;
  }
  return all;
}

/** @param {Uint8Array} tracks body of the element @returns {Set<number>} */
function videoTracks(tracks) {
  const found = new Set();
  for (let at = 0, entry = elementAt(tracks, at); entry && entry.end <= tracks.byteLength; at = entry.end, entry = elementAt(tracks, at)) {
    if (entry.number !== ENTRY) continue;
    const fields = tracks.subarray(entry.body, entry.end);
    let number = 0;
    let type = 0;
    for (let on = 0, field = elementAt(fields, on); field && field.end <= fields.byteLength; on = field.end, field = elementAt(fields, on)) {
      if (field.number === NUMBER) number = uint(fields, field.body, field.end);
      if (field.number === TYPE) type = uint(fields, field.body, field.end);
    }
    if (type === VIDEO) found.add(number);
  }
  return found;
}

/** @param {Uint8Array} data @param {number} at @returns {Element | null} null if not even its head is whole */
function elementAt(data, at) {
  const width = widthAt(data, at);
  const sizeWidth = widthAt(data, at + width);
  const body = at + width + sizeWidth;
  if (body > data.byteLength || width === 0 || sizeWidth === 0) return null;
  const isOpen = data[at + width] === 2 ** (9 - sizeWidth) - 1 && data.subarray(at + width + 1, body).every((byte) => byte === 0xff);
  return { number: uint(data, at, at + width), body, end: isOpen ? Infinity : body + withoutMark(data, at + width, sizeWidth) };
}

/** @param {Uint8Array} data @param {number} at @returns {number} bytes of the number that begins there; 0 if it is not there */
function widthAt(data, at) {
  return at < data.byteLength && data[at] > 0 ? Math.clz32(data[at]) - 23 : 0;
}

/** Return the time of a block within its cluster. @param {Uint8Array} data @param {number} at */
function ticksOf(data, at) {
  const from = at + widthAt(data, at);
  return (uint(data, from, from + 2) << 16) >> 16;
}

/** @param {Uint8Array} data @param {number} at */
function trackOf(data, at) {
  return withoutMark(data, at, widthAt(data, at));
}

/** @param {Uint8Array} data @param {number} at @param {number} width */
function withoutMark(data, at, width) {
  const first = data[at] % 2 ** (8 - width); // with the mark a number of eight bytes is no safe integer
  return first * 256 ** (width - 1) + uint(data, at + 1, at + width);
}

/** @param {Uint8Array} data @param {number} from @param {number} to */
function uint(data, from, to) {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 256 + data[at];
  return value;
}
