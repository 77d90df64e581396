import assert from "node:assert/strict";
import { test } from "node:test";

import { StageClock } from "../../static/js/lib/stage-clock.js";
import { ThinLine } from "../../static/js/lib/thin-line.js";

const T = 1_700_000_000_000;
const live = (more) => ({ past: false, curtain: false, resumedAt: -Infinity, wall: null, now: T, newest: null, ...more });

test("the stage shows the moment of the picture", () => {
  assert.equal(new StageClock().moment(live({ wall: T - 2000, newest: T - 5000 })), T - 2000);
});

test("without a picture, and behind a curtain, it shows the newest at once", () => {
  const clock = new StageClock();
  assert.equal(clock.moment(live({ newest: T - 100 })), T);
  assert.equal(clock.moment(live({ curtain: true, wall: T - 9000, newest: T + 30 })), T + 30); // this device's clock is late
});

test("a picture that stops leaves the stage as it is", () => {
  const clock = new StageClock();
  clock.moment(live({ wall: T - 2000 }));
  assert.equal(clock.moment(live({ wall: null })), null);
});

test("when the picture comes, what was shown already is not taken back", () => {
  const clock = new StageClock();
  assert.equal(clock.moment(live({ newest: T - 500 })), T);
  assert.equal(clock.moment(live({ wall: T - 2000, newest: T - 500 })), T - 500);
  assert.equal(clock.moment(live({ wall: T - 1000, newest: T + 200 })), T - 500);
  assert.equal(clock.moment(live({ wall: T - 400, newest: T + 200 })), T - 400);
});

test("after a pause the picture that was left from before does not count", () => {
  const clock = new StageClock();
  clock.moment(live({ wall: T - 60_000 }));
  clock.moment(live({ curtain: true, wall: T - 60_000, newest: T - 3000 }));
  const resumed = live({ resumedAt: T - 500, wall: T - 60_000, newest: T - 100 });
  assert.equal(clock.moment(resumed), T);
  assert.equal(clock.moment({ ...resumed, wall: T - 400 }), T - 100);
});

test("who looks back sees what belongs to the picture, also right after the present", () => {
  const clock = new StageClock();
  clock.moment(live({ newest: T }));
  assert.equal(clock.moment(live({ past: true, wall: T - 30_000, newest: T })), T - 30_000);
  assert.equal(clock.moment(live({ past: true, wall: null, newest: T })), null);
});

test("three stalls within a minute and a half are a poor line, two are not, nor are short ones", () => {
  const line = new ThinLine();
  line.stalled(T, 2000);
  line.stalled(T + 1000, 300);
  line.stalled(T + 20_000, 1500);
  assert.equal(line.isPoor(T + 21_000), false);
  line.stalled(T + 40_000, 900);
  assert.equal(line.isPoor(T + 41_000), true);
  assert.equal(line.isPoor(T + 100_000), false);
});

test("pieces that take as long to come as they last are a poor line; a single slow one is not", () => {
  const line = new ThinLine();
  for (let n = 0; n < 20; n += 1) line.came(1, 150);
  line.came(1, 4000);
  assert.equal(line.isPoor(T), false);
  for (let n = 0; n < 20; n += 1) line.came(1, 1000);
  assert.equal(line.isPoor(T), true);
  line.forget();
  assert.equal(line.isPoor(T), false);
});
