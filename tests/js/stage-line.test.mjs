import assert from "node:assert/strict";
import { test } from "node:test";

import { StageLine } from "../../static/js/classroom/slides/stage-line.js";

/** A server whose answers the test gives. */
function server() {
  const asked = [];
  const behind = [];
  let now = 1_000_000;
  const line = new StageLine({
    ask: (name, fields) => new Promise((resolve, reject) => asked.push({ name, fields, resolve, reject })),
    now: () => (now += 1),
    onBehind: (is) => behind.push(is),
  });
  return { line, asked, behind };
}

const settle = () => new Promise((done) => setTimeout(done, 5));
const until = async (condition) => { while (!condition()) await settle(); };

test("one after the other, each with the moment at which it was done", async () => {
  const { line, asked } = server();
  const first = line.send("slides.draw", { stroke: "a" });
  const second = line.send("slides.draw", { stroke: "b" }, 5.6);
  await settle();
  assert.equal(asked.length, 1);
  asked[0].resolve({ event: 7 });
  assert.deepEqual(await first, { event: 7 });
  await until(() => asked.length === 2);
  assert.deepEqual(asked.map(({ fields }) => fields), [{ stroke: "a", at: 1_000_001 }, { stroke: "b", at: 6 }]);
  asked[1].resolve({ event: 8 });
  assert.deepEqual(await second, { event: 8 });
});

test("pages that were turned over meanwhile are left out, and the last one arrives", async () => {
  const { line, asked } = server();
  const turns = [1, 2, 3, 4].map((page) => line.send("slides.show", { page }));
  await settle();
  asked[0].resolve({ event: 1 });
  await until(() => asked.length === 2);
  assert.equal(asked[1].fields.page, 4);
  asked[1].resolve({ event: 2 });
  assert.deepEqual(await Promise.all(turns), [{ event: 1 }, null, null, { event: 2 }]);
});

test("what is drawn between two turns keeps them apart", async () => {
  const { line, asked } = server();
  const all = [line.send("slides.show", { page: 1 }), line.send("slides.draw", {}), line.send("slides.show", { page: 2 })];
  for (const count of [1, 2, 3]) {
    await until(() => asked.length === count);
    asked[count - 1].resolve({ event: count });
  }
  assert.deepEqual((await Promise.all(all)).map(({ event }) => event), [1, 2, 3]);
});

test("a refusal is given back, and the next one is sent", async () => {
  const { line, asked } = server();
  const first = line.send("slides.show", { page: 1 });
  const second = line.send("slides.draw", {});
  await settle();
  asked[0].reject({ code: "slides.no_page", message: "", mend: "" });
  await assert.rejects(first, { code: "slides.no_page" });
  await until(() => asked.length === 2);
  asked[1].resolve({ event: 2 });
  assert.deepEqual(await second, { event: 2 });
});

test("a server that is not reached is asked again until it answers, by the newest page; pointing is let go", async () => {
  const { line, asked, behind } = server();
  const pages = [line.send("slides.show", { page: 1 })];
  await settle();
  asked[0].reject(null);
  await until(() => behind.length === 1);
  pages.push(line.send("slides.show", { page: 2 }));
  assert.equal(await line.send("slides.point", {}), null);
  line.hurry();
  await until(() => asked.length === 2);
  assert.equal(asked[1].fields.page, 2);
  asked[1].resolve({ event: 3 });
  assert.deepEqual(await Promise.all(pages), [null, { event: 3 }]);
  assert.deepEqual(behind, [true, false]);
});

test("who is too fast waits a little and is heard", async () => {
  const { line, asked, behind } = server();
  const drawn = line.send("slides.draw", {});
  await settle();
  asked[0].reject({ code: "classroom.too_fast" });
  await until(() => asked.length === 2);
  asked[1].resolve({ event: 1 });
  assert.deepEqual(await drawn, { event: 1 });
  assert.deepEqual(behind, []);
});
