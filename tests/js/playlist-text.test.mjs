import assert from "node:assert/strict";
import { test } from "node:test";

import { newestOf, piecesOf, targetOf } from "../../static/js/lib/playlist-text.js";

const TEXT = `#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-MAP:URI="init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-24T03:00:00.000Z
#EXTINF:1.00000,
a.m4s
#EXTINF:0.50000,
b.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-11-24T03:10:00.000Z
#EXTINF:1.00000,
c.m4s
`;

test("pieces stand one behind the other, each with its moment of capture", () => {
  const t = Date.parse("2026-11-24T03:00:00Z");
  assert.deepEqual(piecesOf(TEXT), [
    { start: 0, duration: 1, programDateTime: t },
    { start: 1, duration: 0.5, programDateTime: t + 1000 },
    { start: 1.5, duration: 1, programDateTime: t + 600_000 },
  ]);
});

test("the newest piece ends where the lecture is now", () => {
  assert.deepEqual(newestOf(TEXT), { edge: Date.parse("2026-11-24T03:10:01Z"), duration: 1000 });
  assert.equal(newestOf("#EXTM3U\n"), null);
});

test("the target duration", () => {
  assert.equal(targetOf(TEXT), 2000);
});
