import assert from "node:assert/strict";
import { test } from "node:test";

import { WebmParts, joined } from "../../static/js/lib/webm-parts.js";
import { CLUSTER, HEADER, PICTURE, SOUND, block, cluster, element } from "./webm.mjs";

const RECORDING = [
  HEADER,
  cluster(0, block(SOUND, 0, 80), block(PICTURE, 0, 4000), block(SOUND, 20, 80)),
  cluster(250, element([0xa0], element([0xa1], [0x80 | PICTURE, 0, 0, 0], new Uint8Array(500)), element([0x9b], [40])), block(SOUND, 20, 80)),
];

const pictures = (parts) => parts.filter((one) => one.isPicture).map((one) => one.data.byteLength);
const bytes = (parts) => joined([new Uint8Array(0), ...parts.map((one) => one.data)]);

test("tells pictures from everything else, and leaves every byte where it was", () => {
  const parts = new WebmParts().take(joined(RECORDING));
  assert.deepEqual(pictures(parts), [4000 + 9, 500 + 9 + 6 + 5]);
  assert.deepEqual(bytes(parts), joined(RECORDING));
});

test("it does not matter where the recorder cuts", () => {
  const whole = joined(RECORDING);
  for (const step of [1, 2, 3, 7, 64, 1000]) {
    const reader = new WebmParts();
    const parts = [];
    for (let at = 0; at < whole.length; at += Math.max(4, step)) parts.push(...reader.take(whole.subarray(at, at + Math.max(4, step))));
    assert.deepEqual(pictures(parts), [4000 + 9, 500 + 9 + 6 + 5], String(step));
    assert.deepEqual(bytes(parts), whole, String(step));
  }
});

test("a picture that is not whole waits for its rest", () => {
  const reader = new WebmParts();
  const picture = block(PICTURE, 0, 3000);
  assert.deepEqual(bytes(reader.take(joined([HEADER, CLUSTER, picture.subarray(0, 1000)]))), joined([HEADER, CLUSTER]));
  assert.deepEqual(reader.take(picture.subarray(1000)), [{ data: picture, isPicture: true }]);
});

test("a cluster that says how long it is, is gone into as well", () => {
  const parts = new WebmParts().take(joined([HEADER, element([0x1f, 0x43, 0xb6, 0x75], element([0xe7], [0]), block(PICTURE, 0, 30))]));
  assert.deepEqual(pictures(parts), [39]);
});

test("a size may be written with eight bytes, as Firefox does", () => {
  const long = (number, body) => joined([Uint8Array.from([...number, 1, 0, 0, 0, 0, 0, body.length >> 8, body.length & 255]), body]);
  const header = joined([long([0x1a, 0x45, 0xdf, 0xa3], new Uint8Array(31)), HEADER.subarray(8)]);
  const odd = long([0x11, 0x4d, 0x9b, 0x74], new Uint8Array(0));
  const parts = new WebmParts().take(joined([header, odd, cluster(0, block(PICTURE, 0, 331), block(SOUND, 0, 31))]));
  assert.deepEqual(pictures(parts), [340]);
});

test("without the description of a picture's track nothing is one", () => {
  const noTracks = joined([element([0x1a, 0x45, 0xdf, 0xa3]), CLUSTER, block(PICTURE, 0, 30)]);
  assert.deepEqual(pictures(new WebmParts().take(noTracks)), []);
});

test("what is no WebM, or none that a browser writes, goes on as it came", () => {
  const mp4 = Uint8Array.from([0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 1, 2, 3]);
  const endless = joined([HEADER, Uint8Array.of(0xa3, 0xff, 1, 2, 3)]);
  for (const odd of [mp4, endless]) {
    const reader = new WebmParts();
    assert.deepEqual(bytes(reader.take(odd)), odd);
    assert.deepEqual(bytes(reader.take(odd)), odd);
  }
});
