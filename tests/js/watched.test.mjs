import assert from "node:assert/strict";
import { test } from "node:test";

import { Reporter } from "../../static/js/credits/reporter.js";
import { meterText, stateOf } from "../../static/js/credits/states.js";
import { HIDDEN, Watched, fieldsOf, freshMs, union } from "../../static/js/lib/watched.js";

/** A player that is looked at four times a second. */
class Player {
  watched;
  at = 0; // ms
  position = 0; // s
  wall = 1_000_000; // ms
  speed = 1;
  facts = 0;
  playing = true;

  constructor(watched = new Watched()) {
    this.watched = watched;
  }

  look() {
    this.watched.sample({ at: this.at, playing: this.playing, position: this.position, wall: this.wall, speed: this.speed, facts: this.facts });
  }

  run(seconds, every = 0.25, stands = false) {
    this.look();
    for (let left = seconds; left > 1e-9; left -= every) {
      const step = Math.min(every, left);
      this.at += step * 1000;
      if (this.playing && !stands) {
        this.position += step * this.speed;
        this.wall += step * 1000 * this.speed;
      }
      this.look();
    }
    return this;
  }

  /** To another place; the browser says so before. */
  seek(seconds, wall = this.wall + (seconds - this.position) * 1000) {
    this.watched.cut();
    [this.position, this.wall] = [seconds, wall];
    return this;
  }
}

const pieces = (player) => player.watched.take().map(({ from, to }) => [Math.round(from - 1_000_000), Math.round(to - 1_000_000)]);

test("what plays without a break is one piece, in whatever steps it is looked at", () => {
  assert.deepEqual(pieces(new Player().run(10)), [[0, 10_000]]);
  assert.deepEqual(pieces(new Player().run(60, 20)), [[0, 60_000]], "a hidden tab is looked at rarely");
});

test("a pause, a seek and a picture that stands end a piece, and play on from where they are", () => {
  const player = new Player().run(5);
  player.playing = false;
  player.run(20);
  player.playing = true;
  player.run(5);
  assert.deepEqual(pieces(player), [[0, 10_000]], "a pause is no gap in the media");
  player.seek(100).run(2).seek(3).run(1).run(30, 0.25, true).run(1);
  assert.deepEqual(pieces(player).slice(1), [[100_000, 102_000], [3000, 5000]]);
});

test("a jump that nobody announces is not played", () => {
  const player = new Player().run(5);
  [player.position, player.wall, player.at] = [60, 1_060_000, player.at + 250];
  player.run(5);
  assert.deepEqual(pieces(player), [[0, 5000], [60_000, 65_000]]);
});

test("over a gap without media nothing is played", () => {
  const player = new Player().run(5);
  player.wall += 30_000; // the encoder was away, positions go on
  player.run(5);
  assert.deepEqual(pieces(player), [[0, 5000], [35_000, 40_000]]);
});

test("a device whose clock is set plays as before", () => {
  const date = Date.now;
  try {
    const player = new Player().run(5);
    Date.now = () => date() - 86_400_000;
    assert.deepEqual(pieces(player.run(5)), [[0, 10_000]]);
  } finally {
    Date.now = date;
  }
});

test("speed and facts belong to the piece in which they were so", () => {
  const player = new Player().run(4);
  player.speed = 2;
  player.look();
  player.run(4);
  player.facts = HIDDEN;
  player.look();
  player.run(2);
  assert.deepEqual(player.watched.take().map(({ from, to, speed, facts }) => [from, to, speed, facts]), [
    [1_000_000, 1_004_000, 1, 0], [1_004_000, 1_012_000, 2, 0], [1_012_000, 1_016_000, 2, HIDDEN],
  ]);
});

test("what was taken stays until it is settled, and goes on without a hole", () => {
  const player = new Player().run(10);
  const first = player.watched.take();
  player.run(5);
  assert.deepEqual(pieces(player), [[0, 15_000]], "lost on the way: sent again with what came since");
  player.run(5);
  player.watched.settled(first);
  const second = player.watched.take();
  player.watched.settled(second);
  assert.equal(player.watched.waits, false);
  assert.deepEqual(pieces(player.run(1)), [[20_000, 21_000]]);
});

test("the fields of a report", () => {
  const taken = [{ from: 5000.4, to: 9000.2, speed: 1.5, facts: 3 }];
  const { since, pieces: numbers } = fieldsOf(taken);
  assert.deepEqual([since, numbers], [5000, [0, 4000, 1500, 3]]);
  assert.deepEqual(fieldsOf([]).pieces, []);
});

