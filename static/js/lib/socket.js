// The classroom's socket. No DOM in here. It comes back by itself, and asks for missed events by the id of the last
// event that it has seen, so no event is lost and none comes twice. Each command of the page is answered once: after a
// break, an unanswered command is sent again if it has a name of its own (`nonce`), otherwise it has failed. If no
// websocket gets through, as behind some proxies, the page fetches the same frames.

import { backoff } from "./backoff.js";
import { exchange } from "./exchange.js";
import { pageName } from "./page-name.js";

/**
 * @typedef {{type: "event", id: number, at: number, kind: string, data: any, html?: Record<string, string>}} LessonEvent
 * @typedef {{type: "hello", now: number, last: number}} Hello
 * @typedef {{type: "told", kind: string, data: any, html?: Record<string, string>}} Told
 * @typedef {{code: string, message: string, mend: string}} Refusal
 * @typedef {{onEvents: (events: LessonEvent[]) => void, onHello: (hello: Hello) => void, onLine: (online: boolean) => void,
 *   onRefused?: (code: number) => void, onTold?: (told: Told) => void}} Listener
 * @typedef {{frame: any, resolve: (data: any) => void, reject: (why: Refusal | null) => void, by: WebSocket | null}} Asked by: it went this way
 */

const SILENCE_MS = 45_000; // the server pings every 20 s; after such a silence it is gone, whatever the browser thinks
const REFUSED = new Set([4401, 4403, 4404, 4410, 4429]); // signed out, forbidden, gone, too many: another try is useless
const OPEN = 1, CLOSED = 3; // of `readyState`
const TRIES = 3; // connections without a word after which the page fetches instead
const FETCH_MS = 2000;
const TRY_AGAIN_MS = 60_000;

const IN_A_BATCH = 300; // as the server sends them
const GATHER_MS = 100; // for gathering missed events, which are shown together and not one by one

export class LessonSocket {
  /** @type {WebSocket | null} */
  #socket = null;
  #attempt = 0;
  #silent = 0;
  #closed = false;
  #number = 0;
  /** Missed events, which come after `hello` until the first ping. `null` means that events are new. @type {LessonEvent[] | null} */
  #missed = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #gathering;
  /** @type {Map<number, Asked>} */
  #asked = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #fetching;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} path
   * @param {number} after id of the last event that the page shows already
   * @param {Listener} listener
   * @param {{WebSocket?: typeof WebSocket, base?: string, exchange?: typeof exchange}} [world]
   */
  constructor(path, after, listener, world = {}) {
    this.path = path;
    this.last = after;
    this.listener = listener;
    this.WebSocket = world.WebSocket ?? globalThis.WebSocket;
    this.base = world.base ?? globalThis.location?.href;
    this.exchange = world.exchange ?? exchange;
  }

