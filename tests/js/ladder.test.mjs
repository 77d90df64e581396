import assert from "node:assert/strict";
import { test } from "node:test";

import { Ladder, RUNGS } from "../../static/js/classroom/sending/ladder.js";

const BOTTOM = RUNGS.length - 1;

/** Judge a line four times a second; `bears(second)`: what it takes, kbit/s. Gives the rungs that were taken and when, s. */
function walk(ladder, from, seconds, bears) {
  const steps = [];
  for (let second = from; second < from + seconds; second += 0.25) {
    const { video, audio } = RUNGS[ladder.rung];
    const kbps = bears(second);
    if (ladder.judge(kbps < video + audio, Math.min(kbps, video + audio), second * 1000)) steps.push([second, ladder.rung]);
  }
  return steps;
}

test("a good line keeps the best picture", () => {
  assert.deepEqual(walk(new Ladder(), 0, 600, () => 5000), []);
});

test("a thin line takes it down at once to what it bears, and no further", () => {
  for (const [kbps, rung] of [[1500, 1], [800, 2], [400, 3], [200, 4], [100, 5], [20, 5]]) {
    const steps = walk(new Ladder(), 0, 12, () => kbps);
    assert.deepEqual(steps, [[0, rung]], String(kbps));
  }
});

test("a line that becomes thinner takes it down again, when the step before has had time to help", () => {
  const ladder = new Ladder();
  assert.deepEqual(walk(ladder, 0, 20, (second) => (second < 2 ? 1500 : 200)), [[0, 1], [6, 4]]);
});

test("the sound is never the first to go", () => {
  for (const [index, rung] of RUNGS.entries()) {
    if (index > 0) assert.ok(rung.video / RUNGS[index - 1].video < rung.audio / RUNGS[index - 1].audio);
  }
});

test("each rung asks less of the line, and of the picture", () => {
  for (const [index, rung] of RUNGS.entries()) {
    if (index > 0) for (const what of ["video", "audio", "fps", "lines"]) assert.ok(rung[what] <= RUNGS[index - 1][what]);
  }
});

test("a line that is good again gets its picture back within a minute and a half", () => {
  const ladder = new Ladder();
  walk(ladder, 0, 7, () => 100);
  assert.equal(ladder.rung, BOTTOM);
  walk(ladder, 7, 90, () => 5000);
  assert.equal(ladder.rung, 0);
});

test("what the line does not bear is tried less and less often", () => {
  const ladder = new Ladder();
  const steps = walk(ladder, 0, 900, () => 400);
  const tries = steps.filter(([, rung]) => rung === 2).map(([second]) => second);
  const waits = tries.slice(1).map((second, index) => second - tries[index]);
  assert.ok(tries.length >= 3, String(steps));
  assert.ok(waits.every((wait, index) => index === 0 || wait > waits[index - 1]), String(waits));
});

test("at the bottom nothing can give way any more", () => {
  const ladder = new Ladder();
  walk(ladder, 0, 60, () => 20);
  assert.equal(ladder.rung, BOTTOM);
  const [[climbed]] = walk(ladder, 60, 60, () => 5000);
  assert.ok(climbed > 60 + 20 && climbed < 60 + 25, String(climbed));
});
