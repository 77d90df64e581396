import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameQueue, SOUND_AHEAD_MS } from "../../static/js/lib/frame-queue.js";
import { MAGIC, Part, Track, description } from "../../static/js/lib/frames-wire.js";
import { Flag } from "../../static/js/lib/sending-wire.js";

const HEADER = new Uint8Array([...MAGIC, ...description(Track.SOUND, { fourcc: "Opus" })]);
const SMALLER = new Uint8Array([...MAGIC, ...description(Track.SOUND, { fourcc: "Opus", config: new Uint8Array(3) })]);
const NOW = 5000;

const sound = (at, bytes = 100) => ({ isSound: true, isKey: true, at, data: new Uint8Array(bytes) });
const picture = (at, bytes = 1000, isKey = false) => ({ isSound: false, isKey, at, data: new Uint8Array(bytes) });

/** What a chunk says, record by record. */
function read({ data, flags }) {
  const found = [];
  let at = flags & Flag.NEW_HEADER ? MAGIC.length : 0;
  for (const view = new DataView(data.buffer, data.byteOffset, data.byteLength); at < data.byteLength;) {
    const part = view.getUint8(at + 1);
    const size = view.getUint32(at + 4);
    if (!(part & Part.DESCRIPTION)) found.push([view.getUint8(at) === Track.SOUND ? "sound" : "picture", Number(view.getBigUint64(at + 8)) / 1000, part, size]);
    at += 16 + size;
  }
  return found;
}

/** Send all that may be sent, with an answer to it at once. */
function drain(queue, now = NOW) {
  const sent = [];
  for (let some = [...queue.due(now, 0)]; some.length > 0; some = [...queue.due(now, 0)]) {
    sent.push(...some);
    queue.acknowledged(some.at(-1).sequence, now);
  }
  return sent;
}

function filled(...frames) {
  const queue = new FrameQueue(10_000);
  queue.describe(HEADER);
  for (const one of frames) queue.add(one, NOW);
  return queue;
}

test("nothing goes before the tracks are described, and no picture before a keyframe", () => {
  const queue = new FrameQueue(10_000);
  assert.equal(queue.add(sound(0), NOW), false);
  queue.describe(HEADER);
  assert.equal(queue.add(picture(10), NOW), false);
  assert.equal(queue.add(picture(20, 1000, true), NOW), true);
  const [first, ...others] = drain(queue);
  assert.deepEqual([first.sequence, first.flags, others.length], [1, Flag.NEW_HEADER, 0]);
  assert.deepEqual(read(first).map(([what]) => what), ["picture"]);
});

test("sound overtakes the parts of a picture that waits, and no more than the server takes", () => {
  const queue = filled(picture(0, 60_000, true));
  const [...begun] = queue.due(NOW, 0);
  assert.ok(begun.length < 4, "what is on its way is little");
  queue.add(sound(10), NOW);
  queue.add(picture(SOUND_AHEAD_MS + 20), NOW);
  queue.add(sound(2 * SOUND_AHEAD_MS + 30), NOW);
  queue.acknowledged(begun.at(-1).sequence, NOW);
  const order = drain(queue).flatMap(read).map(([what, at]) => `${what} ${at}`);
  assert.equal(order[0], "sound 10");
  assert.deepEqual(order.slice(-2), [`picture ${SOUND_AHEAD_MS + 20}`, `sound ${2 * SOUND_AHEAD_MS + 30}`]);
});

test("what waits travels together", () => {
  const sent = drain(filled(picture(0, 100, true), ...Array.from({ length: 50 }, (_, index) => sound(index * 20))));
  assert.equal(sent.length, 1);
  assert.equal(read(sent[0]).length, 51);
});

test("pictures that wait are given up where the line does not bear them, and a keyframe comes next", () => {
  const queue = filled(picture(0, 1000, true), sound(10), picture(40), sound(30));
  queue.shed();
  assert.equal(queue.needsKey, true);
  queue.add(picture(80), NOW);
  queue.add(picture(120, 1000, true), NOW);
  queue.add(picture(160), NOW);
  const sent = drain(queue);
  assert.deepEqual(sent.flatMap(read).map(([what, at]) => [what, at]), [["sound", 10], ["sound", 30], ["picture", 120], ["picture", 160]]);
  assert.deepEqual(sent.map((one) => one.sequence), sent.map((_, index) => index + 1), "nobody takes it for a hole");
});

test("the rest of a picture that is on its way follows it", () => {
  const queue = filled(picture(0, 60_000, true));
  const [...begun] = queue.due(NOW, 0);
  queue.shed();
  queue.acknowledged(begun.at(-1).sequence, NOW);
  const bytes = [...begun, ...drain(queue)].flatMap(read).reduce((sum, [, , , size]) => sum + size, 0);
  assert.equal(bytes, 60_000);
});

test("another size is described with its first picture, and not before", () => {
  const queue = filled(picture(0, 1000, true));
  queue.describe(SMALLER);
  queue.add(sound(10), NOW);
  queue.add(picture(400, 500, true), NOW);
  queue.add(picture(440, 500), NOW);
  const sent = drain(queue);
  assert.deepEqual(sent.map((one) => one.flags), [Flag.NEW_HEADER, Flag.NEW_HEADER]);
  assert.deepEqual(sent[1].data.slice(0, SMALLER.length), SMALLER);
  assert.deepEqual(sent.flatMap(read).map(([what, at]) => `${what} ${at}`), ["sound 10", "picture 0", "picture 400", "picture 440"]);
});

test("a line that comes back gets what it has not, under the same numbers", () => {
  const queue = filled(picture(0, 1000, true));
  const first = [...queue.due(NOW, 0)];
  queue.add(sound(10), NOW);
  const second = [...queue.due(NOW, 0)];
  queue.connected(first[0].sequence, NOW);
  queue.add(sound(30), NOW);
  const sent = drain(queue);
  assert.deepEqual(sent.map((one) => [one.sequence, one.flags]), [[2, Flag.LATE], [3, Flag.LATE]]);
  assert.deepEqual(read(sent[0]), read(second[0]));
});

test("a server that knows nothing gets the description with the first of what was kept", () => {
  const queue = filled(picture(0, 1000, true));
  queue.acknowledged([...queue.due(NOW, 0)][0].sequence, NOW);
  queue.add(sound(10), NOW);
  queue.connected(null, NOW);
  const [first] = drain(queue);
  assert.equal(first.flags, Flag.NEW_HEADER | Flag.LATE);
  assert.deepEqual(first.data.slice(0, HEADER.length), HEADER);
});

test("ten seconds are kept, the oldest goes first, and its place stays empty", () => {
  const queue = filled(picture(0, 1000, true));
  queue.acknowledged([...queue.due(NOW, 0)][0].sequence, NOW);
  for (let at = 20; at <= 15_000; at += 20) queue.add(sound(at), at);
  assert.equal(queue.dropped, 249);
  assert.ok(queue.backlogMs > 14_900);
  const [first] = drain(queue, 15_000);
  assert.equal(first.sequence, 3);
  assert.equal(read(first)[0][1], 5000);
});

test("what waits is known by its media time", () => {
  const queue = filled(picture(0, 1000, true), sound(20), sound(1500));
  assert.equal(queue.backlogMs, 1500);
  drain(queue);
  assert.equal(queue.backlogMs, 0);
});
