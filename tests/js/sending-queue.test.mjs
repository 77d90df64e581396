import assert from "node:assert/strict";
import { test } from "node:test";

import { SendingQueue } from "../../static/js/lib/sending-queue.js";
import { Flag } from "../../static/js/lib/sending-wire.js";
import { joined } from "../../static/js/lib/webm-parts.js";
import { CLUSTER, HEADER, PICTURE, SOUND, block, cluster } from "./webm.mjs";

/** Send all that may be sent, with an answer to it at once. */
function drain(queue, now) {
  const sent = [];
  for (let some = [...queue.due(now, 0)]; some.length > 0; some = [...queue.due(now, 0)]) {
    sent.push(...some);
    queue.acknowledged(some.at(-1).sequence, now);
  }
  return joined([new Uint8Array(0), ...sent.map((one) => one.data)]);
}

test("what waits goes without its pictures when the line does not bear them, and the sound stays whole", () => {
  const queue = new SendingQueue(10_000);
  const sounds = [0, 20, 40].map((at) => block(SOUND, at, 100));
  queue.add(HEADER, 0, true, 1);
  queue.add(cluster(0, sounds[0], block(PICTURE, 0, 9000)), 250, false, 1);
  queue.add(cluster(250, sounds[1], block(PICTURE, 0, 9000), sounds[2]), 500, false, 1);
  queue.shed();
  queue.add(cluster(500, block(PICTURE, 0, 50), sounds[0]), 750, false, 1);
  queue.add(HEADER, 1000, true, 1);
  queue.add(cluster(0, block(PICTURE, 0, 70)), 1250, false, 1);
  const expected = [HEADER, cluster(0, sounds[0]), cluster(250, sounds[1], sounds[2]), cluster(500, sounds[0]), HEADER, cluster(0, block(PICTURE, 0, 70))];
  assert.deepEqual(drain(queue, 2), joined(expected));
});

test("the rest of a picture that is on its way follows it", () => {
  const queue = new SendingQueue(10_000);
  const [picture, sound] = [block(PICTURE, 0, 60_000), block(SOUND, 0, 100)];
  queue.add(joined([HEADER, CLUSTER, picture, sound, block(PICTURE, 40, 3000)]), 250, true, 1);
  const [...begun] = queue.due(1, 0);
  const bytes = begun.reduce((sum, one) => sum + one.data.byteLength, 0);
  assert.ok(bytes < picture.byteLength);
  queue.shed();
  queue.acknowledged(begun.at(-1).sequence, 2);
  const all = joined([...begun.map((one) => one.data), drain(queue, 2)]);
  assert.deepEqual(all, joined([HEADER, CLUSTER, picture, sound]));
});

test("numbers rise by one also where nothing is left of a piece", () => {
  const queue = new SendingQueue(10_000);
  queue.add(HEADER, 0, true, 1);
  queue.add(cluster(0, block(PICTURE, 0, 40_000), block(SOUND, 0, 50)), 250, false, 1);
  queue.shed();
  const numbers = [...queue.due(1, 0)].map((one) => one.sequence);
  assert.deepEqual(numbers, numbers.map((_, index) => index + 1));
});

test("a recorder whose first bytes come one by one is described before anything of it is sent", () => {
  const queue = new SendingQueue(10_000);
  const sound = cluster(0, block(SOUND, 0, 100));
  queue.add(HEADER.slice(0, 1), 250, true, 1);
  queue.add(HEADER.slice(1, 20), 500, false, 1);
  assert.ok(queue.empty);
  queue.add(joined([HEADER.slice(20), sound]), 750, false, 1);
  queue.add(cluster(250, block(PICTURE, 0, 9000), block(SOUND, 0, 100)), 1000, false, 1);
  queue.shed();
  assert.deepEqual(drain(queue, 2), joined([HEADER, sound, cluster(250, block(SOUND, 0, 100))]));
});

test("what describes a recorder is sent anew as a whole, however it came", () => {
  const queue = new SendingQueue(1000);
  queue.add(HEADER.slice(0, 1), 250, true, 1);
  queue.add(joined([HEADER.slice(1), cluster(0, block(SOUND, 0, 100))]), 500, false, 1);
  for (let at = 1; at < 9; at += 1) queue.add(cluster(at, block(SOUND, 0, 100)), 500 + at * 250, false, 1);
  const [first] = queue.due(2, 0); // the piece that described it was given up
  assert.equal(first.flags, Flag.NEW_HEADER | Flag.HEADER_ONLY);
  assert.deepEqual(first.data.slice(0, HEADER.length), HEADER);
});

test("what is no WebM stays whole", () => {
  const queue = new SendingQueue(10_000);
  const mp4 = Uint8Array.from({ length: 20_000 }, (_, index) => index % 251);
  queue.add(mp4, 0, true, 1);
  queue.shed();
  queue.add(mp4, 250, false, 1);
  assert.deepEqual(drain(queue, 2), joined([mp4, mp4]));
});
