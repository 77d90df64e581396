import assert from "node:assert/strict";
import { test } from "node:test";

import { ThinLine } from "../../static/js/lib/thin-line.js";

test("a line is poor when the picture stands again and again, and good when it has not for a while", () => {
  const line = new ThinLine();
  for (const at of [1000, 5000, 9000]) line.stalled(at, 800);
  assert.equal(line.isPoor(10_000), true);
  assert.equal(line.isGood(10_000), false);
  assert.equal(line.isGood(28_000), false, "not at once: it would come and go");
  assert.equal(line.isGood(30_000), true);
});

test("a line is poor when pieces take as long to come as they last, and good when they come much quicker", () => {
  const line = new ThinLine();
  for (let piece = 0; piece < 12; piece += 1) line.came(1, 950);
  assert.equal(line.isPoor(0), true);
  assert.equal(line.isGood(0), false);
  for (let piece = 0; piece < 10; piece += 1) line.came(1, 100);
  assert.equal(line.isGood(0), true);
});

test("standing for a blink is no stall", () => {
  const line = new ThinLine();
  for (const at of [1, 2, 3, 4]) line.stalled(at, 600);
  assert.equal(line.isPoor(5), false);
});
