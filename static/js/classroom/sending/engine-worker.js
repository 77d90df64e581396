// The engine in a worker of its own: what the page does, such as drawing a slide, does not hold it up.

import { Engine } from "./engine.js";
import { FrameFeed } from "./feeds.js";

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
    const [canvas, words, size] = args;
    engine = new Engine(tell, canvas, words, size, { beatFor });
  } else if (call === "show") {
    const [name, frames] = args;
    engine.show(name, frames && new FrameFeed(frames));
  } else postMessage({ number, answer: await engine[call](...args) });
});
