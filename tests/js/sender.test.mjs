import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Sender } from "../../static/js/lib/sender.js";
import { Flag, pack } from "../../static/js/lib/sending-wire.js";
import { HEADER, PICTURE, SOUND, block, cluster } from "./webm.mjs";

const HELD = { error: "media.somebody_sends", status: 409, message: "x", sending: { name: "王", encoder: "Chrome 140" } };

/** A page with a recorder, and a server that is played by the test. */
function page({ tickets } = {}) {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1000 });
  const opened = [];
  class Fake {
    readyState = 0;
    texts = [];
    chunks = [];
    constructor(url) { this.url = url; opened.push(this); }
    send(frame) {
      if (typeof frame === "string") { this.texts.push(JSON.parse(frame)); return; }
      const head = new DataView(frame.buffer);
      this.chunks.push({ sequence: head.getUint32(0), flags: head.getUint8(4), endsAt: head.getFloat64(8), size: frame.byteLength - 16 });
    }
    close(code = 1006) { if (this.readyState !== 3) { this.readyState = 3; queueMicrotask(() => this.onclose?.({ code })); } }
    open() { this.readyState = 1; this.onopen(); }
    say(frame) { this.onmessage({ data: JSON.stringify(frame) }); }
    welcome(resume = null) { this.open(); this.say({ type: "welcome", now: 0, resume }); }
    ack(sequence) { this.say({ type: "ack", sequence, rtt: 20 }); }
    get numbers() { return this.chunks.map((one) => one.sequence); }
    get sent() { return this.chunks.reduce((sum, one) => sum + one.size, 0); }
  }
  const heard = { states: [], why: null };
  const asked = [];
  const give = tickets ?? (async () => ({ url: "ws://w/send", ticket: `t${asked.length}` }));
  const sender = new Sender(
    { onState: (state, why) => { heard.states.push(state); heard.why = why; } },
    { WebSocket: Fake, now: () => Date.now(), name: "tab-aaaaaaaa" },
  );
  let recorded = 0;
  const record = (count = 1, size = 1000) => {
    for (let n = 0; n < count; n++) {
      mock.timers.tick(250);
      sender.send(new ArrayBuffer(size), { endsAt: Date.now(), startsNewHeader: recorded === 0 });
      recorded += 1;
    }
  };
  const open = async (wish) => { sender.open((what) => { asked.push(what); return give(what); }, "video/webm", wish); await settle(); };
  return { sender, opened, heard, asked, record, open, newRecorder: () => { recorded = 0; } };
}

/** Let what was promised happen. */
async function settle() {
  for (let n = 0; n < 10; n++) await Promise.resolve();
}

test.afterEach(() => mock.timers.reset());

test("says hello with its ticket, sends only after the welcome, answers clock messages at once", async () => {
  const { sender, opened, heard, asked, record, open } = page();
  await open();
  assert.deepEqual(asked, [{ sender: "tab-aaaaaaaa", takeOver: false }]);
  const [socket] = opened;
  socket.open();
  assert.deepEqual(socket.texts, [{ type: "hello", version: 1, ticket: "t1", sender: "tab-aaaaaaaa", mime: "video/webm" }]);
  record(2);
  assert.deepEqual(socket.chunks, []);
  socket.say({ type: "clock", t0: 77.5 });
  assert.deepEqual(socket.texts[1], { type: "clock", t0: 77.5, t1: Date.now(), t2: Date.now() });
  socket.say({ type: "welcome", now: 0, resume: null });
  record(1);
  assert.deepEqual(socket.numbers, [1, 2, 3]);
  assert.deepEqual(socket.chunks.map((one) => one.flags), [Flag.NEW_HEADER | Flag.LATE, Flag.LATE, 0]);
  assert.equal(socket.chunks[2].endsAt, Date.now());
  assert.deepEqual(heard.states, ["connecting", "sending"]);
  assert.equal(sender.state, "sending");
});

test("the head is sixteen bytes, big-endian", () => {
  const frame = pack({ sequence: 258, flags: 5, endsAt: 1.5, data: new Uint8Array([9]) });
  assert.deepEqual([...frame], [0, 0, 1, 2, 5, 0, 0, 0, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 9]);
});

test("a large chunk goes in pieces", async () => {
  const { opened, record, open } = page();
  await open();
  opened[0].welcome();
  record(1, 40_000);
  for (let n = 0; n < 3; n += 1) opened[0].ack(opened[0].numbers.at(-1));
  assert.deepEqual(opened[0].chunks.map((one) => one.size), [16_384, 16_384, 7232]);
  assert.deepEqual(opened[0].chunks.map((one) => one.flags), [Flag.NEW_HEADER, 0, 0]);
});

