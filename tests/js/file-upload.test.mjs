// What is tried again, and what is said at the file's row.

import assert from "node:assert/strict";
import test from "node:test";

import { refusalOf } from "../../static/js/documents/file-upload.js";
import { sizeText } from "../../static/js/lib/size-text.js";

/** @param {number} status @param {string} body */
const answer = (status, body) => Object.assign(new Error("tus"), { originalResponse: { getStatus: () => status, getBody: () => body } });

test("a broken connection is tried again", () => {
  assert.equal(refusalOf(Object.assign(new Error("tus"), { originalResponse: null })), null);
  assert.equal(refusalOf(new Error("network")), null);
});

test("a server that starts anew is tried again, whatever a proxy writes meanwhile", () => {
  assert.equal(refusalOf(answer(502, "<h1>Bad Gateway</h1>")), null);
  assert.equal(refusalOf(answer(503, "")), null);
  assert.equal(refusalOf(answer(500, '{"error": "crash", "message": "Broken.", "mend": ""}')), null);
});

test("an upload that went on elsewhere asks how far it is", () => {
  assert.equal(refusalOf(answer(409, '{"error": "upload.offset", "message": "m", "mend": ""}')), null);
});

test("a refusal is said in the server's words", () => {
  assert.equal(refusalOf(answer(413, '{"error": "documents.too_large", "message": "Too large.", "mend": "Split it."}')), "Too large. Split it.");
  assert.equal(refusalOf(answer(409, '{"error": "documents.too_many", "message": "Too many.", "mend": ""}')), "Too many.");
  assert.equal(refusalOf(answer(507, '{"error": "no_room", "message": "Full.", "mend": "Ask."}')), "Full. Ask.");
});

test("a refusal without words is one, too", () => {
  assert.equal(refusalOf(answer(413, "<html>")), "");
});

test("sizes are written as the server writes them", () => {
  assert.deepEqual([0, 999, 1000, 9_949, 14_300, 2_140_000, 3_400_000_000].map(sizeText), ["0 B", "999 B", "1.0 kB", "9.9 kB", "14 kB", "2.1 MB", "3.4 GB"]);
});
