import assert from "node:assert/strict";
import { test } from "node:test";

import { RUNGS } from "../../static/js/lib/ladder.js";
import { linesAt } from "../../static/js/lib/stage-ease.js";
import { decoded, encode } from "../../static/js/lib/mu-law.js";
import { PIECE, VoiceBuffer } from "../../static/js/lib/voice-buffer.js";
import { ACK_EVERY, VoiceFlow } from "../../static/js/lib/voice-flow.js";
import { VoiceNeed } from "../../static/js/lib/voice-need.js";

const pieceOf = (/** @type {number} */ value) => new Uint8Array(PIECE).fill(encode(value));
const LOUD = 0.5, QUIET = 0.001;

/** Plays pieces, and says of each how loud it was at its end. */
function play(/** @type {VoiceBuffer} */ buffer, /** @type {number} */ pieces) {
  return Array.from({ length: pieces }, () => {
    let last = 0;
    for (let at = 0; at < PIECE; at += 1) last = buffer.next();
    return last;
  });
}

test("a sample comes back as loud as it was, to a few hundredths", () => {
  for (const value of [1, 0.5, 0.01, -0.001, -1]) assert.ok(Math.abs(decoded[encode(value)] - value) < 0.03 * Math.abs(value) + 0.0001, String(value));
  assert.equal(decoded[encode(0)], 0);
  assert.equal(encode(7), encode(1), "too loud is as loud as can be");
});

test("a voice begins with three pieces, and fades where none comes", () => {
  const buffer = new VoiceBuffer();
  buffer.push(pieceOf(LOUD));
  buffer.push(pieceOf(LOUD));
  assert.deepEqual(play(buffer, 2), [0, 0]);
  buffer.push(pieceOf(LOUD));
  const heard = play(buffer, 4);
  assert.ok(heard.slice(0, 3).every((one) => Math.abs(one - LOUD) < 0.02));
  assert.ok(Math.abs(heard[3]) < 0.01, "nothing hangs on its last sample");
});

test("of pieces that come at once after a while only the newest 0.3 s are kept", () => {
  const buffer = new VoiceBuffer();
  for (let at = 0; at < 40; at += 1) buffer.push(pieceOf(at < 25 ? LOUD : -LOUD));
  assert.equal(buffer.length, 15);
  assert.ok(play(buffer, 15).every((one) => one < 0), "the oldest ones are gone");
});

test("what was never needed for two seconds is given up while nobody speaks", () => {
  const buffer = new VoiceBuffer();
  const pass = (/** @type {number} */ pieces, /** @type {number} */ value) => {
    for (let at = 0; at < pieces; at += 1) { buffer.push(pieceOf(value)); play(buffer, 1); }
  };
  for (let at = 0; at < 5; at += 1) buffer.push(pieceOf(LOUD));
  pass(150, LOUD);
  assert.equal(buffer.length, 5, "not within a word, for so little");
  pass(10, QUIET);
  assert.equal(buffer.length, 1);
  for (let at = 0; at < 12; at += 1) buffer.push(pieceOf(LOUD));
  pass(220, LOUD);
  assert.ok(buffer.length <= 6, "so much is given up in any case");
});

test("pieces wait for a server that does not acknowledge, and the oldest are given up", () => {
  /** @type {number[]} */
  const sent = [];
  const flow = new VoiceFlow((piece) => sent.push(piece.byteLength));
  for (let at = 1; at <= ACK_EVERY; at += 1) flow.push(new ArrayBuffer(at), 0);
  flow.push(new ArrayBuffer(6), 500);
  assert.deepEqual(sent, [1, 2, 3, 4, 5, 6], "half a second is no reason");
  for (let at = 7; at < 47; at += 1) flow.push(new ArrayBuffer(at), 501);
  assert.deepEqual(sent, [1, 2, 3, 4, 5, 6]);
  flow.got(5, 600);
  assert.deepEqual(sent.slice(6), Array.from({ length: 15 }, (_, at) => at + 32));
});

test("a voice goes on after a pause, when fewer pieces than are acknowledged together are on their way", () => {
  const sent = /** @type {number[]} */ ([]);
  const flow = new VoiceFlow((piece) => sent.push(piece.byteLength));
  for (const at of [1, 2, 3]) flow.push(new ArrayBuffer(at), 0);
  for (const at of [4, 5, 6]) flow.push(new ArrayBuffer(at), 5000);
  assert.deepEqual(sent, [1, 2, 3, 4, 5, 6]);
});

test("voices go by the server after 4 s without a connection, or 3 s after it broke, and back again", () => {
  const need = new VoiceNeed(0);
  assert.equal(need.look(false, 3999), false);
  assert.equal(need.look(false, 4000), true);
  assert.equal(need.asks(4000), true);
  assert.equal(need.asks(5000), false, "once is enough for two seconds");
  assert.equal(need.asks(6000), true);
  need.heard(6100);
  assert.equal(need.asks(8200), false, "she speaks by the server already");
  assert.deepEqual([need.isHeard(8599), need.silentMs(8599)], [true, 2499]);
  assert.deepEqual([need.isHeard(8600), need.silentMs(8600)], [false, 2500], "nothing has come for a while: her page may be closed");
  assert.equal(need.look(true, 8599), true, "the other page still needs it");
  assert.equal(need.look(true, 8600), false);
  assert.equal(need.look(false, 11_599), false);
  assert.equal(need.look(false, 11_600), true);
});

test("pictures of speakers become smaller, and then go, as the studio's own picture gives way", () => {
  assert.deepEqual(RUNGS.map((_, rung) => linesAt(rung)), [360, 360, 180, 180, 0, 0, 0, 0]);
});

test("a page whose connection seems fine goes by the server if the other one asks", () => {
  const need = new VoiceNeed(0);
  assert.equal(need.look(true, 100), false);
  need.asked(200);
  assert.equal(need.look(true, 300), true);
  assert.equal(need.asks(300), false);
  assert.equal(new VoiceNeed(0, false).look(false, 1), true, "a browser without WebRTC waits for nothing");
});
