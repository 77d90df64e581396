import assert from "node:assert/strict";
import { test } from "node:test";

import { SampleClock } from "../../static/js/lib/sample-clock.js";

const ORIGIN = 1_700_000_000_000;

/** Hear pieces of 20 ms; `late(n)`: how late the n-th arrives. Gives by how much each is dated wrong. */
function heard(clock, from, count, late, missing = 0) {
  return Array.from({ length: count }, (_, index) => {
    const counted = (from + index + 1) * 20;
    const truth = ORIGIN + counted + missing;
    return clock.beganAt(counted, truth + late(index), 20) - (truth - 20);
  });
}

test("what arrives late was heard in time", () => {
  const errors = heard(new SampleClock(), 0, 500, (n) => (n % 7) * 9);
  assert.ok(errors.every((error) => Math.abs(error) < 1), String(Math.max(...errors)));
});

test("a computer that is busy from the beginning is put right without a step", () => {
  const errors = heard(new SampleClock(), 0, 500, (n) => (n < 5 ? 40 : 0));
  assert.ok(Math.abs(errors.at(-1)) < 1);
  assert.ok(errors.every((error, index) => index === 0 || Math.abs(error - errors[index - 1]) <= 0.4 + 1e-3));
});

test("sound that is missing is missing, and the rest keeps its time", () => {
  const clock = new SampleClock();
  heard(clock, 0, 200, () => 0);
  const errors = heard(clock, 200, 400, () => 0, 500);
  assert.ok(Math.abs(errors.at(-1)) < 1, String(errors.at(-1)));
});
