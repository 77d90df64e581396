import assert from "node:assert/strict";
import { test } from "node:test";
import { Lamp, whyNot } from "../../static/js/lib/stage-lamp.js";

const FINE = { lesson: "on_air", sending: "sending", isAsleep: false, isPlugged: true, isMuted: false, said: 0.5, heard: 0.4 };

test("the lamp is on only while everything between her and the learners works", () => {
  assert.equal(whyNot(FINE), "");
  assert.equal(whyNot({ ...FINE, said: 0, heard: 0 }), "", "who says nothing is not missing");
  const broken = { isPlugged: [false, "connecting"], isMuted: [true, "muted"], lesson: ["paused", "paused"], sending: ["waiting", "not_sending"], isAsleep: [true, "asleep"], heard: [0, "silent"] };
  for (const [fact, [value, why]] of Object.entries(broken)) assert.equal(whyNot({ ...FINE, [fact]: value }), why, fact);
});

test("what the studio has said is good for two and a half seconds", () => {
  const lamp = new Lamp();
  assert.equal(lamp.why(0), "connecting", "before it has said anything");
  lamp.hear({ why: "", isRecorded: true }, 1000);
  assert.equal(lamp.why(3500), "");
  assert.equal(lamp.why(3501), "connecting");
  lamp.hear({ why: "muted", isRecorded: true }, 4000);
  assert.equal(lamp.why(4000), "muted");
});
