import assert from "node:assert/strict";
import test from "node:test";

import { linesOf, pageAt, textOf, withLine } from "../../static/js/lib/slide-times.js";

test("lines are read as people write them, and written again", () => {
  const lines = linesOf("0:02:05 4\n0:00\n\n 1:10.5, 2 \n90\n");
  assert.deepEqual(lines, [{ at: 0, page: 5 }, { at: 70_500, page: 2 }, { at: 90_000, page: 3 }, { at: 125_000, page: 4 }]);
  assert.equal(textOf(lines), "0:00:00 5\n0:01:10.500 2\n0:01:30 3\n0:02:05 4\n");
  assert.equal(linesOf("0:00 one"), null);
  assert.equal(linesOf("three 1"), null);
});

test("a page stands until the next one, and one that is put near another takes its place", () => {
  const lines = [{ at: 1000, page: 1 }, { at: 5000, page: 2 }];
  assert.deepEqual([0, 1000, 4999, 5000].map((at) => pageAt(lines, at)), [0, 1, 1, 2]);
  assert.deepEqual(withLine(lines, { at: 4600, page: 3 }, 500), [{ at: 1000, page: 1 }, { at: 4600, page: 3 }]);
  assert.deepEqual(withLine(lines, { at: 3000, page: 0 }, 500).map(({ page }) => page), [1, 0, 2]);
});
