import assert from "node:assert/strict";
import { test } from "node:test";

import { PIECE } from "../../static/js/lib/voice-buffer.js";

const RATE = 48_000, BLOCK = 128;

/** The scope of an audio worklet, as far as the two scripts use it. @type {Record<string, any>} */
const processors = {};
Object.assign(globalThis, {
  sampleRate: RATE,
  AudioWorkletProcessor: class { port = { /** @type {any[]} */ sent: [], onmessage: (/** @type {any} */ _event) => {}, postMessage(/** @type {any} */ data) { this.sent.push(data); } }; },
  registerProcessor: (/** @type {string} */ name, /** @type {any} */ made) => { processors[name] = made; },
});
await import("../../static/js/classroom/stage/voice-mouth.js");
await import("../../static/js/classroom/stage/voice-ear.js");

/** How much of a frequency is in the samples, 0 to 1. */
function strength(/** @type {number[]} */ samples, /** @type {number} */ hz) {
  let re = 0, im = 0;
  samples.forEach((sample, at) => {
    const turn = (2 * Math.PI * hz * at) / RATE;
    re += sample * Math.cos(turn);
    im += sample * Math.sin(turn);
  });
  return (2 * Math.hypot(re, im)) / samples.length;
}

test("a tone goes in at the mouth and comes out at the ear, as loud and as high, 60 ms later", () => {
  const mouth = new processors["voice-mouth"](), ear = new processors["voice-ear"]();
  /** @type {number[]} */
  const heard = [];
  for (let block = 0; block < RATE / BLOCK; block += 1) {
    const input = Float32Array.from({ length: BLOCK }, (_, at) => 0.5 * Math.sin((2 * Math.PI * 1000 * (block * BLOCK + at)) / RATE));
    mouth.process([[input]]);
    for (const piece of mouth.port.sent.splice(0)) {
      assert.equal(piece.byteLength, PIECE);
      ear.port.onmessage({ data: new Uint8Array(piece) });
    }
    const output = new Float32Array(BLOCK);
    ear.process([], [[output]]);
    heard.push(...output);
  }
  const began = heard.findIndex((sample) => Math.abs(sample) > 0.2);
  assert.ok(began > 0.05 * RATE && began < 0.07 * RATE, `began after ${began} samples`);
  const tone = heard.slice(-RATE / 2);
  assert.ok(Math.abs(strength(tone, 1000) - 0.5) < 0.03, `as loud: ${strength(tone, 1000)}`);
  assert.ok(strength(tone, 2000) < 0.01, "and no other");
});
