import assert from "node:assert/strict";
import { test } from "node:test";

import { isSame, Shelf } from "../../static/js/lib/leafing.js";

const leaf = (page, steps = 1) => ({
  document: "d", page, step: steps - 1, steps, of: 3, kind: "deck", name: "n", width: 16, height: 9, text: "", next: [], large: "last", medium: "last",
  thumb: "t", notes: "不给学员", shown: false, pictures: Array.from({ length: steps }, (_, index) => ({ large: `${page}.${index}L`, medium: `${page}.${index}M` })),
});
const book = { document: "d", kind: "deck", name: "n", of: 4, state: "converting", problem: "", ready: 3, hidden: true, pages: [leaf(1), leaf(2, 3), leaf(3)] };
const shelf = new Shelf([book]);
const place = (page, step = 0) => ({ document: "d", page, step });

test("on through every build, back to pages as they were left", () => {
  const seen = [];
  for (let at = place(1); at; at = shelf.walk(at, 1)) seen.push([at.page, at.step]);
  assert.deepEqual(seen, [[1, 0], [2, 0], [2, 1], [2, 2], [3, 0]], "page 4 is not ready");
  assert.deepEqual(shelf.walk(place(3), -1), place(2, 2));
  assert.equal(shelf.walk(place(1), -1), null);
  assert.equal(shelf.walk({ ...place(1), document: "gone" }, 1), null);
});

test("a page as the stage shows it has the picture of its step and nothing of the desk's", () => {
  const page = shelf.shown(place(2, 1));
  assert.deepEqual([page.large, page.medium, page.step, page.steps], ["2.1L", "2.1M", 1, 3]);
  assert.equal("notes" in page, false);
  assert.equal(shelf.shown(place(9)), null);
});

test("a jump ends on the nearest page that is ready", () => {
  assert.deepEqual([0, 2, 99].map((page) => shelf.near("d", page).page), [1, 2, 3]);
  assert.equal(shelf.near("gone", 1), null);
  assert.equal(new Shelf().near("d", 1), null);
});

test("places are the same by document, page and build", () => {
  assert.ok(isSame(place(1), place(1)));
  assert.ok(!isSame(place(1), place(1, 1)));
  assert.ok(!isSame(place(1), null));
  assert.ok(isSame(null, null));
});
