import assert from "node:assert/strict";
import { test } from "node:test";

import { meaningOf, PageNumber } from "../../static/js/lib/slide-keys.js";

const does = (key, held = {}) => meaningOf({ key, ...held })?.does ?? null;

test("keys of the keyboard, and those that remotes send", () => {
  for (const key of ["ArrowRight", "ArrowDown", " ", "PageDown", "n", "N"]) assert.equal(does(key), "next", key);
  for (const key of ["ArrowLeft", "ArrowUp", "PageUp", "p", "P"]) assert.equal(does(key), "back", key);
  for (const key of ["b", "B", "."]) assert.equal(does(key), "blank", key);
  assert.deepEqual(["Home", "End", "F5", "Escape"].map((key) => does(key)), ["first", "last", "start", "away"]);
});

test("a key that belongs to the browser or the system stays theirs", () => {
  for (const held of [{ altKey: true }, { ctrlKey: true }, { metaKey: true }]) {
    for (const key of ["ArrowLeft", "ArrowRight", "b", "n", "p", "5", " ", "F5", "Home"]) assert.equal(meaningOf({ key, ...held }), null, key);
  }
  for (const key of ["Tab", "a", "F11", "Shift", "Dead", "Process", "Unidentified"]) assert.equal(meaningOf({ key }), null, key);
  assert.equal(does("ArrowRight", { shiftKey: true }), null);
  for (const key of ["P", "L", "E", "N"]) assert.equal(meaningOf({ key, shiftKey: true }), null, `Shift+${key} is of the lecture`);
});

test("undo and redo, as on either system", () => {
  assert.equal(does("z", { ctrlKey: true }), "undo");
  assert.equal(does("Z", { metaKey: true, shiftKey: true }), "redo");
  assert.equal(does("y", { ctrlKey: true }), "redo");
  assert.equal(does(" ", { shiftKey: true }), "back");
});

test("digits and Enter name a page; digits of long ago do not", () => {
  const number = new PageNumber();
  assert.deepEqual(meaningOf({ key: "4" }), { digit: "4" });
  assert.equal(number.type("0", 0), "");
  assert.equal(number.type("4", 100), "4");
  assert.equal(number.type("2", 900), "42");
  assert.equal(number.take(1500), 42);
  assert.equal(number.take(1600), null);
  number.type("7", 2000);
  assert.equal(number.type("1", 9000), "1");
  assert.equal(number.take(20_000), null);
});
