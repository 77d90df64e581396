import assert from "node:assert/strict";
import { test } from "node:test";

import { UndoStack } from "../../static/js/lib/undo-stack.js";

test("what was done is taken back and done again in order", () => {
  const stack = new UndoStack();
  for (const deed of ["a", "b", "c"]) stack.push(deed);
  assert.deepEqual([stack.undo(), stack.undo()], ["c", "b"]);
  assert.deepEqual([stack.redo(), stack.undo(), stack.undo(), stack.undo()], ["b", "b", "a", null]);
  assert.deepEqual([stack.redo(), stack.redo(), stack.redo(), stack.redo()], ["a", "b", "c", null]);
});

test("something new ends what could be done again", () => {
  const stack = new UndoStack();
  stack.push("a");
  stack.push("b");
  stack.undo();
  stack.push("c");
  assert.equal(stack.canRedo, false);
  assert.deepEqual([stack.undo(), stack.undo()], ["c", "a"]);
});

test("very old deeds are forgotten", () => {
  const stack = new UndoStack(2);
  for (const deed of ["a", "b", "c"]) stack.push(deed);
  assert.deepEqual([stack.undo(), stack.undo(), stack.canUndo, stack.undo()], ["c", "b", false, null]);
});
