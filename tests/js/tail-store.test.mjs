import assert from "node:assert/strict";
import { test } from "node:test";

import { TailStore } from "../../static/js/lib/tail-store.js";

/** A server with one file; notes what it was asked for. */
function server(text, { ranges = true } = {}) {
  const world = { text, asked: [] };
  world.fetch = async (_url, { headers } = {}) => {
    const bytes = new TextEncoder().encode(world.text);
    const from = ranges ? Number(/bytes=(\d+)-/.exec(headers?.Range ?? "")?.[1] ?? NaN) : NaN;
    world.asked.push(Number.isNaN(from) ? "all" : from);
    if (Number.isNaN(from)) return new Response(bytes);
    if (from >= bytes.length) return new Response(null, { status: 416 });
    return new Response(bytes.slice(from), { status: 206 });
  };
  return world;
}

const START = "#EXTM3U\n".padEnd(200, "x") + "\n";

test("only the tail travels the second time", async () => {
  const world = server(START);
  const store = new TailStore({ fetch: world.fetch });
  assert.equal(await store.read("a", "/a"), START);
  world.text += "讲堂\n";
  assert.equal(await store.read("a", "/a"), world.text);
  assert.deepEqual(world.asked, ["all", 201 - 64]);
});

test("a file written anew is read whole", async () => {
  for (const fresh of ["#EXTM3U\nshort\n", START.replaceAll("x", "y") + "more"]) {
    const world = server(START);
    const store = new TailStore({ fetch: world.fetch });
    await store.read("a", "/a");
    world.text = fresh;
    assert.equal(await store.read("a", "/a"), fresh);
  }
});

test("a server that knows no ranges is understood", async () => {
  const world = server(START, { ranges: false });
  const store = new TailStore({ fetch: world.fetch });
  await store.read("a", "/a");
  world.text += "more";
  assert.equal(await store.read("a", "/a"), world.text);
});

test("a young copy is given out again without asking", async () => {
  let now = 0;
  const world = server(START);
  const store = new TailStore({ fetch: world.fetch, now: () => now, restMs: 4000 });
  await store.read("a", "/a");
  now = 3999;
  await store.read("a", "/a");
  assert.equal(world.asked.length, 1);
});

test("playlists that drop their beginning are read whole", async () => {
  const world = server(START);
  const store = new TailStore({ fetch: world.fetch, grows: false });
  await store.read("a", "/a");
  await store.read("a", "/a");
  assert.deepEqual(world.asked, ["all", "all"]);
});

test("an error of the server keeps its number", async () => {
  const store = new TailStore({ fetch: async () => new Response("", { status: 410 }) });
  await assert.rejects(store.read("a", "/a"), { status: 410 });
});

test("what is still to come is not taken for an empty playlist", async () => {
  const store = new TailStore({ fetch: async () => new Response(null, { status: 204 }) });
  await assert.rejects(store.read("a", "/a"), { status: 204 });
});
