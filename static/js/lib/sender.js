// Sends the output of this browser's encoders, or of its recorder, to media_worker. No DOM in here. While the line is
// down it keeps up to ten seconds of media, and sends them first when the line is back, so the lesson's recording has
// no gap.
//
//   const sender = new Sender({ onState });
//   recorder.ondataavailable = async ({ data }) => {
//     const endsAt = browserNow();                            // before any await
//     sender.send(await data.arrayBuffer(), { endsAt, startsNewHeader });
//   };
//   sender.open(ticketsFrom(path, token), recorder.mimeType);

import { backoff } from "./backoff.js";
import { FrameQueue } from "./frame-queue.js";
import { SendingQueue } from "./sending-queue.js";
import { BYE, browserNow, clock, hello, pack } from "./sending-wire.js";

/**
 * idle: not opened, or the server gave up after a long silence; the next chunk opens it. connecting: waits for a ticket
 * or the line. sending. waiting: the line is down, and it tries again. replaced: another sender took over, and this tab
 * does not fight back. refused: it will not work, and `why` tells the reason. closed: by us.
 * @typedef {"idle" | "connecting" | "sending" | "waiting" | "replaced" | "refused" | "closed"} SenderState
 * @typedef {{way: "rtmp" | "browser", name: string, encoder: string, since_ms: number}} Sending the other sender
 * @typedef {{code: string, message: string, sending?: Sending}} Why
 * @typedef {(wish: {sender: string, takeOver: boolean}) => Promise<{url: string, ticket: string}>} TicketFetcher
 * @typedef {{onState?: (state: SenderState, why: Why | null) => void}} Listener
 */

export const KEEP_MS = 10_000;
const SILENCE_MS = 6000; // the server asks for the time every two seconds: after such a silence it is gone
const CONNECT_MS = 6000;
const THIN_MS = 1500; // backlog above which the line is too thin, if it takes hardly more than the encoders produce
const THIN_FRAMES_MS = 1000; // the same if pictures can be given up one by one: the server misses none for longer
const HARDLY_MORE = 1.2;
const GRACE_MS = 5000; // after a break the line is full of kept media
const FAREWELL_MS = 4000; // if the rest takes longer than that after the end, it goes without its pictures
const RTT_RISES_MS = 2; // with each acknowledgement, because the way may have become longer
const REPLACED = new Set(["publish.taken_over", "media.somebody_sends"]);
const TRY_AGAIN = new Set(["publish.ticket_used", "publish.ticket_expired", "publish.unavailable", "stream.stale_run"]);
const FATAL_CODES = new Set([4400, 4403, 4409, 4410, 4415]);

