import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { NativeEngine } from "../../static/js/classroom/player/engine-native.js";

const T = Date.parse("2026-11-24T03:00:00Z");
const RECORDING = `#EXTM3U
#EXT-X-PROGRAM-DATE-TIME:2026-11-24T03:00:00.000Z
#EXTINF:1.00000,
a.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-11-24T03:10:00.000Z
#EXTINF:1.00000,
b.m4s
`;
const { fetch } = globalThis;
afterEach(() => { globalThis.fetch = fetch; });

function engine() {
  const video = Object.assign(new EventTarget(), {
    load() {}, removeAttribute() {}, getStartDate: () => new Date(T), currentTime: 0, duration: 2, seekable: { length: 1, end: () => 2 },
  });
  const book = { playlist: (scope) => `https://a/${scope}.m3u8`, name: (url) => url };
  let grown = () => {};
  const timeline = new Promise((resolve) => { grown = resolve; });
  return { video, timeline, made: new NativeEngine(video, book, { onTimeline: grown, onTrouble() {} }) };
}

test("of a recording the playlist tells the dates, gaps and all", async () => {
  globalThis.fetch = async () => new Response(RECORDING);
  const { video, timeline, made } = engine();
  made.load({ scope: "full", audioOnly: false, wall: T + 600_500 });
  video.dispatchEvent(new Event("loadedmetadata"));
  await timeline;
  assert.equal(made.clock.wallAt(1.5), T + 600_500);
  assert.equal(made.clock.positionAt(T + 600_500), 1.5);
  assert.equal(made.clock.edge, T + 601_000);
});

test("of the present there is the date of the beginning only", () => {
  const { made } = engine();
  made.load({ scope: "live", audioOnly: false });
  assert.equal(made.clock.wallAt(1.5), T + 1500);
});
