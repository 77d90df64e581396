import assert from "node:assert/strict";
import { test } from "node:test";
import { Lamp, whyNot } from "../../static/js/lib/stage-lamp.js";

const FINE = { lesson: "on_air", sending: "sending", isAsleep: false, isPlugged: true, isMuted: false, said: 0.5, heard: 0.4 };

const [REACHED, LOST, GONE] = [{ isReached: true, isGone: false }, { isReached: false, isGone: false }, { isReached: false, isGone: true }];

test("the lamp is on only while everything between her and the learners works", () => {
  assert.equal(whyNot(FINE), "");
  assert.equal(whyNot({ ...FINE, said: 0, heard: 0 }), "", "who says nothing is not missing");
  const broken = { isPlugged: [false, "connecting"], isMuted: [true, "muted"], lesson: ["paused", "paused"], sending: ["waiting", "not_sending"], isAsleep: [true, "asleep"], heard: [0, "silent"] };
  assert.equal(whyNot({ ...FINE, lesson: "interrupted" }), "not_sending", "nobody has paused it");
  for (const [fact, [value, why]] of Object.entries(broken)) assert.equal(whyNot({ ...FINE, [fact]: value }), why, fact);
});

test("what the studio has said is good for two and a half seconds", () => {
  const lamp = new Lamp(0);
  assert.equal(lamp.why(REACHED, 0), "connecting", "before it has said anything");
  lamp.hear({ why: "", isRecorded: true }, 1000);
  assert.equal(lamp.why(REACHED, 3500), "");
  assert.equal(lamp.why(REACHED, 3501), "connecting");
  lamp.hear({ why: "muted", isRecorded: true }, 4000);
  assert.equal(lamp.why(REACHED, 4000), "muted");
});

test("a studio that is not reached has nobody's voice, and the speaker is told whose line it is", () => {
  const lamp = new Lamp(0);
  assert.equal(lamp.why(LOST, 12_000), "connecting");
  assert.equal(lamp.why(LOST, 12_001), "blocked", "her network never let anything through");
  assert.equal(lamp.why(REACHED, 13_000), "connecting");
  lamp.hear({ why: "", isRecorded: true }, 13_100);
  assert.equal(lamp.why(REACHED, 13_200), "");
  assert.equal(lamp.why(GONE, 13_300), "teacher_gone", "its page is loaded anew: not her network");
  assert.equal(lamp.why(REACHED, 13_400), "connecting", "what the studio said before is good no more");
  assert.equal(lamp.why(LOST, 48_400), "reconnecting");
  assert.equal(lamp.why(LOST, 48_401), "blocked");
});
