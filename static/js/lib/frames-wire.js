// Frames of this browser's encoders as records: docs/ingest.md, “Frames”, with media_worker/browser/frames.py at the
// other end.

export const MAGIC = new TextEncoder().encode("JTf1");
export const Track = { PICTURE: 1, SOUND: 2 };
export const Part = { KEY: 1, DESCRIPTION: 2, OPEN: 4, REST: 8 };
export const HEAD_BYTES = 16;

/**
 * @param {number} track
 * @param {number} part
 * @param {number} at moment of capture, ms on this browser's clock
 * @param {Uint8Array} data
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function record(track, part, at, data) {
  const bytes = new Uint8Array(HEAD_BYTES + data.byteLength);
  const head = new DataView(bytes.buffer);
  head.setUint8(0, track);
  head.setUint8(1, part);
  head.setUint32(4, data.byteLength);
  head.setBigUint64(8, BigInt(Math.max(0, Math.round(at * 1000))));
  bytes.set(data, HEAD_BYTES);
  return bytes;
}

/**
 * Return the record that describes a track.
 * @param {number} track
 * @param {{fourcc: string, width?: number, height?: number, config?: Uint8Array}} about config: configuration of the decoder
 */
export function description(track, { fourcc, width = 0, height = 0, config = new Uint8Array(0) }) {
  const data = new Uint8Array(8 + config.byteLength);
  const fields = new DataView(data.buffer);
  data.set(new TextEncoder().encode(fourcc));
  fields.setUint16(4, width);
  fields.setUint16(6, height);
  data.set(config, 8);
  return record(track, Part.DESCRIPTION, 0, data);
}

/**
 * Return a frame as records of at most `most` bytes, heads included.
 * @param {number} track
 * @param {boolean} isKey
 * @param {number} at ms on this browser's clock
 * @param {Uint8Array} data
 * @param {number} most
 * @returns {Uint8Array[]}
 */
export function recordsOf(track, isKey, at, data, most) {
  const size = most - HEAD_BYTES;
  const records = [];
  for (let from = 0; from < data.byteLength; from += size) {
    const part = (isKey ? Part.KEY : 0) | (from > 0 ? Part.REST : 0) | (from + size < data.byteLength ? Part.OPEN : 0);
    records.push(record(track, part, at, data.subarray(from, from + size)));
  }
  return records;
}
