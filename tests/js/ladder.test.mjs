import assert from "node:assert/strict";
import { test } from "node:test";

import { Ladder, RUNGS } from "../../static/js/classroom/sending/ladder.js";

/** Judge once a second; gives the rungs that were taken and when, s. */
function walk(ladder, from, seconds, strained) {
  const steps = [];
  for (let second = from; second < from + seconds; second += 1) {
    if (ladder.judge(strained(second), second * 1000)) steps.push([second, ladder.rung]);
  }
  return steps;
}

test("a good line keeps the best picture", () => {
  assert.deepEqual(walk(new Ladder(), 0, 600, () => false), []);
});

test("a thin line takes it down step by step, and each step has time to help", () => {
  const steps = walk(new Ladder(), 0, 60, () => true);
  assert.deepEqual(steps, [[0, 1], [6, 2], [12, 3], [18, 4]]);
});

test("the sound is never the first to go", () => {
  for (const [index, rung] of RUNGS.entries()) {
    if (index > 0) assert.ok(rung.video / RUNGS[index - 1].video < rung.audio / RUNGS[index - 1].audio);
  }
});

test("a line that is good again gets its picture back", () => {
  const ladder = new Ladder();
  walk(ladder, 0, 7, () => true);
  assert.equal(ladder.rung, 2);
  walk(ladder, 7, 60, () => false);
  assert.equal(ladder.rung, 0);
});

test("what the line does not bear is tried less and less often", () => {
  const ladder = new Ladder();
  const steps = walk(ladder, 0, 900, () => ladder.rung < 2);
  const tries = steps.filter(([, rung]) => rung === 1).map(([second]) => second).slice(1);
  const waits = tries.slice(1).map((second, index) => second - tries[index]);
  assert.ok(tries.length >= 3, String(steps));
  assert.ok(waits.every((wait, index) => index === 0 || wait > waits[index - 1]), String(waits));
});