/** @returns {string} a new name for this tab */
function newName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Sender {
  /** @type {SendingQueue | FrameQueue} */
  #queue;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {TicketFetcher | null} */
  #tickets = null;
  #welcomed = false;
  #takeOver = false;
  #hasSent = false;
  #mime = "";
  #attempt = 0;
  #number = 0;
  /** @type {Why | null} */
  #why = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #welcomedAt = 0;
  #leaves = false;
  /** @type {SenderState} */
  state = "idle";
  /** Round trip to the server in ms, as the server measured it last, and the same without queues on the way. */
  rttMs = 0;
  #emptyRttMs = 0;
  sentBytes = 0;

  /**
   * @param {Listener} listener
   * @param {{WebSocket?: typeof WebSocket, now?: () => number, name?: string, frames?: boolean}} [world] frames: from encoders, in place of a recorder's output
   */
  constructor(listener, world = {}) {
    this.listener = listener;
    this.WebSocket = world.WebSocket ?? globalThis.WebSocket;
    this.now = world.now ?? browserNow;
    this.name = world.name ?? newName();
    this.#queue = world.frames ? new FrameQueue(KEEP_MS) : new SendingQueue(KEEP_MS);
  }

  /** Recorded media (ms) that have not reached the server. */
  get backlogMs() {
    return this.#queue.backlogMs;
  }

  /** Rate of the line in kbit/s. 0 means that it takes nothing. */
  get lineKbps() {
    return this.#queue.taken.kbps(this.now());
  }

  /**
   * Whether the line bears less than is recorded. A line that bears nothing is not thin but broken, and one that
   * catches up after a break is not thin either.
   */
  get isThin() {
    if (!this.#welcomed || this.now() - this.#welcomedAt < GRACE_MS) return false;
    if (this.backlogMs < (this.#queue instanceof FrameQueue ? THIN_FRAMES_MS : THIN_MS)) return false;
    return this.lineKbps > 0 && this.lineKbps < HARDLY_MORE * this.#queue.given.kbps(this.now());
  }

  /** Drop the waiting pictures, and with a recorder also those to come. */
  shed() {
    this.#queue.shed();
  }

  /** Number of chunks given up because the line was down for too long, or too thin. */
  get dropped() {
    return this.#queue.dropped;
  }

  /** The same in ms. */
  get lostMs() {
    return this.#queue.dropped * this.#queue.eachMs;
  }

  /**
   * @param {TicketFetcher} tickets
   * @param {string} mime type that the recorder names
   * @param {{takeOver?: boolean}} [wish] replace the present sender
   */
  open(tickets, mime, { takeOver = false } = {}) {
    this.#tickets = tickets;
    this.#mime = mime;
    this.#takeOver = takeOver;
    this.#attempt = 0;
    this.#connect();
  }

  /**
   * @param {ArrayBuffer} chunk output of the recorder
   * @param {{endsAt: number, startsNewHeader: boolean}} about `endsAt`: `browserNow()` in the very moment of the output;
   *   `startsNewHeader`: the chunk is the first of its recorder
   */
  send(chunk, { endsAt, startsNewHeader }) {
    if (this.#isDone) return;
    /** @type {SendingQueue} */ (this.#queue).add(new Uint8Array(chunk), endsAt, startsNewHeader, this.now());
    this.#go();
  }

  /** Set the description of the encoders' tracks from now on. @param {Uint8Array} header */
  describe(header) {
    /** @type {FrameQueue} */ (this.#queue).describe(header);
  }

  /**
   * @param {import("./frame-queue.js").Frame} frame of an encoder
   */
  sendFrame(frame) {
    if (this.#isDone) return;
    /** @type {FrameQueue} */ (this.#queue).add(frame, this.now());
    this.#go();
  }

  /** Whether the next picture must be a keyframe, because pictures were given up. */
  get needsKey() {
    return this.#queue instanceof FrameQueue && this.#queue.needsKey;
  }

  get #isDone() {
    return this.state === "closed" || this.state === "replaced" || this.state === "refused";
  }

  #go() {
    if (this.state === "idle" && this.#tickets) this.#connect();
    this.#pump();
  }

  /** Try at once: the network is back, or the person looks at the page again. */
  hurry() {
    if (this.state === "waiting") this.#connect();
  }

  /** Whether it sends, or tries to. */
  get isOpen() {
    return ["connecting", "sending", "waiting"].includes(this.state);
  }

  /**
   * Send the remaining media, for as long as it is worth while, then say goodbye.
   * @returns {Promise<boolean>} whether the server was told
   */
  async close() {
    const began = this.now();
    this.#leaves = true;
    while (this.#leaves && this.isOpen && !this.#queue.empty && this.now() < began + KEEP_MS) {
      if (this.now() > began + FAREWELL_MS) this.shed();
      await new Promise((resolve) => void setTimeout(resolve, 50));
    }
    if (!this.#leaves) return false;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    this.#number += 1;
    const isTold = socket?.readyState === 1;
    if (isTold) socket.send(BYE);
    socket?.close(1000);
    this.#become("closed", null);
    return isTold;
  }

  /** Do not close after all: there are more media. */
  stay() {
    this.#leaves = false;
  }

  async #connect() {
    clearTimeout(this.#timer);
    const number = ++this.#number;
    this.#become("connecting", null);
    try {
      const { url, ticket } = await /** @type {TicketFetcher} */ (this.#tickets)({ sender: this.name, takeOver: this.#takeOver });
      if (number === this.#number) this.#dial(url, ticket);
    } catch (error) {
      if (number === this.#number) this.#turnedAway(/** @type {any} */ (error));
    }
  }

  /** @param {any} error the app's refusal, or a failure to reach it */
  #turnedAway(error) {
    const why = { code: error.error ?? "network", message: error.message ?? "", sending: error.sending };
    if (!error.status || error.status >= 500 || error.status === 429) this.#wait();
    else if (REPLACED.has(why.code) && this.#hasSent) this.#become("replaced", why);
    else this.#become("refused", why);
  }

  /** @param {string} url @param {string} ticket */
  #dial(url, ticket) {
    const socket = new this.WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#welcomed = false;
    this.#why = null;
    this.#guard(socket, CONNECT_MS);
    socket.onopen = () => socket.send(hello(ticket, this.name, this.#mime || "video/webm"));
    socket.onmessage = (message) => {
      if (socket === this.#socket) this.#hear(socket, JSON.parse(String(message.data)));
    };
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  /** @param {WebSocket} socket @param {number} ms maximum silence */
  #guard(socket, ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      socket.close();
      this.#lost(socket, 1006); // a socket on a dead line takes a minute to report that it is closed
    }, ms);
  }

  /** @param {WebSocket} socket @param {any} frame */
  #hear(socket, frame) {
    const heardAt = this.now();
    this.#guard(socket, SILENCE_MS);
    if (frame.type === "clock") socket.send(clock(frame.t0, heardAt, this.now()));
    else if (frame.type === "welcome") this.#begin(frame.resume);
    else if (frame.type === "refused") this.#why = { code: frame.code, message: frame.message };
    else if (frame.type === "ack") {
      this.rttMs = frame.rtt;
      this.#emptyRttMs = Math.min(frame.rtt, (this.#emptyRttMs || Infinity) + RTT_RISES_MS);
      this.#queue.acknowledged(frame.sequence, heardAt);
      this.#pump();
    }
  }

  /** @param {number | null} resume */
  #begin(resume) {
    this.#welcomed = true;
    this.#takeOver = false; // once is enough: a later sender is not fought
    this.#hasSent = true;
    this.#attempt = 0;
    this.#welcomedAt = this.now();
    this.#queue.connected(resume, this.now());
    this.#become("sending", null);
    this.#pump();
  }

  #pump() {
    const socket = this.#socket;
    if (!this.#welcomed || socket?.readyState !== 1) return;
    for (const piece of this.#queue.due(this.now(), this.#emptyRttMs)) {
      const frame = pack(piece);
      this.sentBytes += frame.byteLength;
      socket.send(frame);
    }
  }

  /** @param {WebSocket} socket @param {number} code */
  #lost(socket, code) {
    if (socket !== this.#socket) return;
    clearTimeout(this.#timer);
    this.#socket = null;
    this.#welcomed = false;
    const why = this.#why;
    const isReplaced = code === 4409 || (why !== null && REPLACED.has(why.code));
    if (isReplaced && this.#takeOver) this.#wait(); // whoever is to be replaced came back on a new line just then
    else if (isReplaced) this.#become("replaced", why);
    else if (FATAL_CODES.has(code) && !(why && TRY_AGAIN.has(why.code))) this.#become("refused", why);
    else if (why?.code === "stream.stale_run" && this.#queue.empty) this.#become("idle", why);
    else this.#wait();
  }

  #wait() {
    this.#become("waiting", null);
    this.#timer = setTimeout(() => this.#connect(), backoff(this.#attempt, { first: 400, most: 3000 }));
    this.#attempt += 1;
  }

  /** @param {SenderState} state @param {Why | null} why */
  #become(state, why) {
    if (this.state === state) return;
    this.state = state;
    this.listener.onState?.(state, why);
  }
}
