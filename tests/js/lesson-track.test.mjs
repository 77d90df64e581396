import assert from "node:assert/strict";
import { test } from "node:test";

import { LessonTrack } from "../../static/js/lib/lesson-track.js";
import { growsAfter, linesOf, pathOf } from "../../static/js/lib/strokes.js";

const T = 1_700_000_000_000;
let ids = 0;

const event = (kind, at, data) => ({ type: "event", id: (ids += 1), at: T + at, kind, data });
const shown = (page, at, step = 0, document = "deck") => event("slides.shown", at, { document, page, step });
const stroke = (at, name, points, more = {}) => event("slides.drawn", at, {
  document: "deck", page: 1, stroke: name, part: 0, tool: "pen", colour: "red", width: 4, points, ...more,
});
const pointed = (at, points, more = {}) => event("slides.pointed", at, { document: "deck", page: 1, points, off: false, ...more });

function track(...events) {
  const made = new LessonTrack();
  made.add(events);
  return made;
}

test("before the first page there is nothing, and a page stands until the next", () => {
  const lesson = track(shown(1, 1000), shown(2, 5000));
  assert.equal(lesson.at(T + 999).page, null);
  assert.equal(lesson.at(T + 1000).page.page, 1);
  assert.equal(lesson.at(T + 4999).page.page, 1);
  assert.equal(lesson.at(T + 5000).page.page, 2);
});

test("seeking back and forth gives what the moment has, whatever was asked before", () => {
  const lesson = track(shown(1, 0), shown(1, 100, 1), event("slides.cleared", 200, {}), shown(3, 300), event("scene.set", 400, { layout: "pip" }));
  const fresh = (wall) => {
    const { page, layout } = track(shown(1, 0), shown(1, 100, 1), event("slides.cleared", 200, {}), shown(3, 300), event("scene.set", 400, { layout: "pip" })).at(wall);
    return { page, layout };
  };
  for (const wall of [500, 50, 450, 250, 0, 150, -1, 350]) {
    const { page, layout } = lesson.at(T + wall);
    assert.deepEqual({ page, layout }, fresh(T + wall), String(wall));
  }
});

test("events that come late take their place by their moment", () => {
  const lesson = track(shown(1, 0), shown(3, 2000));
  assert.equal(lesson.at(T + 3000).page.page, 3);
  lesson.add([shown(2, 1000)]);
  assert.equal(lesson.at(T + 3000).page.page, 3);
  assert.equal(lesson.at(T + 1500).page.page, 2);
});

test("of two events of one moment the one with the higher id counts; known ones and other kinds are left aside", () => {
  const [one, two] = [shown(1, 0), shown(2, 0)];
  const lesson = track(two, one);
  assert.equal(lesson.at(T).page.page, 2);
  lesson.add([one, event("chat.said", 10, {})]);
  assert.equal(lesson.length, 2);
  assert.equal(lesson.newest, T);
});

test("what is still to come is known in order", () => {
  const lesson = track(shown(1, 0), shown(2, 1000), shown(3, 2000));
  assert.deepEqual(lesson.after(T).map(({ at }) => at - T), [1000, 2000]);
  assert.deepEqual(lesson.after(T + 2000), []);
  assert.equal(lesson.after(-Infinity).length, 3);
});

test("a version stands for one picture: it changes with page, strokes and layout, not with pointer or time", () => {
  const lesson = track(shown(1, 0), pointed(10, [1, 2, 0]), stroke(20, "a", [0, 0, 0]));
  const { version } = lesson.at(T + 5);
  assert.equal(lesson.at(T + 15).version, version);
  assert.notEqual(lesson.at(T + 25).version, version);
});

test("a stroke comes in parts whose points are counted from its beginning", () => {
  const lesson = track(shown(1, 0), stroke(100, "a", [0, 0, 0, 5, 5, 300]), event("slides.drawn", 500, { document: "deck", page: 1, stroke: "a", part: 1, points: [9, 9, 0, 12, 12, 250] }));
  const [drawn] = lesson.at(T + 600).strokes;
  assert.deepEqual(drawn.points, [0, 0, 0, 5, 5, 300, 9, 9, 400, 12, 12, 650]);
  assert.equal(growsAfter(drawn, T + 600), true);
  assert.equal(growsAfter(drawn, T + 750), false);
  assert.equal(pathOf(drawn, T + 99, 1), "");
  assert.equal(pathOf(drawn, T + 100, 1), "M0 0h1");
  assert.equal(pathOf(drawn, T + 500, 1), "M0 0Q5 5 7 7L9 9");
});

