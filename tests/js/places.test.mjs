import assert from "node:assert/strict";
import test from "node:test";

import { addressOf, isWorthGoingOn, placeNamed, shownPlace, wholePlace } from "../../static/js/lib/places.js";

test("an address names a place in any of the usual ways", () => {
  const named = ["750", "750s", "12m30s", "12:30", "0:12:30", "1h0m5s", "2h"];
  assert.deepEqual(named.map(placeNamed), [750, 750, 750, 750, 750, 3605, 7200]);
  assert.deepEqual([null, "", "abc", "-5", "1:2:3:4", "12:3", "5m-1"].map(placeNamed), Array(7).fill(null));
});

test("the address of a place leads to it, and holds nothing else", () => {
  const address = addressOf("https://x.example/live/abc/replay?t=3&q=y#at=1", 750.9);
  assert.equal(address, "https://x.example/live/abc/replay?t=750");
  assert.equal(placeNamed(new URL(address).searchParams.get("t")), 750);
});

test("near its ends, a replay begins at the beginning", () => {
  assert.deepEqual([0, 19, 20, 580, 581, 600].map((position) => isWorthGoingOn(position, 600)), [false, false, true, true, false, false]);
  assert.equal(isWorthGoingOn(15, 30), false);
});

test("links name places of the whole recording, so that cuts move none of them", () => {
  /** @type {[number, number][]} */
  const cuts = [[0, 10], [60, 30]];
  assert.equal(shownPlace(5, cuts), 0);
  assert.equal(shownPlace(30, cuts), 20);
  assert.equal(shownPlace(75, cuts), 50);
  assert.equal(shownPlace(100, cuts), 60);
  for (const position of [0, 20, 49, 60]) assert.equal(shownPlace(wholePlace(position, cuts), cuts), position);
  assert.equal(wholePlace(50, cuts), 90);
  assert.deepEqual([shownPlace(7, []), wholePlace(7, [])], [7, 7]);
});
