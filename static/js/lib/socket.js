// The classroom's socket: no DOM in here. It comes back by itself, and asks for what it missed by the id of the last
// event it has seen, so no event is lost and none is given out twice.

import { backoff } from "./backoff.js";

/**
 * @typedef {{type: "event", id: number, at: number, kind: string, data: any, html?: Record<string, string>}} LessonEvent
 * @typedef {{type: "hello", now: number, last: number}} Hello
 * @typedef {{onEvent: (event: LessonEvent) => void, onHello: (hello: Hello) => void, onLine: (online: boolean) => void,
 *   onRefused?: (code: number) => void}} Listener
 */

const SILENCE_MS = 45_000; // a server pings every 20 s; one that is silent for so long is not there any more, whatever the browser thinks
const REFUSED = new Set([4401, 4403, 4404]); // signed out, forbidden, gone: trying again is no use

export class LessonSocket {
  /** @type {WebSocket | null} */
  #socket = null;
  #attempt = 0;
  #closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} path
   * @param {number} after id of the last event that the page has shown already
   * @param {Listener} listener
   * @param {{WebSocket?: typeof WebSocket, base?: string}} [world]
   */
  constructor(path, after, listener, world = {}) {
    this.path = path;
    this.last = after;
    this.listener = listener;
    this.WebSocket = world.WebSocket ?? globalThis.WebSocket;
    this.base = world.base ?? globalThis.location?.href;
  }

  open() {
    clearTimeout(this.#timer);
    const url = new URL(this.path, this.base);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("after", String(this.last));
    const socket = new this.WebSocket(url.href);
    this.#socket = socket;
    // A network that swallows everything never answers: do not wait for it longer than a few seconds.
    this.#timer = setTimeout(() => socket.close(), 6000);
    socket.onmessage = (message) => this.#receive(String(message.data));
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /**
   * Try at once: the network is back, or somebody looks at the page again.
   * @param {boolean} [anew] even when the connection seems open: after a change of network it only seems so
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
    const frame = JSON.parse(text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fellSilent(), SILENCE_MS);
    if (frame.type === "hello") {
      this.#attempt = 0;
      this.listener.onLine(true);
      this.listener.onHello(frame);
    } else if (frame.type === "ping") {
      this.#socket?.send('{"type":"pong"}');
    } else if (frame.type === "event" && frame.id > this.last) {
      this.last = frame.id;
      this.listener.onEvent(frame);
    }
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
    this.listener.onLine(false);
    if (REFUSED.has(code)) {
      this.listener.onRefused?.(code);
      return;
    }
    this.#timer = setTimeout(() => this.open(), backoff(this.#attempt, { first: 300 }));
    this.#attempt += 1;
  }
}
