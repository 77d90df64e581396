import assert from "node:assert/strict";
import test from "node:test";

import { chapterAt, shareAt } from "../../static/js/lib/chapters.js";

const chapters = [1000, 5000, 9000].map((at) => ({ at, title: `from ${at}`, thumb: "" }));

test("a moment belongs to the chapter that began last", () => {
  assert.deepEqual([999, 1000, 4999, 5000, 99_999].map((wall) => chapterAt(chapters, wall)?.at ?? null), [null, 1000, 1000, 5000, 9000]);
  assert.equal(chapterAt([], 5), null);
});

test("a place on the screen is a share of the bar, never beside it", () => {
  const box = { left: 100, width: 216 };
  assert.deepEqual([0, 108, 208, 308, 900].map((x) => shareAt(x, box, 8)), [0, 0, 0.5, 1, 1]);
  assert.equal(shareAt(5, { left: 0, width: 0 }, 8), 0);
});
