import assert from "node:assert/strict";
import { test } from "node:test";

import { DeskStage } from "../../static/js/classroom/slides/desk-stage.js";

const page = (number, step = 0) => ({ document: "d", page: number, step, steps: 3, of: 9, kind: "deck", name: "", width: 16, height: 9, large: "", medium: "", text: "", next: [] });
const shown = (id, number, step) => ({ type: "event", id, at: id, kind: "slides.shown", data: page(number, step) });
const cleared = (id) => ({ type: "event", id, at: id, kind: "slides.cleared", data: {} });
const drawn = (id, stroke, points = [1, 1, 0]) => ({ type: "event", id, at: id, kind: "slides.drawn", data: { document: "d", page: 1, stroke, part: 0, tool: "pen", colour: "red", width: 3, points } });
const erased = (id, ...strokes) => ({ type: "event", id, at: id, kind: "slides.erased", data: { document: "d", page: 1, strokes } });
const stroke = (id) => ({ id, tool: "pen", colour: "red", width: 3, points: [1, 1, 0], words: "", at: 1 });
const ids = (stage) => stage.strokes.map(({ id }) => id).sort();

test("a turn is seen at once, and stays when its event comes, before the answer or after", () => {
  for (const order of ["answer first", "event first"]) {
    const stage = new DeskStage();
    stage.hear([shown(1, 1)]);
    const turn = stage.turn(page(2));
    assert.deepEqual([stage.page.page, stage.told.page], [2, 1], order);
    if (order === "event first") stage.hear([shown(2, 2)]);
    stage.turned(turn, 2);
    assert.equal(stage.page.page, 2, order);
    stage.hear([shown(2, 2)]);
    assert.deepEqual([stage.page.page, stage.told.page], [2, 2], order);
    stage.hear([shown(3, 5)]);
    assert.equal(stage.page.page, 5, `another presenter turns, and this desk follows: ${order}`);
  }
});

test("a turn that is refused goes back", () => {
  const stage = new DeskStage();
  stage.hear([shown(1, 1)]);
  stage.turned(stage.turn(page(2)), null);
  assert.equal(stage.page.page, 1);
});

test("who turns on quickly is not thrown back by the answers to earlier turns", () => {
  const stage = new DeskStage();
  const first = stage.turn(page(2));
  const second = stage.turn(page(3));
  stage.hear([shown(1, 2)]);
  stage.turned(first, 1);
  assert.equal(stage.page.page, 3);
  stage.turned(second, 2);
  stage.hear([shown(2, 3)]);
  assert.equal(stage.page.page, 3);
});

test("a page that was taken away stays on the desk, and learners see none", () => {
  const stage = new DeskStage();
  assert.equal(stage.page, null);
  assert.equal(stage.wasEverShown, false);
  stage.browsed = page(7);
  assert.equal(stage.page.page, 7);
  stage.hear([shown(1, 1), cleared(2)]);
  assert.deepEqual([stage.page.page, stage.shown, stage.wasEverShown], [1, null, true]);
  const turn = stage.turn(page(1));
  assert.equal(stage.shown.page, 1);
  stage.turned(turn, 3);
  stage.hear([shown(3, 1)]);
  assert.equal(stage.told.page, 1);
});

test("events in whatever order they come say the same", () => {
  const stage = new DeskStage();
  stage.hear([shown(3, 3), shown(1, 1), cleared(2)]);
  assert.deepEqual([stage.page.page, stage.told.page], [3, 3]);
});

test("a stroke of this desk is there from its first point until the events have it", () => {
  const stage = new DeskStage();
  stage.hear([shown(1, 1)]);
  stage.draw(page(1), stroke("a"));
  assert.deepEqual(ids(stage), ["a"]);
  stage.drawn("a", 2);
  assert.deepEqual(ids(stage), ["a"]);
  stage.hear([drawn(2, "a")]);
  assert.deepEqual(ids(stage), ["a"]);
  stage.draw(page(1), stroke("b"));
  stage.drawn("b", null);
  assert.deepEqual(ids(stage), ["a"], "one that was refused is gone");
});

test("what is erased is gone at once, comes back when that is refused, and can be drawn again", () => {
  const stage = new DeskStage();
  stage.hear([shown(1, 1), drawn(2, "a"), drawn(3, "b")]);
  stage.erase(["a"]);
  assert.deepEqual(ids(stage), ["b"]);
  stage.erased(["a"], null);
  assert.deepEqual(ids(stage), ["a", "b"]);
  stage.erase(["a", "b"]);
  stage.erased(["a", "b"], 4);
  assert.deepEqual(ids(stage), []);
  stage.hear([erased(4, "a", "b")]);
  assert.deepEqual(ids(stage), []);
  stage.draw(page(1), stroke("a"));
  assert.deepEqual(ids(stage), ["a"], "taken back");
});

test("strokes belong to their page", () => {
  const stage = new DeskStage();
  stage.hear([shown(1, 1), drawn(2, "a")]);
  stage.draw(page(1), stroke("b"));
  stage.turn(page(2));
  assert.deepEqual(ids(stage), []);
  stage.turn(page(1));
  assert.deepEqual(ids(stage), ["a", "b"]);
});

test("its version changes with everything that is seen", () => {
  const stage = new DeskStage();
  let before = stage.now.version;
  for (const deed of [() => stage.hear([shown(1, 1)]), () => stage.draw(page(1), stroke("a")), () => stage.erase(["a"]), () => stage.turn(page(2)), () => stage.turned({}, null), () => stage.hear([erased(9, "a")])]) {
    deed();
    if (deed.toString().includes("turned")) continue;
    assert.notEqual(stage.now.version, before, deed.toString());
    before = stage.now.version;
  }
});
