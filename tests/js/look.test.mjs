import assert from "node:assert/strict";
import { test } from "node:test";

import { lookOf } from "../../static/js/classroom/player/look.js";
import { MediaClock } from "../../static/js/lib/media-clock.js";

const T = 1_700_000_000_000;
const clockFrom = (programDateTime) => {
  const clock = new MediaClock();
  clock.update([{ start: 0, duration: 600, programDateTime }]);
  return clock;
};
const facts = (more) => ({
  mode: "live", scope: "live", state: "on_air", wanted: true, held: false, audioOnly: false, troubled: false, canRewind: true,
  isFull: false, isPaused: false, isSeeking: false, isSilent: false, hasSlides: false, still: 0, position: 60, length: 0,
  startedAt: T - 60_000, onAirAt: T - 60_000, now: T + 2000, clock: clockFrom(T - 60_000), ...more,
});

test("who watches a lesson on air sees how late she is, and her place since the beginning", () => {
  const look = lookOf(facts());
  assert.deepEqual([look.wall, look.delay, look.isRunning, look.isPresent], [T, 2, true, true]);
  assert.deepEqual(look.bar, { at: 60, length: 62, isLost: false, isDead: false });
});

test("a lesson that is not recorded has no way back, and says so only while it runs", () => {
  assert.deepEqual(lookOf(facts({ canRewind: false })).bar, { at: 60, length: 62, isLost: true, isDead: true });
  assert.equal(lookOf(facts({ canRewind: false, state: "ended" })).bar.isLost, false);
});

test("before a lesson, in its pause and after it there is no picture, but one may look back at its past", () => {
  for (const state of ["scheduled", "paused", "away", "ended", "cancelled"]) {
    assert.equal(lookOf(facts({ state })).isRunning, false, state);
    assert.equal(lookOf(facts({ state, scope: "full" })).isRunning, true, state);
  }
  assert.equal(lookOf(facts({ state: "interrupted" })).isRunning, true);
  assert.equal(lookOf(facts({ state: "ended" })).bar.isDead, true);
  assert.equal(lookOf(facts({ state: "ended", scope: "full" })).bar.isDead, false);
});

test("the bar of a replay is as long as its film, whatever was left out of it", () => {
  const look = lookOf(facts({ mode: "replay", scope: "full", state: "ended", position: 30, length: 90, startedAt: null }));
  assert.deepEqual(look.bar, { at: 30, length: 90, isLost: false, isDead: false });
  assert.equal(lookOf(facts({ mode: "replay", scope: "full", length: 0 })).bar.isDead, true);
});

test("without a clock nobody says where she is", () => {
  const look = lookOf(facts({ clock: null }));
  assert.deepEqual([look.wall, look.delay, look.bar.at, look.bar.isDead], [null, null, null, true]);
});
