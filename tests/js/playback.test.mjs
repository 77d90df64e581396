import assert from "node:assert/strict";
import { test } from "node:test";

import { MediaClock } from "../../static/js/lib/media-clock.js";
import { Playback } from "../../static/js/classroom/player/playback.js";

globalThis.document = /** @type {any} */ ({ hidden: false });

const BEGAN = 1_000_000;

/** An engine that notes what it is asked for, with a minute of media from BEGAN on. */
function engineOf() {
  const clock = new MediaClock();
  clock.update([{ start: 0, duration: 60, programDateTime: BEGAN }]);
  const asked = [];
  return { asked, clock, ended: false, liveEdge: 58, load: (wish) => asked.push(wish), destroy: () => asked.push("nothing"), rest: () => asked.push("rest"), wake: () => asked.push("wake") };
}

/** @param {Partial<import("../../static/js/classroom/player/playback.js").Beginning>} beginning */
function playing(beginning) {
  const video = Object.assign(new EventTarget(), { currentTime: 10, duration: 60, paused: false, ended: false, readyState: 4, playbackRate: 1, seekable: { length: 0 }, pause() { this.paused = true; }, removeAttribute() {} });
  const engine = engineOf();
  const freeze = { hold() {}, release() {} };
  const playback = new Playback({ mode: "live", state: "on_air", startedAt: BEGAN, kept: true, ...beginning }, {
    video, freeze, start: () => { video.paused = false; }, onChange: () => {}, onTimeline: () => {},
  });
  playback.begin(engine);
  return { video, engine, playback };
}

test("a lesson on air plays the present, a replay its beginning, and one that is over nothing", () => {
  assert.deepEqual(playing({}).engine.asked, [{ scope: "live", audioOnly: false }]);
  assert.deepEqual(playing({ mode: "replay", state: "ended" }).engine.asked, [{ scope: "full", audioOnly: false, position: 0 }]);
  assert.deepEqual(playing({ state: "ended" }).engine.asked, []);
});

test("going back loads the recording from that moment, and its end leads to the present", () => {
  const { playback, engine } = playing({});
  playback.skip(-5);
  assert.equal(playback.scope, "full");
  assert.deepEqual(engine.asked.at(-1), { scope: "full", audioOnly: false, wall: BEGAN + 5000, edge: "before" });
  playback.leavePast();
  assert.equal(playback.scope, "live");
});

test("without a recording nobody goes back, and one that is found empty is not asked for again at once", () => {
  const { playback, engine } = playing({ kept: false });
  playback.skip(-5);
  assert.equal(playback.scope, "live");
  playback.kept = true;
  playback.skip(-5);
  assert.equal(playback.scope, "full");
  assert.equal(playback.listener.onNoPast(true), true);
  assert.equal(playback.scope, "live");
  assert.equal(playback.canRewind, false);
  assert.equal(engine.asked.length, 3);
});

test("a viewer on the stage loads nothing, and goes on from the moment at which she leaves", () => {
  const { playback, engine, video } = playing({});
  playback.hold();
  playback.play();
  assert.equal(video.paused, true);
  assert.equal(engine.asked.at(-1), "nothing");
  playback.release(BEGAN + 30_000);
  assert.equal(engine.asked.at(-1).scope, "live");
  playback.listener.onTimeline();
  assert.equal(video.currentTime, 30);
  assert.equal(playback.facts().isPaused, false);
});

test("after a pause the picture goes on behind what has been seen, once there is something new", () => {
  const { playback, engine, video } = playing({});
  playback.setState("paused", BEGAN + 20_000);
  playback.setState("on_air", BEGAN + 100_000);
  assert.equal(engine.asked.at(-1), "wake");
  playback.listener.onTimeline();
  assert.equal(video.currentTime, 10);
  engine.clock.update([{ start: 0, duration: 60, programDateTime: BEGAN }, { start: 60, duration: 1, programDateTime: BEGAN + 99_000 }]);
  playback.listener.onTimeline();
  assert.equal(video.currentTime, 60.02);
  playback.close();
});

test("a preview that nobody looks at fetches nothing", () => {
  const { playback, engine } = playing({ mode: "preview" });
  playback.setPicture(true);
  assert.equal(engine.asked.at(-1).scope, "preview");
  playback.setWatched(false);
  assert.equal(engine.asked.at(-1), "nothing");
  playback.setWatched(true);
  assert.equal(engine.asked.at(-1).scope, "preview");
});
