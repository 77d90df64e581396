import assert from "node:assert/strict";
import test from "node:test";

import { rowsOf, timeOf, timeText, vttOf } from "../../static/js/lib/caption-text.js";

test("times are read as people write them", () => {
  assert.deepEqual(["0:01:02.500", "1:02,5", "62.5", "62", "2:00:00"].map(timeOf), [62_500, 62_500, 62_500, 62_000, 7_200_000]);
  assert.deepEqual(["", "a", "1:2:3:4", "1:-2", "1.5.2"].map(timeOf), Array(5).fill(null));
  assert.equal(timeText(3_723_045), "1:02:03.045");
});

test("rows become text and rows again, in order and without empty ones", () => {
  const rows = [
    { start: 5000, end: 6000, text: "第二行\n\n有 <b> & 空行" },
    { start: 1000, end: 2500, text: "第一行" },
    { start: 9000, end: 9500, text: "  " },
  ];
  const text = vttOf(rows);
  assert.ok(text.startsWith("WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n第一行\n\n"), text);
  assert.deepEqual(rowsOf(text), [rows[1], { ...rows[0], text: "第二行\n有 <b> & 空行" }]);
  assert.deepEqual(rowsOf("WEBVTT\n\nNOTE words\n\nx\n"), []);
});
