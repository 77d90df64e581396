import assert from "node:assert/strict";
import { test } from "node:test";

import { noteLeft, ticketsFrom } from "../../static/js/lib/sending-wire.js";

const kept = new Map();
globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
/** @type {URLSearchParams[]} */
const asked = [];
globalThis.fetch = async (_path, { body }) => { asked.push(body); return { ok: true, json: async () => ({}) }; };

test("the app is told which page of this browser has left, for its lesson alone", async () => {
  const ask = (path) => ticketsFrom(path, "token")({ sender: "tab-bbbbbbbb", takeOver: false });
  await ask("/live/one/sending");
  noteLeft("/live/one/sending", "tab-aaaaaaaa");
  await ask("/live/one/sending");
  await ask("/live/two/sending");
  assert.deepEqual(asked.map((body) => body.get("left")), ["", "tab-aaaaaaaa", ""]);
});