test("a part that comes twice, or whose first part never came, harms nothing", () => {
  const part = event("slides.drawn", 500, { document: "deck", page: 1, stroke: "b", part: 1, tool: "pen", colour: "red", width: 4, points: [9, 9, 0] });
  assert.deepEqual(track(shown(1, 0), part, part).at(T + 600).strokes[0].points, [9, 9, 0]);
});

test("what is drawn belongs to its page and is there again when one comes back", () => {
  const lesson = track(shown(1, 0), stroke(10, "a", [0, 0, 0]), shown(2, 20), shown(1, 30));
  assert.equal(lesson.at(T + 25).strokes.length, 0);
  assert.equal(lesson.at(T + 30).strokes.length, 1);
});

test("erasing takes single strokes or all of a page", () => {
  const erased = (at, data) => event("slides.erased", at, { document: "deck", page: 1, ...data });
  const lesson = track(shown(1, 0), stroke(10, "a", [0, 0, 0]), stroke(20, "b", [0, 0, 0]), stroke(25, "c", [0, 0, 0]), erased(30, { strokes: ["a", "unknown"] }), erased(40, { all: true }));
  assert.deepEqual(lesson.at(T + 29).strokes.map(({ id }) => id), ["a", "b", "c"]);
  assert.deepEqual(lesson.at(T + 30).strokes.map(({ id }) => id), ["b", "c"]);
  assert.deepEqual(lesson.at(T + 40).strokes, []);
  assert.deepEqual(lesson.at(T + 25).strokes.map(({ id }) => id), ["a", "b", "c"]);
});

test("the pointer goes along its points, fades, goes off, and belongs to its page", () => {
  const lesson = track(shown(1, 0), pointed(100, [10, 10, 0, 20, 20, 100, 30, 30, 200]), pointed(400, [40, 40, 0, 50, 50, 100], { off: true }));
  assert.equal(lesson.at(T + 99).pointer, null);
  assert.deepEqual(lesson.at(T + 150).pointer, { x: 10, y: 10 });
  assert.deepEqual(lesson.at(T + 250).pointer, { x: 20, y: 20 });
  assert.deepEqual(lesson.at(T + 399).pointer, { x: 30, y: 30 });
  assert.deepEqual(lesson.at(T + 450).pointer, { x: 40, y: 40 });
  assert.equal(lesson.at(T + 500).pointer, null);

  const resting = track(shown(1, 0), pointed(100, [10, 10, 0]), shown(2, 3000));
  assert.deepEqual(resting.at(T + 1500).pointer, { x: 10, y: 10 });
  assert.equal(resting.at(T + 1700).pointer, null);
  const turned = track(shown(1, 0), pointed(100, [10, 10, 0]), shown(2, 200));
  assert.equal(turned.at(T + 300).pointer, null);
});

test("the pointer stays where it was until the next points are due", () => {
  const lesson = track(shown(1, 0), pointed(100, [10, 10, 0]), pointed(300, [20, 20, 150]));
  assert.deepEqual(lesson.at(T + 400).pointer, { x: 10, y: 10 });
  assert.deepEqual(lesson.at(T + 460).pointer, { x: 20, y: 20 });
});

test("shapes are two points, drawn in the page's own proportions", () => {
  const shape = (tool) => ({ id: "s", tool, colour: "red", width: 4, points: [1000, 1000, 0, 3000, 5000, 0], words: "", at: T });
  assert.equal(pathOf(shape("line"), T, 0.5), "M1000 500L3000 2500");
  assert.equal(pathOf(shape("rectangle"), T, 0.5), "M1000 500H3000V2500H1000Z");
  assert.match(pathOf(shape("ellipse"), T, 0.5), /^M1000 1500a1000 1000 0 1 0 2000 0a/);
  assert.match(pathOf(shape("arrow"), T, 0.5), /^M1000 500L3000 2500M\d+ \d+L3000 2500L\d+ \d+$/);
});

test("text breaks where the page ends: between Chinese letters, else between words", () => {
  assert.deepEqual(linesOf("超导量子计算", 4), ["超导量子", "计算"]);
  assert.deepEqual(linesOf("two words", 4), ["two", "words"]);
  assert.deepEqual(linesOf("一\n二", 4), ["一", "二"]);
  assert.deepEqual(linesOf("", 4), [""]);
});
