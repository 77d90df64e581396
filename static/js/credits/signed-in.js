// The window in which somebody has signed in: says so to the page beside it, and closes.

import { CHANNEL } from "../classroom/engine/reseating.js";

const live = /** @type {HTMLElement | null} */ (document.querySelector("[data-signed-in]"))?.dataset.signedIn;
new BroadcastChannel(CHANNEL).postMessage(live);
window.close(); // a browser closes only what a page has opened; else the words on the page say what to do
