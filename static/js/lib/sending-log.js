// The last events of this browser's sending, for the diagnostics page, which is another page.

import { remember, rememberedFields } from "./memory.js";

const KEPT_AS = "sending-log";
const MOST = 80;

/** @param {string} words plain English, for the operators of the service */
export function note(words) {
  remember(KEPT_AS, { lines: [...read(), `${new Date().toISOString()} ${words}`].slice(-MOST) });
}

/** @returns {string[]} */
export function read() {
  return rememberedFields(KEPT_AS).lines ?? [];
}
