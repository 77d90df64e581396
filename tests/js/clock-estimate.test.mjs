import assert from "node:assert/strict";
import { test } from "node:test";

import { ClockEstimate } from "../../static/js/lib/clock-estimate.js";

test("nobody knows the time before the first answer", () => {
  assert.equal(new ClockEstimate().offset, null);
});

test("the quickest answer counts, not the last, nor the middle of all", () => {
  const clock = new ClockEstimate();
  clock.add(1000, 501_300, 1400); // slow on the way back: 100 there, 300 back
  clock.add(2000, 502_005, 2010);
  clock.add(3000, 503_180, 3200); // slow on the way there
  assert.equal(clock.offset, 500_000);
  assert.equal(clock.doubt, 5);
});

test("the truth lies within the doubt, whichever way was the slow one", () => {
  const truth = 7_777_777;
  const clock = new ClockEstimate();
  let seed = 7;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  for (let now = 0; now < 10_000; now += 500) {
    const [there, back] = [2 + 80 * random(), 2 + 400 * random()];
    clock.add(now, now + there + truth, now + there + back);
  }
  assert.ok(Math.abs(clock.offset - truth) <= clock.doubt);
  assert.ok(clock.doubt < 60);
});

test("a measurement that is minutes old gives way, even to a slower one", () => {
  const clock = new ClockEstimate();
  clock.add(0, 100, 0);
  clock.add(6 * 60_000, 6 * 60_000 + 150, 6 * 60_000 + 100);
  assert.equal(clock.offset, 100);
  assert.equal(clock.doubt, 50);
});

test("answers before the question, and none at all, are left aside", () => {
  const clock = new ClockEstimate();
  clock.add(1000, 5, 900);
  clock.add(1000, NaN, 1100);
  assert.equal(clock.offset, null);
});