  /**
   * Send a command to the server.
   * @param {string} name of the command
   * @param {Record<string, any>} fields
   * @returns {Promise<any>} its answer; rejected with a Refusal, or with null if the server is not reached
   */
  ask(name, fields) {
    this.#number += 1;
    const frame = { type: "command", n: this.#number, name, fields };
    return new Promise((resolve, reject) => {
      /** @type {Asked} */
      const asked = { frame, resolve, reject, by: null };
      const state = this.#socket?.readyState ?? CLOSED;
      if (this.#fetching) this.#post(asked);
      else if (state <= OPEN || fields.nonce) { // while it connects too: a page that has just been loaded can be used
        this.#asked.set(frame.n, asked);
        if (state === OPEN) this.#send(asked);
      } else reject(null);
    });
  }

  /** @param {Asked} asked */
  #send(asked) {
    if (asked.by === this.#socket) return;
    asked.by = this.#socket;
    this.#socket?.send(JSON.stringify(asked.frame));
  }

  /** The server is there: send what waits, and again what may not have arrived and cannot be done twice. */
  #sendWaiting() {
    for (const [n, asked] of this.#asked) {
      if (!asked.by || asked.by === this.#socket || asked.frame.fields.nonce) this.#send(asked);
      else {
        this.#asked.delete(n);
        asked.reject(null);
      }
    }
  }

  open() {
    clearTimeout(this.#timer);
    const url = new URL(this.path, this.base);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("after", String(this.last));
    url.searchParams.set("page", pageName);
    const socket = new this.WebSocket(url.href);
    this.#socket = socket;
    // a network that swallows everything never answers: wait a few seconds at most
    this.#timer = setTimeout(() => socket.close(), 6000);
    socket.onmessage = (message) => this.#receive(String(message.data));
    this.#giveMissed();
    this.#missed = [];
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#gathering);
    clearInterval(this.#fetching);
    this.#socket?.close();
  }

  /**
   * Try at once: the network is back, or the person looks at the page again.
   * @param {boolean} [anew] even if the connection seems open: after a change of network it only seems so
   */
  hurry(anew = false) {
    if (this.#closed || (this.#socket?.readyState === 1 && !anew)) return;
    this.#attempt = 0;
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.open();
  }

  /** @param {string} text */
  #receive(text) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fellSilent(), SILENCE_MS);
    this.#take(JSON.parse(text));
  }

  /** @param {any} frame */
  #take(frame) {
    if (frame.type === "hello") {
      this.#attempt = 0;
      this.#silent = 0;
      this.listener.onLine(true);
      this.listener.onHello(frame);
      if (!this.#fetching) this.#sendWaiting();
    } else if (frame.type === "done" || frame.type === "refused") {
      const asked = this.#asked.get(frame.n);
      this.#asked.delete(frame.n);
      if (frame.type === "done") asked?.resolve(frame.data);
      else asked?.reject(frame);
    } else if (frame.type === "told") {
      this.listener.onTold?.(frame);
    } else if (frame.type === "ping") {
      this.#giveMissed();
      this.#missed = null;
      this.#socket?.send('{"type":"pong"}');
    } else if (frame.type === "event" && frame.id > this.last) {
      this.last = frame.id;
      this.#gather(frame);
    }
  }

  /** @param {LessonEvent} event */
  #gather(event) {
    if (!this.#missed) {
      this.listener.onEvents([event]);
      return;
    }
    const count = this.#missed.push(event);
    if (count >= IN_A_BATCH) this.#giveMissed();
    else if (count === 1) this.#gathering = setTimeout(() => this.#giveMissed(), GATHER_MS);
  }

  #giveMissed() {
    clearTimeout(this.#gathering);
    if (this.#missed?.length) this.listener.onEvents(this.#missed.splice(0));
  }

  #fellSilent() {
    this.listener.onLine(false);
    this.hurry(true);
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   */
  #lost(socket, code) {
    if (this.#closed || socket !== this.#socket) return;
    clearTimeout(this.#timer);
    this.#giveMissed();
    for (const [n, asked] of this.#asked) {
      if (asked.frame.fields.nonce && !REFUSED.has(code)) continue;
      this.#asked.delete(n);
      asked.reject(null);
    }
    if (REFUSED.has(code)) {
      this.listener.onLine(false);
      this.listener.onRefused?.(code);
      return;
    }
    this.#silent += 1;
    if (this.#silent >= TRIES && this.#silent % TRIES === 0) {
      this.#startFetching();
      return;
    }
    this.listener.onLine(false);
    this.#timer = setTimeout(() => this.open(), backoff(this.#attempt, { first: 4000, most: 10_000, least: 0.1 }));
    this.#attempt += 1;
  }

  /** Fetch the same frames, until a websocket gets through. */
  #startFetching() {
    clearInterval(this.#fetching);
    for (const asked of this.#asked.values()) this.#post(asked);
    this.#asked.clear();
    this.#fetching = setInterval(() => this.#fetch(), FETCH_MS);
    this.#fetch();
    this.#timer = setTimeout(() => { this.#stopFetching(); this.open(); }, TRY_AGAIN_MS);
  }

  #stopFetching() {
    clearInterval(this.#fetching);
    this.#fetching = undefined;
  }

  async #fetch() {
    try {
      const { status, frames } = await this.exchange.events(this.path, this.base, this.last);
      if (!this.#fetching) return;
      if (REFUSED.has(4000 + status)) {
        this.#stopFetching();
        this.listener.onLine(false);
        this.listener.onRefused?.(4000 + status);
      } else if (status === 200) {
        this.#missed ??= [];
        for (const frame of frames) this.#take(frame);
        this.#giveMissed();
        this.last = Math.max(this.last, frames[0].last);
      } else this.listener.onLine(false);
    } catch {
      this.listener.onLine(false);
    }
  }

  /** @param {Asked} asked */
  async #post({ frame, resolve, reject }) {
    try {
      const answer = await this.exchange.command(this.path, this.base, frame);
      if (answer.type === "done") resolve(answer.data);
      else reject(answer);
      this.#fetch();
    } catch {
      reject(null);
    }
  }
}
