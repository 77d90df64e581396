// WebM as browsers record it, made by hand: RFC 8794, RFC 9559.

import { joined } from "../../static/js/lib/webm-parts.js";

export const PICTURE = 1;
export const SOUND = 2;
const UNKNOWN = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/** @param {number[]} number @param {...(Uint8Array | number[])} bodies */
export function element(number, ...bodies) {
  const body = joined([new Uint8Array(0), ...bodies.map((one) => Uint8Array.from(one))]);
  const size = [0x10 | (body.length >> 24), (body.length >> 16) & 255, (body.length >> 8) & 255, body.length & 255];
  return joined([Uint8Array.from([...number, ...size]), body]);
}

const track = (number, type) => element([0xae], element([0xd7], [number]), element([0x83], [type]));

export const HEADER = joined([
  element([0x1a, 0x45, 0xdf, 0xa3]),
  Uint8Array.of(0x18, 0x53, 0x80, 0x67), UNKNOWN,
  element([0x16, 0x54, 0xae, 0x6b], track(PICTURE, 1), track(SOUND, 2)),
]);

export const CLUSTER = joined([Uint8Array.of(0x1f, 0x43, 0xb6, 0x75), UNKNOWN]);

/** @param {number} at ms, below 256 here @param {...Uint8Array} blocks */
export function cluster(at, ...blocks) {
  return joined([CLUSTER, element([0xe7], [at >> 8, at & 255]), ...blocks]);
}

/** @param {number} number of its track @param {number} at ms after its cluster @param {number} size bytes */
export function block(number, at, size) {
  return element([0xa3], [0x80 | number, at >> 8, at & 255, 0x80], new Uint8Array(size).fill(number));
}
