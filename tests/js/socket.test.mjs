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
  const heard = { events: [], online: [], refused: [] };
  const listener = {
    onEvent: (event) => heard.events.push(event.id),
    onHello: () => {},
    onLine: (online) => heard.online.push(online),
    onRefused: (code) => heard.refused.push(code),
  };
  const socket = new LessonSocket("/live/x/socket?studio", 5, listener, { WebSocket: Fake, base: "https://example.org/" });
  return { socket, opened, heard };
}

test("a broken connection asks for what came after the last event, and gives nothing out twice", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, opened, heard } = room();
  socket.open();
  assert.equal(opened[0].url.href, "wss://example.org/live/x/socket?studio=&after=5");
  opened[0].say({ type: "hello", now: 0, last: 6 });
  opened[0].say({ type: "event", id: 6, at: 0, kind: "live.state", data: {} });
  opened[0].close();
  mock.timers.tick(5000);
  assert.equal(opened[1].url.searchParams.get("after"), "6");
  opened[1].say({ type: "hello", now: 0, last: 7 });
  opened[1].say({ type: "event", id: 6, at: 0, kind: "live.state", data: {} });
  opened[1].say({ type: "event", id: 7, at: 0, kind: "live.state", data: {} });
  assert.deepEqual(heard, { events: [6, 7], online: [true, false, true], refused: [] });
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
