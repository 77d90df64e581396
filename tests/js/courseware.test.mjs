// What the portable player remembers, and what it tells an LMS.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Lms, findLms, timeText } from "../../static/js/courseware/player/lms.js";
import { Watched } from "../../static/js/courseware/player/watched.js";

const STANDING = { position: 12.34, state: "{}", share: 0.5, seconds: 65, completed: false, score: null, passed: null };

/** An LMS that keeps everything. */
function shelf(version, kept = {}) {
  const [begin, get, set, commit, end] = version === "1.2"
    ? ["LMSInitialize", "LMSGetValue", "LMSSetValue", "LMSCommit", "LMSFinish"]
    : ["Initialize", "GetValue", "SetValue", "Commit", "Terminate"];
  const calls = [];
  const api = {
    [begin]: () => "true",
    [get]: (name) => kept[name] ?? "",
    [set]: (name, value) => { kept[name] = value; calls.push(name); return "true"; },
    [commit]: () => { calls.push("commit"); return "true"; },
    [end]: () => { calls.push("end"); return "true"; },
  };
  return { api, kept, calls };
}

test("stretches are united, and what is only touched does not count", () => {
  const watched = new Watched(100);
  watched.played(0, 50);
  watched.played(25, 50);
  assert.equal(watched.share, 0.5);
  for (let at = 50; at < 100; at += 5) watched.played(at, at + 0.3);
  assert.equal(watched.share, 0.5);
  watched.played(50.3, 54);
  assert.equal(watched.share, 0.55);
});

test("who stops in the middle of a bin and goes on in another session has watched it", () => {
  const [before, after] = [new Watched(20), new Watched(20)];
  before.played(5, 7.4);
  after.join(before.digits, before.width);
  after.played(7.4, 10);
  assert.equal(after.share, 0.25);
});

test("a session goes on from the digits of the last one", () => {
  const watched = new Watched(7203);
  watched.played(100, 200);
  watched.played(7200, 7203);
  const again = new Watched(7203);
  again.join(watched.digits, watched.width);
  assert.equal(again.digits, watched.digits);
  assert.equal(watched.digits.length, 361);
  assert.ok(Math.abs(again.share - 103 / 7203) < 1e-9);
});

test("a film of two days fits, with wider bins", () => {
  const watched = new Watched(2 * 86_400);
  assert.ok(watched.digits.length <= 3000);
  watched.played(0, 2 * 86_400);
  assert.equal(watched.share, 1);
});

test("digits that are no digits do no harm", () => {
  const watched = new Watched(60);
  watched.join("zz<f", 5);
  assert.equal(watched.share, 0);
});

test("the LMS is found around the window, around its opener, and by its methods", () => {
  const { api } = shelf("1.2");
  const closed = {};
  Object.defineProperty(closed, "API_1484_11", { get() { throw new Error("another site"); } });
  Object.defineProperty(closed, "API", { get() { throw new Error("another site"); } });
  closed.parent = { API: api };
  assert.equal(findLms({ parent: closed }, "1.2")?.version, "1.2");
  assert.equal(findLms({ opener: { parent: { API: api } } }, "2004")?.version, "1.2");
  assert.equal(findLms({ API_1484_11: { LMSInitialize() {} }, API: api }, "2004")?.version, "1.2");
  assert.equal(findLms({ API_1484_11: shelf("2004").api, API: api }, "1.2")?.version, "1.2");
  assert.equal(findLms({}, "1.2"), null);
});

test("a lesson is incomplete at once, completed once, and never less again", () => {
  for (const [version, status] of [["1.2", "cmi.core.lesson_status"], ["2004", "cmi.completion_status"]]) {
    const { api, kept } = shelf(version);
    const lms = new Lms({ api, version }, () => 0);
    assert.ok(lms.begin());
    assert.equal(kept[status], "incomplete");
    lms.write(STANDING);
    assert.equal(kept[status], "incomplete");
    assert.ok(!Object.keys(kept).some((name) => name.includes("score")), "no early score");
    lms.write({ ...STANDING, completed: true });
    lms.write({ ...STANDING, completed: false });
    assert.equal(kept[status], "completed");
    const later = new Lms({ api, version }, () => 0);
    later.begin();
    later.write(STANDING);
    assert.equal(kept[status], "completed");
    assert.equal(kept[version === "1.2" ? "cmi.core.exit" : "cmi.exit"], "suspend");
  }
});

test("a quiz passes or fails, and what is passed stays passed", () => {
  const { api, kept } = shelf("1.2");
  const lms = new Lms({ api, version: "1.2" }, () => 0);
  lms.begin();
  lms.write({ ...STANDING, completed: true, score: 40, passed: false });
  assert.deepEqual([kept["cmi.core.lesson_status"], kept["cmi.core.score.raw"]], ["failed", "40"]);
  lms.write({ ...STANDING, completed: true, score: 80, passed: true });
  lms.write({ ...STANDING, completed: true, score: 40, passed: false });
  assert.equal(kept["cmi.core.lesson_status"], "passed");
});

test("who reviews writes nothing", () => {
  const { api, calls } = shelf("2004", { "cmi.mode": "review", "cmi.completion_status": "completed" });
  const lms = new Lms({ api, version: "2004" }, () => 0);
  lms.begin();
  lms.write({ ...STANDING, completed: true });
  lms.end();
  assert.deepEqual(calls, ["end"]);
});

test("commits keep their distance, and nothing new is not committed", () => {
  const { api, calls } = shelf("1.2");
  let now = 0;
  const lms = new Lms({ api, version: "1.2" }, () => now);
  lms.begin();
  const commits = () => calls.filter((name) => name === "commit").length;
  assert.equal(commits(), 1);
  lms.write(STANDING);
  lms.commit();
  assert.equal(commits(), 1, "too soon");
  now = 11_000;
  lms.commit();
  lms.commit(true);
  assert.equal(commits(), 2);
});

test("an LMS that throws, or answers with booleans, does not stop anything", () => {
  const broken = new Proxy({}, { get: () => () => { throw new Error("broken"); } });
  assert.equal(new Lms({ api: broken, version: "1.2" }, () => 0).begin(), false);
  const { api, kept } = shelf("2004");
  const odd = { ...api, Initialize: () => true, SetValue: (name, value) => { kept[name] = value; return true; }, Terminate: undefined };
  const lms = new Lms({ api: odd, version: "2004" }, () => 0);
  assert.ok(lms.begin());
  lms.write(STANDING);
  lms.end();
  assert.equal(kept["cmi.location"], "12.3");
});

test("times as each version writes them", () => {
  assert.equal(timeText(3723.9, "1.2"), "0001:02:03");
  assert.equal(timeText(3723.9, "2004"), "PT1H2M3S");
});
