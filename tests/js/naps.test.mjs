import assert from "node:assert/strict";
import { test } from "node:test";

import { Naps } from "../../static/js/lib/backoff.js";

test("all waits end at once when there is something new", async () => {
  const naps = new Naps();
  const { signal } = new AbortController();
  const waits = Promise.all([naps.take(60_000, signal), naps.take(60_000, signal)]);
  naps.hurry();
  await waits;
});

test("who is not wanted any more does not wait to the end", async () => {
  const naps = new Naps();
  const stop = new AbortController();
  const wait = naps.take(60_000, stop.signal);
  stop.abort();
  await wait;
});
