import assert from "node:assert/strict";
import { test } from "node:test";

import { Pace } from "../../static/js/lib/pace.js";

/** Beat for some seconds, with so many ms between two beats. */
function beaten(everyMs, { refused = () => false, tookMs = 5, fps = 25 } = {}) {
  const pace = new Pace();
  let at = 0;
  for (let count = 0; at < 6000; count += 1, at += everyMs) {
    pace.beat(at, 1000 / fps, refused(count));
    pace.took(at, tookMs);
  }
  return { busy: pace.isBusy(at), load: pace.load };
}

test("who keeps up is not busy, and its load is what the pictures take", () => {
  const { busy, load } = beaten(40);
  assert.equal(busy, false);
  assert.ok(Math.abs(load - 0.125) < 0.01, String(load));
});

test("who comes late, or has a full encoder, is busy", () => {
  assert.equal(beaten(60).busy, false, "a little late is no harm");
  assert.equal(beaten(80).busy, true);
  assert.equal(beaten(400).busy, true);
  assert.equal(beaten(40, { refused: (count) => count % 2 === 0 }).busy, true);
  assert.equal(beaten(40, { refused: (count) => count % 10 === 0 }).busy, false);
});

test("a step needs its time before it is judged", () => {
  const pace = new Pace();
  for (let at = 0; at < 2900; at += 200) pace.beat(at, 40, true);
  assert.equal(pace.isBusy(2900), false);
  pace.beat(3000, 40, true);
  assert.equal(pace.isBusy(3000), true);
  pace.forget();
  assert.equal(pace.isBusy(3000), false);
});
