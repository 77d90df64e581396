import assert from "node:assert/strict";
import { test } from "node:test";

import { isPressed } from "../../static/js/lib/key-names.js";

const press = (key, held = {}) => ({ key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("a letter, in either case, and nothing held beside it", () => {
  assert.ok(isPressed("C", press("c")));
  assert.ok(isPressed("C", press("C")), "with the capitals locked");
  for (const held of ["ctrlKey", "metaKey", "altKey", "shiftKey"]) assert.ok(!isPressed("C", press("c", { [held]: true })), held);
  assert.ok(!isPressed("C", press("x")));
});

test("with Shift, and only with it", () => {
  assert.ok(isPressed("Shift+L", press("L", { shiftKey: true })));
  assert.ok(!isPressed("Shift+L", press("L")));
  assert.ok(!isPressed("Shift+L", press("L", { shiftKey: true, ctrlKey: true })), "the browser's own");
});

test("a digit with Alt, whatever sign the system writes then", () => {
  assert.ok(isPressed("Alt+3", press("3", { altKey: true, code: "Digit3" })));
  assert.ok(isPressed("Alt+3", press("£", { altKey: true, code: "Digit3" })), "on a Mac");
  assert.ok(!isPressed("Alt+3", press("3", { altKey: true, code: "Numpad3" })), "they write signs on Windows");
  assert.ok(!isPressed("Alt+3", press("3", { code: "Digit3" })), "the number of a page");
  assert.ok(!isPressed("Alt+3", press("3", { altKey: true, ctrlKey: true, code: "Digit3" })), "AltGr");
});

test("the question mark of any keyboard", () => {
  for (const key of ["?", "？"]) for (const shiftKey of [true, false]) assert.ok(isPressed("?", press(key, { shiftKey })));
  assert.ok(!isPressed("?", press("/", {})));
});
