import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { forgetLessons, knownLessons, rememberLessons } from "../../static/js/lib/known-lessons.js";

const HOUR = 3_600_000;
const NOW = 1_800_000_000_000;

/** @type {Map<string, string>} */
let kept;

beforeEach(() => {
  kept = new Map();
  globalThis.localStorage = /** @type {any} */ ({
    getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ text) => kept.set(name, text),
    removeItem: (/** @type {string} */ name) => kept.delete(name),
  });
});

const lesson = (subject, at) => ({ url: `/live/${subject}`, subject, teacher: "李明远", at });

test("lessons come in their order, and those of long ago do not", () => {
  rememberLessons([lesson("later", NOW + 2 * HOUR), lesson("past", NOW - 7 * HOUR), lesson("on air", NOW - HOUR)]);
  assert.deepEqual(knownLessons(NOW).map(({ subject }) => subject), ["on air", "later"]);
});

test("nothing is left for the next person", () => {
  rememberLessons([lesson("one", NOW)]);
  forgetLessons();
  assert.deepEqual(knownLessons(NOW), []);
});

test("a storage that is broken, full or closed only makes the page say less", () => {
  kept.set("known-lessons", "{nonsense");
  assert.deepEqual(knownLessons(NOW), []);
  globalThis.localStorage = /** @type {any} */ ({ setItem: () => { throw new Error("full"); } });
  rememberLessons([lesson("one", NOW)]);
  forgetLessons();
  assert.deepEqual(knownLessons(NOW), []);
});
