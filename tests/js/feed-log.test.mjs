import assert from "node:assert/strict";
import { test } from "node:test";

import { FeedLog, pieceOf } from "../../static/js/lib/feed-log.js";

const said = (id, words = `message ${id}`) => ({
  type: "event", id, at: 1000 * id, kind: "chat.said", data: { message: id },
  html: { message: `<li class="message"\n    id="chat-${id}" data-into="chat-list" data-order="${id}">${words}</li>` },
});
const question = (id, at, state, votes) => ({
  type: "event", id: at, at: 1000 * at, kind: "questions.changed", data: { question: id, state, votes },
  html: { question: `<li id="question-${id}" data-into="questions-list" data-order="${id}">${state}</li>` },
});
const shown = (log, list = "chat-list") => log.list(list).map((piece) => piece.html.replace(/<[^>]*>/g, ""));

test("the beginning of a fragment says where it belongs", () => {
  const html = '<li class="message"\n data-by="u1" id="chat-5"\n data-into="chat-list" data-order="5"><b id="x">a > b</b></li>';
  assert.deepEqual(pieceOf(html), { id: "chat-5", into: "chat-list", order: 5, html });
  assert.equal(pieceOf("<p>nowhere</p>"), null);
});

test("at each moment there stands what stood there, on the way forward and back", () => {
  const log = new FeedLog();
  const changed = { ...said(4, "other words"), id: 9, at: 9000, kind: "chat.changed" };
  const gone = { type: "event", id: 10, at: 10_000, kind: "chat.gone", data: { gone: "chat-3" } };
  const pinned = { type: "event", id: 11, at: 11_000, kind: "chat.pinned", data: {}, html: { pinned: '<div id="chat-pinned">x</div>' } };
  log.add([said(1), said(2), said(3), said(4), changed, gone, pinned]);
  const at = {};
  for (const wall of [0, 2500, 8000, 9000, 10_000, 20_000]) {
    log.goTo(wall);
    at[wall] = shown(log);
  }
  assert.deepEqual(at[20_000], ["message 1", "message 2", "other words"]);
  assert.deepEqual(at[8000], ["message 1", "message 2", "message 3", "message 4"]);
  assert.ok(log.piece("chat-pinned"));
  for (const wall of [10_000, 0, 20_000, 9000, 2500, 8000]) {
    log.goTo(wall);
    assert.deepEqual(shown(log), at[wall], `at ${wall}`);
  }
  assert.equal(log.piece("chat-pinned"), undefined);
});

test("a step names what has changed and which events have come; the second half of the events may come later", () => {
  const log = new FeedLog();
  log.add([said(1), said(2)]);
  assert.deepEqual(log.goTo(1500).forward.map((event) => event.id), [1]);
  log.goTo(Infinity);
  log.add([said(3)]);
  const { changed, forward } = log.goTo(Infinity);
  assert.deepEqual([[...changed.keys()], forward.map((event) => event.id)], [["chat-3"], [3]]);
  const back = log.goTo(1500);
  assert.deepEqual([[...back.changed.keys()].sort(), back.forward], [["chat-2", "chat-3"], []]);
  assert.deepEqual(back.changed.get("chat-2"), new Set(["chat-list"]));
});

test("an event that is dated before one that it follows comes with it, and goes with it", () => {
  const log = new FeedLog();
  log.add([said(1), said(2), { ...said(3), at: 500 }]);
  const at = (wall) => { log.goTo(wall); return shown(log).length; };
  assert.deepEqual([1000, 2000, 1999, 0, 9000].map(at), [1, 3, 1, 0, 3]);
});

test("votes are those of the moment, also on the way back", () => {
  const log = new FeedLog();
  const voted = { type: "event", id: 3, at: 3000, kind: "questions.voted", data: { votes: { 1: 5 } } };
  log.add([question(1, 1, "open", 0), voted, question(1, 4, "answered", 5), { ...voted, id: 6, at: 6000, data: { votes: { 1: 7 } } }]);
  assert.deepEqual(log.goTo(9000).votes, { 1: 7 });
  assert.deepEqual(log.goTo(5000).votes, { 1: 5 });
  assert.deepEqual(log.goTo(2000).votes, { 1: 0 });
  assert.deepEqual(shown(log, "questions-list"), ["open"]);
  assert.deepEqual(log.goTo(2500).votes, {});
});

test("twenty thousand messages forward and back take no time", () => {
  const log = new FeedLog();
  log.add(Array.from({ length: 20_000 }, (_, index) => said(index + 1)));
  const began = process.cpuUsage();
  assert.equal(log.goTo(Infinity).forward.length, 20_000);
  log.goTo(-Infinity);
  const { user, system } = process.cpuUsage(began);
  assert.equal(log.list("chat-list").length, 0);
  assert.ok((user + system) / 1e6 < 1.5, `${(user + system) / 1e6} s of CPU`);
});
