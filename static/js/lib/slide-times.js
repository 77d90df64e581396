// The times of pages as text, a line for each: "0:12:30 3". app/replays/slide_times/text.py reads the same.

import { timeOf, timeText } from "./caption-text.js";

/** @typedef {{at: number, page: number}} Line `at` in ms of the recording; page 0 shows none */

/**
 * @param {string} text
 * @returns {Line[] | null} in order, of several at one place the last; null if a line cannot be read
 */
export function linesOf(text) {
  /** @type {Map<number, Line>} */
  const found = new Map();
  let page = 0;
  for (const written of text.split("\n").map((line) => line.trim()).filter(Boolean)) {
    const match = /^([\d:.,]+?)(?:[\s,;]+(\d{1,5}))?$/.exec(written);
    const at = match ? timeOf(match[1]) : null;
    if (!match || at === null) return null;
    page = match[2] === undefined ? page + 1 : Number(match[2]);
    found.set(at, { at, page });
  }
  return [...found.values()].sort((one, other) => one.at - other.at);
}

/** @param {readonly Line[]} lines @returns {string} */
export function textOf(lines) {
  return lines.map(({ at, page }) => `${timeText(at).replace(/\.000$/, "")} ${page}\n`).join("");
}

/**
 * @param {readonly Line[]} lines in order
 * @param {number} at ms
 * @returns {number} the page that stands there; 0 if none does
 */
export function pageAt(lines, at) {
  return lines.findLast((line) => line.at <= at)?.page ?? 0;
}

/**
 * @param {readonly Line[]} lines
 * @param {Line} line
 * @param {number} nearMs a line that is nearer gives way: it was meant for the same moment
 * @returns {Line[]} in order
 */
export function withLine(lines, line, nearMs) {
  const others = lines.filter(({ at }) => Math.abs(at - line.at) >= nearMs);
  return [...others, line].sort((one, other) => one.at - other.at);
}
