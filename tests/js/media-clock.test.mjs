import assert from "node:assert/strict";
import { test } from "node:test";

import { MediaClock } from "../../static/js/lib/media-clock.js";

const T = 1_700_000_000_000;

/** Three pieces, a pause of a minute, two pieces. */
function lesson() {
  const clock = new MediaClock();
  const walls = [T, T + 1000, T + 2000, T + 63_000, T + 64_000];
  clock.update(walls.map((programDateTime, index) => ({ start: 10 + index, duration: 1, programDateTime })));
  return clock;
}

test("an empty clock knows nothing", () => {
  const clock = new MediaClock();
  assert.equal(clock.known, false);
  assert.equal(clock.edge, null);
  assert.equal(clock.wallAt(3), null);
  assert.equal(clock.positionAt(T), null);
});

test("positions and moments of capture lead to each other", () => {
  const clock = lesson();
  for (const position of [10, 11.25, 12.9, 13, 14.5]) {
    assert.equal(clock.positionAt(clock.wallAt(position)), position);
  }
});

test("a moment within a pause is where the lecture goes on", () => {
  assert.equal(lesson().positionAt(T + 30_000), 13);
});

test("a seek into a pause ends at the edge that is meant", () => {
  assert.equal(lesson().positionAt(T + 30_000, "nearest"), 10, "the last ten seconds before it, of which there are three");
  assert.equal(lesson().positionAt(T + 40_000, "nearest"), 13);
  assert.equal(lesson().positionAt(T + 60_000, "before"), 10);
  assert.deepEqual(lesson().gaps, [{ from: T + 3000, to: T + 63_000 }]);
});

test("moments outside are the beginning and the end", () => {
  assert.equal(lesson().positionAt(T - 5000), 10);
  assert.equal(lesson().positionAt(T + 900_000), 15);
});

test("the edge is where the newest piece ends", () => {
  assert.equal(lesson().edge, T + 65_000);
});

test("after a pause the first piece that is new is found, and none while there is none", () => {
  assert.equal(lesson().firstFrom(T + 2500), 13);
  assert.equal(lesson().firstFrom(T + 64_500), null);
});
