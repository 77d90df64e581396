// Meaning of keys for the slides. Presenter remotes are keyboards: they send PageDown and PageUp, F5 or Escape, B or a
// dot.

/**
 * @typedef {"next" | "back" | "first" | "last" | "blank" | "start" | "away" | "undo" | "redo" | "laser" | "pen" | "eraser" | "jump"} Does
 * @typedef {{does: Does} | {digit: string}} Meaning
 * @typedef {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean}} Key
 */

/** @type {Record<string, Does>} */
const KEYS = {
  ArrowRight: "next", ArrowDown: "next", " ": "next", PageDown: "next", n: "next",
  ArrowLeft: "back", ArrowUp: "back", PageUp: "back", Backspace: "back", p: "back",
  Home: "first", End: "last", b: "blank", ".": "blank", F5: "start", Escape: "away", Enter: "jump",
  l: "laser", d: "pen", e: "eraser",
};

/** @type {Record<string, Does>} */
const WITH_CTRL = { z: "undo", y: "redo" };

/**
 * @param {Key} event
 * @returns {Meaning | null} `null` means that the key has another use
 */
export function meaningOf({ key, ctrlKey = false, metaKey = false, altKey = false, shiftKey = false }) {
  const letter = key.length === 1 ? key.toLowerCase() : key;
  if (altKey) return null;
  if (ctrlKey || metaKey) {
    if (letter === "z" && shiftKey) return { does: "redo" };
    return letter in WITH_CTRL ? { does: WITH_CTRL[letter] } : null;
  }
  if (/^[0-9]$/.test(key)) return { digit: key };
  if (key === " " && shiftKey) return { does: "back" };
  if (shiftKey && (key.startsWith("Arrow") || key === "Home" || key === "End")) return null; // selects text
  if (shiftKey && /^[a-z]$/i.test(key)) return null; // keys of the whole studio: classroom/studio/keys.js
  return letter in KEYS ? { does: KEYS[letter] } : null;
}

const DIGITS_LAST_MS = 3000;

/** Digits that are typed one after the other name a page; Enter goes there. */
export class PageNumber {
  #typed = "";
  #at = -Infinity;

  /** @param {string} digit @param {number} now ms @returns {string} the digits so far */
  type(digit, now) {
    this.#typed = (this.at(now) + digit).replace(/^0+/, "").slice(-4);
    this.#at = now;
    return this.#typed;
  }

  /** @param {number} now ms @returns {string} the digits; empty if they were typed long ago */
  at(now) {
    return now - this.#at < DIGITS_LAST_MS ? this.#typed : "";
  }

  /** @param {number} now ms @returns {number | null} the page to go to */
  take(now) {
    const typed = this.at(now);
    this.#typed = "";
    return typed ? Number(typed) : null;
  }
}
