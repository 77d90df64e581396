import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Reporter } from "../../static/js/credits/reporter.js";
import { Unreported } from "../../static/js/lib/unreported.js";
import { union } from "../../static/js/lib/watched.js";

const BEGAN = 1_800_000_000_000;

beforeEach(() => {
  const methods = {
    getItem(/** @type {string} */ name) { return this[name] ?? null; },
    setItem(/** @type {string} */ name, /** @type {string} */ text) { this[name] = text; },
    removeItem(/** @type {string} */ name) { delete this[name]; },
  };
  globalThis.localStorage = /** @type {any} */ (Object.create(methods));
});

const piece = (from, to) => ({ from: BEGAN + from, to: BEGAN + to, speed: 1, facts: 0 });

/** A server that takes reports from all pages, and a line that may be lost. */
class Server {
  line = true;
  stored = [];

  async hear({ since, pieces, whole }) {
    if (!this.line) throw null;
    for (let at = 0; at < pieces.length; at += 4) this.stored = union([...this.stored, [since + pieces[at], since + pieces[at + 1]]]);
    return { watched_ms: this.ms, why: "", ...(whole ? { stretches: this.stored } : {}) };
  }

  get ms() {
    return this.stored.reduce((sum, [from, to]) => sum + to - from, 0);
  }
}

/** A page of the lesson; it is gone when nobody calls it any more. */
class Page {
  at = 0; // ms

  constructor(server, name, person = "lesson.7") {
    this.reporter = new Reporter((fields) => server.hear(fields), () => this.at);
    this.reporter.storedMs = server.ms;
    this.unreported = new Unreported(person, name);
    this.reporter.takeUp(this.unreported.take());
  }

  async play(from, to) {
    for (let wall = from; wall <= to; wall += 250, this.at += 250) {
      this.reporter.watched.sample({ at: this.at, playing: true, position: wall / 1000, wall: BEGAN + wall, speed: 1, facts: 0 });
      this.reporter.plays();
      await this.beat();
    }
  }

  async beat() {
    this.reporter.beat();
    await new Promise(setImmediate);
    this.unreported.keep(this.reporter.unreported);
  }
}

test("what a page could not say while it went is reported by the next one, and the sum agrees from its first answer on", async () => {
  const server = new Server();
  const watch = new Page(server, "watch");
  await watch.play(0, 28_000);
  const shown = watch.reporter.sumMs;
  assert.ok(shown - server.ms > 5000, "much of it is not reported when the page is gone, without a word");
  const replay = new Page(server, "replay");
  await replay.beat();
  assert.equal(replay.reporter.sumMs, shown);
  await replay.beat();
  assert.equal(server.ms, shown);
  assert.deepEqual(replay.reporter.unreported, []);
  assert.deepEqual(Object.keys(localStorage), []);
});

test("a page that is gone before its first answer leaves on what it found", async () => {
  const server = new Server();
  await new Page(server, "one").play(0, 6000);
  server.line = false;
  await new Page(server, "two").beat();
  server.line = true;
  const three = new Page(server, "three");
  await three.beat();
  await three.beat();
  assert.equal(server.ms, 6000);
});

test("what was stored all the same is neither shown nor reported again", async () => {
  const server = new Server();
  const watch = new Page(server, "watch");
  await watch.play(0, 6000);
  await server.hear({ ...watch.reporter.rest(), whole: false }); // as the page goes: no answer is awaited
  const replay = new Page(server, "replay");
  assert.equal(replay.reporter.sumMs, 6000);
  await replay.beat();
  assert.deepEqual([replay.reporter.sumMs, replay.reporter.watched.waits, replay.reporter.isAgain], [6000, false, false]);
});

test("nothing is reported for another person or lesson, and nothing after the server pays no more", async (context) => {
  new Unreported("lesson.7", "gone").keep([piece(0, 1000)]);
  assert.deepEqual(new Unreported("lesson.8", "page").take(), []);
  assert.deepEqual(new Unreported("other.7", "page").take(), []);
  assert.deepEqual(new Unreported("", "page").take(), []);
  assert.deepEqual(new Unreported("lesson.7", "page").take(), [piece(0, 1000)]);
  context.mock.timers.enable({ apis: ["Date"], now: Date.now() + 61_000 });
  assert.deepEqual(new Unreported("other.7", "page").take(), []);
  assert.deepEqual(Object.keys(localStorage), [], "nothing old is kept");
});

test("a storage that is closed, or holds something else, takes nothing from anybody", () => {
  localStorage["unreported:lesson.7:gone"] = "nonsense";
  localStorage["unreported:lesson.7:other"] = JSON.stringify({ at: Date.now(), pieces: [{ from: "x" }, piece(0, 1000)] });
  assert.deepEqual(new Unreported("lesson.7", "page").take(), [piece(0, 1000)]);
  globalThis.localStorage = /** @type {any} */ (new Proxy({}, { ownKeys() { throw new Error("closed"); }, get() { throw new Error("closed"); } }));
  const one = new Unreported("lesson.7", "page");
  one.keep([piece(0, 1000)]);
  assert.deepEqual(one.take(), []);
});
