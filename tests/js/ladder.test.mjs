import assert from "node:assert/strict";
import { test } from "node:test";

import { Ladder, RUNGS, rungFor } from "../../static/js/lib/ladder.js";

const BOTTOM = RUNGS.length - 1;

/** Judge four times a second; `sees(second, rung)`: what line and computer are like. Gives the rungs that were taken and when, s. */
function climb(ladder, from, seconds, sees) {
  const steps = [];
  for (let second = from; second < from + seconds; second += 0.25) {
    if (ladder.judge({ isThin: false, kbps: 5000, ...sees(second, RUNGS[ladder.rung]) }, second * 1000)) steps.push([second, ladder.rung]);
  }
  return steps;
}

/** A line; `bears(second)`: what it takes, kbit/s. */
function walk(ladder, from, seconds, bears) {
  return climb(ladder, from, seconds, (second, { video, audio }) => {
    const kbps = bears(second);
    return { isThin: kbps < video + audio, kbps: Math.min(kbps, video + audio) };
  });
}

/** A computer that encodes so many pictures of 720 lines in a second. */
function labour(ladder, from, seconds, perSecond) {
  return climb(ladder, from, seconds, (_, { fps, lines }) => {
    const load = (fps / perSecond) * (Math.min(lines, 720) / 720) ** 2;
    return { load: Math.min(load, 1), isBusy: load > 1.2 };
  });
}

test("a good line and a good computer keep the best picture", () => {
  assert.deepEqual(walk(new Ladder(), 0, 600, () => 5000), []);
  assert.deepEqual(labour(new Ladder(), 0, 600, 100), []);
});

test("a thin line takes it down at once to what it bears, and no further", () => {
  for (const [kbps, rung] of [[1500, 1], [900, 2], [500, 3], [270, 4], [170, 5], [100, 6], [20, 7]]) {
    const steps = walk(new Ladder(), 0, 12, () => kbps);
    assert.deepEqual(steps, [[0, rung]], String(kbps));
  }
});

test("a line that becomes thinner takes it down again, when the step before has had time to help", () => {
  const ladder = new Ladder();
  assert.deepEqual(walk(ladder, 0, 20, (second) => (second < 2 ? 1500 : 200)), [[0, 1], [6, 5]]);
});

test("the sound is never the first to go", () => {
  for (const [index, rung] of RUNGS.entries()) {
    if (index > 0) assert.ok(rung.video / RUNGS[index - 1].video < rung.audio / RUNGS[index - 1].audio);
  }
});

test("the rate gives way first, then the size, then the number of pictures", () => {
  for (const [index, rung] of RUNGS.entries()) {
    if (index > 0) for (const what of ["video", "audio", "fps", "lines"]) assert.ok(rung[what] <= RUNGS[index - 1][what]);
  }
  assert.deepEqual([...new Set(RUNGS.map((one) => one.lines))], [1080, 720, 540, 360, 180]);
  assert.deepEqual([...new Set(RUNGS.map((one) => one.fps))], [25, 12, 5, 1]);
});

test("a line that is good again gets its picture back within forty seconds", () => {
  const ladder = new Ladder();
  walk(ladder, 0, 7, () => 20);
  assert.equal(ladder.rung, BOTTOM);
  walk(ladder, 7, 40, () => 5000);
  assert.equal(ladder.rung, 0);
  assert.equal(ladder.reason, "");
});

test("what the line does not bear is tried less and less often", () => {
  const ladder = new Ladder();
  const steps = walk(ladder, 0, 1200, () => 500);
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
  assert.ok(climbed >= 60 + 7 && climbed < 60 + 17, String(climbed));
});

test("a slow computer gives way step by step until it keeps up, and stays there", () => {
  for (const [perSecond, rung] of [[18, 2], [10, 3], [3, 4], [0.9, 5], [0.2, 7]]) {
    const ladder = new Ladder();
    labour(ladder, 0, 60, perSecond);
    assert.equal(ladder.rung, rung, String(perSecond));
    assert.equal(ladder.reason, "processor");
    assert.deepEqual(labour(ladder, 60, 600, perSecond), [], "its load says that more would be too much");
  }
});

test("a computer that was busy for a while gets its picture back", () => {
  const ladder = new Ladder();
  labour(ladder, 0, 20, 3);
  labour(ladder, 20, 90, 100);
  assert.equal(ladder.rung, 0);
});

test("a computer that was measured begins with what it manages", () => {
  assert.deepEqual([200, 45, 25, 12, 5, 1.2, 0.5, 0.05].map(rungFor), [0, 0, 2, 3, 4, 5, 6, 7]);
  const ladder = new Ladder(3);
  assert.deepEqual([ladder.rung, ladder.reason], [3, "processor"]);
});