test("after a broken line it goes on with what the server has not got, without a header", async () => {
  const { opened, heard, record, open } = page();
  await open();
  opened[0].welcome();
  record(6);
  opened[0].ack(4);
  opened[0].close();
  await settle();
  assert.equal(heard.states.at(-1), "waiting");
  record(3);
  mock.timers.tick(4000);
  await settle();
  opened[1].welcome(5); // one more had reached it
  assert.deepEqual(opened[1].numbers, [6, 7, 8, 9]);
  assert.ok(opened[1].chunks.every((one) => one.flags === Flag.LATE));
  opened[1].ack(9);
  record(1);
  assert.equal(opened[1].chunks.at(-1).flags, 0);
});

test("a server that has forgotten gets the header first, then what was kept", async () => {
  const { opened, record, open } = page();
  await open();
  opened[0].welcome();
  record(6);
  opened[0].ack(6);
  opened[0].close();
  await settle();
  record(2);
  mock.timers.tick(4000);
  await settle();
  opened[1].welcome(null);
  assert.deepEqual(opened[1].numbers, [1, 7, 8]);
  assert.deepEqual(opened[1].chunks.map((one) => one.flags), [Flag.NEW_HEADER | Flag.HEADER_ONLY, Flag.LATE, Flag.LATE]);
});

test("ten seconds are kept, the oldest goes first, and its place stays empty", async () => {
  const { sender, opened, record, open } = page();
  await open();
  opened[0].welcome();
  record(4);
  opened[0].ack(4);
  opened[0].close();
  await settle();
  record(60); // 15 s
  assert.equal(sender.dropped, 19);
  for (let n = 0; n < 10 && opened.length < 2; n++) { mock.timers.tick(4000); await settle(); }
  const socket = opened.at(-1);
  socket.welcome(4);
  for (let n = 0; n < 20; n++) socket.ack(socket.numbers.at(-1)); // it takes what may be on the way at once
  assert.equal(socket.numbers[0], 24);
  assert.equal(socket.numbers.at(-1), 64);
  assert.equal(new Set(socket.numbers).size, socket.numbers.length);
});

test("a header that was given up is sent for the sake of what follows it", async () => {
  const { opened, record, open, newRecorder } = page();
  await open();
  opened[0].welcome();
  record(4);
  opened[0].ack(4);
  opened[0].close();
  await settle();
  record(2);
  newRecorder();
  record(60);
  for (let n = 0; n < 10 && opened.length < 2; n++) { mock.timers.tick(4000); await settle(); }
  opened.at(-1).welcome(4);
  const [first, second] = opened.at(-1).chunks;
  assert.deepEqual([first.sequence, first.flags], [7, Flag.NEW_HEADER | Flag.HEADER_ONLY]);
  assert.ok(second.sequence > 7);
});

test("what is on its way can not be taken back, so it is little; more when the line takes it soon", async () => {
  const { sender, opened, record, open } = page();
  await open();
  const [socket] = opened;
  socket.welcome();
  record(8, 40_000);
  assert.ok(socket.sent <= 48 * 1024, String(socket.sent));
  assert.ok(sender.backlogMs >= 1500);
  const flights = [];
  while (socket.numbers.at(-1) < 24) {
    const before = socket.sent;
    mock.timers.tick(20);
    socket.ack(socket.numbers.at(-1));
    flights.push(socket.sent - before);
  }
  assert.ok(flights[1] > flights[0], String(flights));
});

test("a burst that a good line took leaves little on its way when the line turns thin", async () => {
  const { opened, record, open } = page();
  await open();
  record(8, 100_000); // said while it was connecting
  const [socket] = opened;
  socket.welcome();
  for (let n = 0; n < 40; n += 1) { mock.timers.tick(20); socket.ack(socket.numbers.at(-1)); } // all of it within a second
  for (let n = 0; n < 8; n += 1) {
    record(1, 60_000); // 1.9 Mbit/s
    for (let answer = 0; answer < 4; answer += 1) { mock.timers.tick(20); socket.ack(socket.numbers.at(-1)); }
  }
  const before = socket.sent;
  record(12, 60_000); // nothing is answered any more
  assert.ok(socket.sent - before < 80_000, String(socket.sent - before));
});

test("while what was sent is late nothing follows it", async () => {
  const { opened, record, open } = page();
  await open();
  const [socket] = opened;
  socket.welcome();
  record(1, 1000);
  socket.ack(1);
  record(1, 1000);
  const { length } = socket.chunks;
  record(4, 1000);
  assert.equal(socket.chunks.length, length + 1, "the second comes before anything is late");
  socket.ack(socket.numbers.at(-1));
  assert.equal(socket.chunks.length, length + 4);
});

