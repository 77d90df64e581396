import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { LessonSocket } from "../../static/js/lib/socket.js";

/** A WebSocket in name only; every one that is opened can be played with. */
function room() {
  const opened = [];
  class Fake {
    readyState = 0;
    sent = [];
    constructor(url) {
      this.url = new URL(url);
      opened.push(this);
    }
    send(text) { this.sent.push(text); }
    close(code = 1006) { this.readyState = 3; this.onclose?.({ code }); }
    say(frame) { this.readyState = 1; this.onmessage({ data: JSON.stringify(frame) }); }
  }
  const batches = [];
  const heard = { events: [], online: [], refused: [] };
  const listener = {
    onEvents: (events) => { batches.push(events.map(({ id }) => id)); heard.events.push(...events.map(({ id }) => id)); },
    onHello: () => {},
    onLine: (online) => heard.online.push(online),
    onRefused: (code) => heard.refused.push(code),
  };
  const socket = new LessonSocket("/live/x/socket?studio", 5, listener, { WebSocket: Fake, base: "https://example.org/" });
  return { socket, opened, heard, batches };
}

test("a broken connection asks for what came after the last event, and gives nothing out twice", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, opened, heard } = room();
  socket.open();
  assert.match(opened[0].url.href, /^wss:\/\/example\.org\/live\/x\/socket\?studio=&after=5&page=[\w-]{8,40}$/);
  opened[0].say({ type: "hello", now: 0, last: 6 });
  opened[0].say({ type: "event", id: 6, at: 0, kind: "live.state", data: {} });
  opened[0].close();
  mock.timers.tick(5000);
  assert.equal(opened[1].url.searchParams.get("after"), "6");
  opened[1].say({ type: "hello", now: 0, last: 7 });
  opened[1].say({ type: "event", id: 6, at: 0, kind: "live.state", data: {} });
  opened[1].say({ type: "event", id: 7, at: 0, kind: "live.state", data: {} });
  opened[1].say({ type: "ping" });
  assert.deepEqual(heard, { events: [6, 7], online: [true, false, true], refused: [] });
  mock.timers.reset();
});

test("what was missed is given out in batches, what happens now at once", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, opened, batches } = room();
  const say = (id) => opened.at(-1).say({ type: "event", id, at: 0, kind: "chat.said", data: {} });
  const upTo = (first, last) => { for (let id = first; id <= last; id += 1) say(id); };
  socket.open();
  opened[0].say({ type: "hello", now: 0, last: 1000 });
  upTo(6, 405);
  assert.deepEqual(batches.map((one) => one.length), [300]);
  mock.timers.tick(101); // the line is slow: what is there is shown
  assert.deepEqual(batches.map((one) => one.length), [300, 100]);
  upTo(406, 410);
  opened[0].say({ type: "ping" }); // that was all
  upTo(411, 412);
  assert.deepEqual(batches.slice(2), [[406, 407, 408, 409, 410], [411], [412]]);
  socket.hurry(true);
  opened[1].say({ type: "hello", now: 0, last: 414 });
  upTo(413, 413);
  socket.hurry(true); // nothing that has come is lost when it comes back again
  upTo(414, 414);
  opened[2].close();
  assert.deepEqual(batches.slice(5), [[413], [414]]);
  mock.timers.reset();
});

test("one who is refused is told why and does not come back", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, opened, heard } = room();
  socket.open();
  opened[0].close(4403);
  mock.timers.tick(60_000);
  assert.equal(opened.length, 1);
  assert.deepEqual(heard.refused, [4403]);
  mock.timers.reset();
});

test("one who is put out in the middle is told why, does not come back by herself, and is let in when she may again", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, opened, heard } = room();
  socket.open();
  opened[0].say({ type: "hello", now: 0, last: 5 });
  opened[0].close(4401);
  mock.timers.tick(600_000);
  assert.equal(opened.length, 1);
  assert.deepEqual(heard.refused, [4401]);
  socket.hurry(); // she has signed in in another tab and looks at this one again
  opened[1].say({ type: "hello", now: 0, last: 5 });
  assert.deepEqual(heard.online, [true, false, true]);
  mock.timers.reset();
});

test("a network that answers nothing is given up after some seconds", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, opened } = room();
  socket.open();
  mock.timers.tick(6000);
  mock.timers.tick(5000);
  assert.ok(opened.length > 1);
  mock.timers.reset();
});

test("a server that said hello and fell silent is asked anew", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, opened } = room();
  socket.open();
  opened[0].say({ type: "hello", now: 0, last: 5 });
  mock.timers.tick(46_000);
  assert.equal(opened.length, 2);
  mock.timers.reset();
});

test("a ping is answered", () => {
  const { socket, opened } = room();
  socket.open();
  opened[0].say({ type: "ping" });
  assert.deepEqual(opened[0].sent, ['{"type":"pong"}']);
  socket.close();
});

test("what is asked while the line connects is sent once, as soon as the server is there", async () => {
  const { socket, opened } = room();
  socket.open();
  const asked = socket.ask("hands.raise", { reason: "" });
  assert.deepEqual(opened[0].sent, []);
  opened[0].say({ type: "hello", now: 0, last: 5 });
  socket.ask("hands.lower", {}).catch(() => undefined);
  opened[0].say({ type: "hello", now: 0, last: 5 });
  assert.deepEqual(opened[0].sent.map((text) => JSON.parse(text).name), ["hands.raise", "hands.lower"]);
  opened[0].say({ type: "done", n: JSON.parse(opened[0].sent[0]).n, data: 7 });
  assert.equal(await asked, 7);
  socket.close();
});

test("what may have arrived on the line before is not done twice", async () => {
  const { socket, opened } = room();
  socket.open();
  opened[0].say({ type: "hello", now: 0, last: 5 });
  const once = socket.ask("hands.raise", {}), again = socket.ask("chat.say", { nonce: "a" });
  socket.hurry(true);
  opened[1].say({ type: "hello", now: 0, last: 5 });
  assert.deepEqual(opened[1].sent.map((text) => JSON.parse(text).name), ["chat.say"]);
  await assert.rejects(once, (why) => why === null);
  again.catch(() => undefined);
  socket.close();
});
