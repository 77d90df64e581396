import assert from "node:assert/strict";
import { test } from "node:test";
import { SoundDebt } from "../../static/js/lib/sound-debt.js";

test("a context that has missed 30 ms is late, but not within five seconds after it was plugged in", () => {
  const debt = new SoundDebt();
  debt.plugged(1000, 10);
  assert.equal(debt.isLate(5999, 14), false, "it has missed a second, but was plugged in just now");
  assert.equal(debt.isLate(6000, 14.971), false);
  assert.equal(debt.isLate(6000, 14.97), true);
  debt.plugged(6000, 14.97);
  assert.equal(debt.isLate(12_000, 20.97), false, "nothing waits after it was plugged in anew");
});
