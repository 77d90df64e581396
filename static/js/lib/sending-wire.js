// Frames to media_worker while this browser sends: docs/ingest.md, with media_worker/browser/wire.py at the other end.

import { remember, rememberedFields } from "./memory.js";

export const VERSION = 1;
export const Flag = { NEW_HEADER: 1, HEADER_ONLY: 2, LATE: 4 };

const HEAD_BYTES = 16;

/**
 * @param {{sequence: number, flags: number, endsAt: number, data: Uint8Array}} piece `endsAt`: ms on this browser's clock
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function pack({ sequence, flags, endsAt, data }) {
  const frame = new Uint8Array(HEAD_BYTES + data.byteLength);
  const head = new DataView(frame.buffer);
  head.setUint32(0, sequence);
  head.setUint8(4, flags);
  head.setFloat64(8, endsAt);
  frame.set(data, HEAD_BYTES);
  return frame;
}

/** @param {string} ticket @param {string} sender @param {string} mime */
export function hello(ticket, sender, mime) {
  return JSON.stringify({ type: "hello", version: VERSION, ticket, sender, mime });
}

/** @param {number} t0 the server's question @param {number} t1 when it came @param {number} t2 now */
export function clock(t0, t1, t2) {
  return JSON.stringify({ type: "clock", t0, t1, t2 });
}

export const BYE = JSON.stringify({ type: "bye" });

/**
 * Return the time of a clock of this browser that nobody sets while it runs. `endsAt` and the answers to clock messages
 * use it.
 * @returns {number} ms
 */
export function browserNow() {
  return performance.timeOrigin + performance.now();
}

const LEFT = "sender-left";

/**
 * Remember that this page leaves while it sends: the server may take it for the present sender for some seconds more.
 * @param {string} path of the lesson's `/sending`
 * @param {string} sender
 */
export function noteLeft(path, sender) {
  remember(LEFT, { path, sender });
}

/**
 * Return the name of the sender of this lesson whose page in this browser has left last, if one has.
 * @param {string} path of the lesson's `/sending`
 * @returns {string}
 */
function leftOf(path) {
  const left = rememberedFields(LEFT);
  return left.path === path ? String(left.sender) : "";
}

/**
 * Return a function that asks the app for a ticket. A page of this browser that has left is replaced without a question.
 * @param {string} path of the lesson's `/sending`
 * @param {string} token against forged requests
 * @returns {(wish: {sender: string, takeOver: boolean}) => Promise<{url: string, ticket: string}>} rejected with
 *   `{status, error, message, mend, sending}` from the app, or with a TypeError if it is not reached
 */
export function ticketsFrom(path, token) {
  return async ({ sender, takeOver }) => {
    const body = new URLSearchParams({ sender, left: leftOf(path), take_over: takeOver ? "1" : "0" });
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    const reply = await fetch(path, { method: "POST", body, headers, signal: AbortSignal.timeout(8000) });
    if (!reply.ok) throw { status: reply.status, ...(await reply.json().catch(() => ({}))) };
    return reply.json();
  };
}
