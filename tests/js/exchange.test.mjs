import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Naps } from "../../static/js/lib/backoff.js";
import { exchange } from "../../static/js/lib/exchange.js";

const URL_ = new URL("https://example.org/live/x/replay/feed");
const batch = (last, more) => new Response(JSON.stringify({ last, more, events: [{ id: last }] }));
const broken = () => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("the line broke")) }));

/** Ask with these answers, one after the other; waits are cut short whenever there is trouble. */
async function asked(...answers) {
  const said = { after: [], events: [], troubles: [] };
  const naps = new Naps();
  const world = mock.method(globalThis, "fetch", async (url) => {
    said.after.push(url.searchParams.get("after"));
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const onTrouble = (trouble) => {
    said.troubles.push(trouble);
    if (trouble !== "none") setImmediate(() => naps.hurry()); // as the button on the page does
  };
  await exchange.batches(new URL(URL_), (events) => said.events.push(...events.map(({ id }) => id)), { signal: new AbortController().signal, naps, onTrouble });
  world.mock.restore();
  return said;
}

test("batches come one after the other", async () => {
  const said = await asked(batch(300, true), batch(600, true), batch(601, false));
  assert.deepEqual(said, { after: [null, "300", "600"], events: [300, 600, 601], troubles: ["none", "none", "none"] });
});

test("what does not come is asked for again, and said: nothing is left out", async () => {
  const said = await asked(batch(300, true), new Error("no network"), new Response("", { status: 500 }), broken(), batch(600, false));
  assert.deepEqual(said.events, [300, 600]);
  assert.deepEqual(said.after, [null, "300", "300", "300", "300"]);
  assert.deepEqual(said.troubles, ["none", "waiting", "waiting", "waiting", "none"]);
});

test("who is refused is told so, and may try again", async () => {
  const said = await asked(new Response("", { status: 401 }), new Response("", { status: 429 }), batch(1, false));
  assert.deepEqual(said, { after: [null, null, null], events: [1], troubles: ["refused", "waiting", "none"] });
});