test("a line that takes less than is recorded is thin; one that takes nothing is not", async () => {
  const { sender, opened, record, open } = page();
  await open();
  const [socket] = opened;
  socket.welcome();
  for (let n = 0; n < 24; n += 1) { record(); socket.ack(socket.numbers.at(-1)); }
  assert.equal(sender.isThin, false);
  record(8);
  assert.deepEqual([sender.isThin, sender.lineKbps], [false, 0], "broken, not thin");
  for (let n = 0; n < 8; n += 1) { socket.ack(socket.numbers[socket.numbers.indexOf(25) + Math.floor(n / 2)]); record(); }
  assert.equal(sender.isThin, true);
  assert.ok(sender.lineKbps > 0 && sender.lineKbps < 32, String(sender.lineKbps));
  for (let n = 0; n < 6; n += 1) { mock.timers.tick(50); socket.ack(socket.numbers.at(-1)); }
  assert.equal(sender.isThin, false);
});

test("a line that was broken makes up for it before it is judged", async () => {
  const { sender, opened, record, open } = page();
  await open();
  record(30);
  opened[0].welcome();
  for (let n = 0; n < 8; n += 1) { opened[0].ack(1 + Math.floor(n / 3)); record(); }
  assert.ok(sender.backlogMs > 1500);
  assert.equal(sender.isThin, false);
});

test("one who is replaced is told so and does not fight back", async () => {
  const { sender, opened, heard, record, open } = page();
  await open();
  opened[0].welcome();
  record(3);
  opened[0].say({ type: "refused", code: "publish.taken_over", message: "A newer one sends." });
  opened[0].close(4409);
  await settle();
  assert.equal(sender.state, "replaced");
  assert.equal(heard.why.code, "publish.taken_over");
  mock.timers.tick(60_000);
  await settle();
  record(3);
  assert.equal(opened.length, 1);
});

test("one who was replaced while her line was down is replaced, too", async () => {
  let held = false;
  const { sender, opened, heard, record, open } = page({ tickets: async () => {
    if (held) throw HELD;
    return { url: "ws://w/send", ticket: "t" };
  } });
  await open();
  opened[0].welcome();
  record(3);
  held = true;
  opened[0].close();
  await settle();
  mock.timers.tick(4000);
  await settle();
  assert.equal(sender.state, "replaced");
  assert.equal(heard.why.sending.name, "王");
});

test("one who comes second is told who sends, and may take over, once", async () => {
  const { opened, heard, asked, open } = page({ tickets: async ({ takeOver }) => {
    if (!takeOver) throw HELD;
    return { url: "ws://w/send", ticket: "t" };
  } });
  await open();
  assert.deepEqual(heard.states, ["connecting", "refused"]);
  assert.equal(heard.why.sending.encoder, "Chrome 140");
  await open({ takeOver: true });
  opened[0].welcome();
  opened[0].close();
  await settle();
  mock.timers.tick(4000);
  await settle();
  assert.deepEqual(asked.map((one) => one.takeOver), [false, true, false]);
});

test("to take over is tried again when the one to be replaced came back on a new line just then, and only until it has worked", async () => {
  const { sender, opened, asked, open } = page();
  await open({ takeOver: true });
  opened[0].open();
  opened[0].say({ type: "refused", code: "publish.taken_over", message: "Somebody else began to send a moment before." });
  opened[0].close(4409);
  await settle();
  assert.equal(sender.state, "waiting");
  mock.timers.tick(3000);
  await settle();
  opened[1].welcome();
  assert.equal(sender.state, "sending");
  opened[1].say({ type: "refused", code: "publish.taken_over", message: "A newer one sends." });
  opened[1].close(4409);
  await settle();
  assert.equal(sender.state, "replaced");
  assert.deepEqual(asked.map((one) => one.takeOver), [true, true]);
});

test("a ticket that was too old is asked for anew, an ended lesson is not", async () => {
  const { sender, opened, heard, open } = page();
  await open();
  opened[0].open();
  opened[0].say({ type: "refused", code: "publish.ticket_expired", message: "old" });
  opened[0].close(4403);
  await settle();
  assert.equal(sender.state, "waiting");
  mock.timers.tick(4000);
  await settle();
  opened[1].open();
  opened[1].say({ type: "refused", code: "publish.session_over", message: "over" });
  opened[1].close(4410);
  await settle();
  assert.equal(sender.state, "refused");
  assert.equal(heard.why.code, "publish.session_over");
});

test("an app that is not reached is asked again, more and more slowly", async () => {
  let tries = 0;
  const { opened, heard, open } = page({ tickets: async () => {
    tries += 1;
    if (tries < 4) throw new TypeError("fetch failed");
    return { url: "ws://w/send", ticket: "t" };
  } });
  await open();
  for (let n = 0; n < 3; n++) { mock.timers.tick(3000); await settle(); }
  assert.equal(tries, 4);
  assert.equal(opened.length, 1);
  assert.equal(heard.states.at(-1), "connecting");
});

