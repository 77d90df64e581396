import assert from "node:assert/strict";
import { test } from "node:test";

import { Mixer } from "../../static/js/classroom/sending/mixer.js";

const PARAM = { setTargetAtTime() {} };

/** Sound that stands still until it is told to go on. */
class Context {
  currentTime = 0;
  sources = 0;
  loudness = 0;
  createMediaStreamDestination = () => ({ stream: { getAudioTracks: () => [{}] } });
  createGain = () => ({ gain: PARAM, connect() {} });
  createAnalyser = () => ({ fftSize: 0, getFloatTimeDomainData: (/** @type {Float32Array} */ into) => into.fill(this.loudness) });
  createMediaStreamSource() {
    this.sources += 1;
    return { connect() {}, disconnect() {} };
  }
}

/** A mixer with a microphone, and the two clocks in a test's hands. */
function mixerAt(t) {
  let wall = 0;
  t.mock.method(performance, "now", () => wall);
  globalThis.AudioContext = Context;
  globalThis.MediaStream = class {};
  const mixer = new Mixer();
  mixer.connect({}, null);
  const pass = (/** @type {number} */ ms, missed = 0) => {
    wall += ms;
    mixer.context.currentTime += (ms - missed) / 1000;
  };
  return { mixer, pass };
}

test("sound that waits is let go while nobody speaks", (t) => {
  const { mixer, pass } = mixerAt(t);
  pass(60_000);
  mixer.catchUp();
  assert.equal(mixer.context.sources, 1, "nothing waits");

  pass(1000, 60);
  mixer.context.loudness = 0.2;
  mixer.catchUp();
  assert.equal(mixer.context.sources, 1, "no word is cut into");

  mixer.context.loudness = 0.001;
  mixer.catchUp();
  assert.equal(mixer.context.sources, 2);

  pass(60_000);
  mixer.catchUp();
  assert.equal(mixer.context.sources, 2, "once is enough");
});
