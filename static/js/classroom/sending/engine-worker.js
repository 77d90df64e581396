// The engine in a worker of its own: what the page does, such as drawing a slide, does not hold it up.

import { Engine } from "./engine.js";
import { FrameFeed } from "./feeds.js";

// Frames come here at once, sound through the page's mixer, whose buffers hold it: hardly at all on a quiet computer, 0.1 s on
// a busy one until mixer.js catches up (tests/bench/part_av_sync.py). Sound that is early is noticed before sound that is late.
const SOUND_LATE_MS = 20;

/** @type {any} */
let engine = null;

/** @param {string} news @param {any} [detail] */
const tell = (news, detail) => postMessage({ news, detail });

/** @param {() => void} onBeat */
function beatFor(onBeat) {
  let timer = 0;
  const close = () => clearInterval(timer);
  return { set: (/** @type {number} */ fps) => { close(); timer = setInterval(onBeat, 1000 / fps); }, close };
}

addEventListener("message", async ({ data: { number, call, args } }) => {
  if (call === "make") {
    const [canvas, words, size, keyEveryMs] = args;
    engine = new Engine(tell, canvas, words, size, { beatFor, keyEveryMs, soundLateMs: SOUND_LATE_MS });
  } else if (call === "show") {
    const [name, frames] = args;
    engine.show(name, frames && new FrameFeed(frames, () => engine.everyMs));
  } else postMessage({ number, answer: await engine[call](...args) });
});