test("what is watched again adds nothing", () => {
  assert.deepEqual(union([[5, 9], [0, 2], [2, 3], [8, 12], [20, 20]]), [[0, 3], [5, 12]]);
  assert.equal(freshMs([{ from: 2, to: 7, speed: 1, facts: 0 }, { from: 6, to: 8, speed: 1, facts: 0 }], [[0, 3], [6, 7]]), 4);
});

/** A reporter with a server that answers when it is told to. */
function desk() {
  const world = { now: 0, sent: [], line: true, storedMs: 0 };
  const reporter = new Reporter(async (fields) => {
    if (!world.line) throw null;
    world.sent.push(fields);
    const { since, pieces: numbers } = fields;
    for (let at = 0; at < numbers.length; at += 4) world.stored = union([...(world.stored ?? []), [since + numbers[at], since + numbers[at + 1]]]);
    const watched = (world.stored ?? []).reduce((sum, [from, to]) => sum + to - from, 0);
    return { watched_ms: watched, why: "", ...(fields.whole ? { stretches: world.stored ?? [] } : {}) };
  }, () => world.now);
  const player = new Player(reporter.watched);
  const run = async (seconds) => {
    for (let at = 0; at < seconds; at += 1) {
      player.run(1);
      world.now += 1000;
      if (reporter.watched.waits) reporter.plays();
      reporter.beat();
      await new Promise(setImmediate);
    }
  };
  return { world, reporter, player, run };
}

test("a page reports every ten seconds, and the sum is right at any moment", async () => {
  const { world, reporter, run } = desk();
  await run(35);
  assert.equal(reporter.sumMs, 35_000);
  assert.ok(world.sent.length >= 4 && world.sent.length <= 6, `${world.sent.length} reports`);
  assert.equal(world.sent[0].whole, true, "it asks first what is stored");
});

test("what does not arrive is reported again, and counts once", async () => {
  const { world, reporter, run } = desk();
  await run(15);
  world.line = false;
  await run(45);
  assert.equal(reporter.sumMs, 60_000);
  assert.ok(reporter.unheard > 30_000);
  world.line = true;
  await run(15);
  assert.equal(reporter.unheard, 0);
  assert.deepEqual(world.stored.map(([from, to]) => to - from), [75_000 - (world.now - 75_000) - reporter.freshMs]);
});

test("a report that was full is followed by another", async () => {
  const { world, reporter, player, run } = desk();
  await run(2);
  for (let at = 0; at < 60; at += 1) player.seek(100 + at * 10).run(1);
  world.now += 60_000;
  await run(6);
  assert.ok(!reporter.watched.pieces.some(({ from }) => from < player.wall - 10_000), "nothing old waits");
});

test("what another device has reported is not counted here again", async () => {
  const { reporter, player, run } = desk();
  await run(12);
  reporter.learn({ watched_ms: 40_000, stretches: [[1_000_000, 1_040_000]] });
  await run(4);
  assert.deepEqual([reporter.sumMs, reporter.isAgain], [40_000, true]);
  player.seek(100);
  await run(4);
  assert.deepEqual([reporter.sumMs > 43_000, reporter.isAgain], [true, false]);
});

test("the meter says why nothing counts", () => {
  const plays = { seat: "", why: "", lesson: "on_air", present: true, speaks: false, wanted: true, still: 0, unheard: 0, again: false };
  assert.equal(stateOf(plays), "counting");
  for (const [facts, state] of [
    [{ seat: "guest" }, "guest"], [{ lesson: "paused", still: 3000 }, "lesson-paused"], [{ lesson: "scheduled", still: Infinity }, "not-begun"],
    [{ lesson: "paused", still: 100 }, "counting"], [{ wanted: false }, "stopped"], [{ still: 3000 }, "stands"], [{ unheard: 61_000 }, "line"],
    [{ why: "other_lesson" }, "other-lesson"], [{ why: "limit" }, "limit"], [{ why: "no_replay" }, "no-replay"], [{ again: true }, "again"],
    [{ lesson: "paused", present: false }, "counting"], [{ speaks: true, still: 9000, wanted: false }, "counting"],
  ]) assert.equal(stateOf({ ...plays, ...facts }), state);
  assert.deepEqual([0, 1_390_999, 36_000_000].map(meterText), ["00:00:00", "00:23:10", "10:00:00"]);
});
