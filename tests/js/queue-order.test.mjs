import assert from "node:assert/strict";
import { test } from "node:test";

import { beforeWhenDropped, beforeWhenStepped } from "../../static/js/lib/queue-order.js";

const KEYS = ["a", "b", "c", "d"];

/** The queue after she has gone before another one, as the server does it. */
function after(moved, before) {
  const rest = KEYS.filter((key) => key !== moved);
  rest.splice(before === "" ? rest.length : rest.indexOf(before), 0, moved);
  return rest.join("");
}

test("who is dropped takes the place of whom she is dropped on", () => {
  for (const [from, moved] of KEYS.entries()) {
    for (const [to, onto] of KEYS.entries()) {
      if (from === to) assert.equal(beforeWhenDropped(KEYS, moved, onto), null);
      else assert.equal(after(moved, beforeWhenDropped(KEYS, moved, onto)).indexOf(moved), to);
    }
  }
});

test("who is dropped beside the queue, or has left it meanwhile, stays", () => {
  assert.equal(beforeWhenDropped(KEYS, "a", ""), null);
  assert.equal(beforeWhenDropped(KEYS, "gone", "a"), null);
});

test("keys move her by one place, and not beyond the ends", () => {
  assert.deepEqual(KEYS.map((key) => beforeWhenStepped(KEYS, key, -1)), [null, "a", "b", "c"]);
  assert.deepEqual(KEYS.map((key) => beforeWhenStepped(KEYS, key, 1)), ["c", "d", "", null]);
  assert.equal(beforeWhenStepped(KEYS, "gone", 1), null);
});
