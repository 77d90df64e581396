import assert from "node:assert/strict";
import { test } from "node:test";

import { backoff, pause } from "../../static/js/lib/backoff.js";

test("waits grow up to the ceiling", () => {
  const longest = (attempt) => backoff(attempt, { first: 500, most: 3000, random: () => 1 });
  assert.deepEqual([0, 1, 2, 3, 9].map(longest), [500, 1000, 2000, 3000, 3000]);
});

test("no two learners come back in the same instant", () => {
  assert.equal(backoff(3, { first: 500, most: 3000, random: () => 0 }), 1800);
});

test("a pause ends early when nobody waits any more", async () => {
  const stop = new AbortController();
  const waiting = pause(60_000, stop.signal);
  stop.abort();
  await waiting;
});