test("a line that says nothing for six seconds is dead, whatever the browser thinks", async () => {
  const { sender, opened, open } = page();
  await open();
  opened[0].welcome();
  mock.timers.tick(5900);
  assert.equal(sender.state, "sending");
  mock.timers.tick(200);
  assert.equal(sender.state, "waiting");
  opened[0].say({ type: "ack", sequence: 1, rtt: 1 }); // what it says later is of no account
});

test("a recorder that pauses costs nothing: the next chunk opens the line again", async () => {
  const { sender, opened, record, open } = page();
  await open();
  opened[0].welcome();
  record(2);
  opened[0].ack(2);
  opened[0].say({ type: "refused", code: "stream.stale_run", message: "nothing came" });
  opened[0].close(4408);
  await settle();
  assert.equal(sender.state, "idle");
  mock.timers.tick(60_000);
  assert.equal(opened.length, 1);
  record(1);
  await settle();
  assert.equal(opened.length, 2);
});

test("closing sends what is left, says goodbye, and that was it", async () => {
  const { sender, opened, heard, record, open } = page();
  await open();
  opened[0].welcome();
  record(2);
  const closing = sender.close();
  await settle();
  assert.equal(sender.state, "sending");
  opened[0].ack(2);
  mock.timers.tick(60);
  await closing;
  assert.deepEqual(opened[0].texts.at(-1), { type: "bye" });
  assert.equal(heard.states.at(-1), "closed");
  record(1);
  mock.timers.tick(60_000);
  await settle();
  assert.equal(opened.length, 1);
});

test("closing over a thin line waits for what is kept, and not for ever", async () => {
  const { sender, opened, record, open } = page();
  await open();
  opened[0].welcome();
  record(16, 50_000);
  let isClosed = null;
  sender.close().then((isTold) => { isClosed = isTold; });
  const until = Date.now() + 9000;
  while (Date.now() < until) { mock.timers.tick(50); opened[0].say({ type: "clock", t0: 1 }); await settle(); }
  assert.equal(isClosed, null);
  for (let n = 0; n < 30; n += 1) { mock.timers.tick(50); await settle(); }
  assert.equal(isClosed, true, "ten seconds are what is kept");
});

test("what is left for long goes without its pictures: the last words come", async () => {
  const { sender, opened, open } = page();
  await open();
  const [socket] = opened;
  socket.welcome();
  const say = (data, isFirst = false) => { mock.timers.tick(250); sender.send(data.buffer, { endsAt: Date.now(), startsNewHeader: isFirst }); };
  say(HEADER, true);
  for (let n = 0; n < 8; n += 1) say(cluster(n, block(SOUND, 0, 200), block(PICTURE, 0, 30_000)));
  const closing = sender.close();
  for (let n = 0; n < 90; n += 1) { mock.timers.tick(50); socket.say({ type: "clock", t0: 1 }); await settle(); }
  const { sent } = socket; // hardly more than the first piece: nothing was answered
  for (let n = 0; n < 20; n += 1) { socket.ack(socket.numbers.at(-1)); mock.timers.tick(50); await settle(); }
  assert.equal(await closing, true);
  assert.ok(socket.sent - sent < 30_000, String(socket.sent - sent));
  assert.ok(socket.sent - sent > 5 * 200, "the sound is there");
});

test("one who goes on in the middle of closing sends more, and is not closed", async () => {
  const { sender, opened, record, open } = page();
  await open();
  opened[0].welcome();
  record(2);
  const closing = sender.close();
  sender.stay();
  for (let n = 0; n < 3; n += 1) { mock.timers.tick(50); await settle(); }
  assert.equal(await closing, false);
  opened[0].ack(2);
  record(1);
  assert.equal(opened[0].numbers.at(-1), 3);
  assert.equal(sender.state, "sending");
});

test("one whose line is down closes when the line is back and has taken everything", async () => {
  const { sender, opened, record, open } = page();
  await open();
  opened[0].welcome();
  record(2);
  opened[0].close();
  await settle();
  const closing = sender.close();
  for (let n = 0; n < 20 && opened.length < 2; n += 1) { mock.timers.tick(200); await settle(); }
  opened[1].welcome(1);
  assert.deepEqual(opened[1].numbers, [2]);
  opened[1].ack(2);
  mock.timers.tick(60);
  assert.equal(await closing, true);
  assert.deepEqual(opened[1].texts.at(-1), { type: "bye" });
});

test("the first chunk must be a recorder's first", async () => {
  const { sender, open } = page();
  await open();
  assert.throws(() => sender.send(new ArrayBuffer(5), { endsAt: 1, startsNewHeader: false }), /recorder's first/);
});
