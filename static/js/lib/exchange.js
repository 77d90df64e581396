// The classroom without a websocket: events are fetched, commands are posted. No DOM in here but the page's own token.

import { backoff, pause } from "./backoff.js";
import { pageToken } from "./page-token.js";

/**
 * @param {string} path of the socket, such as /live/x/socket?studio
 * @param {string} base
 * @param {string} end of the address that takes its place
 */
function addressOf(path, base, end) {
  const url = new URL(path, base);
  url.protocol = url.protocol.replace(/^ws/, "http");
  url.pathname = url.pathname.replace(/socket$/, end);
  return url;
}

export const exchange = {
  /**
   * @param {string} path
   * @param {string} base
   * @param {number} after id of the last event that was seen
   * @returns {Promise<{status: number, frames: any[]}>}
   */
  async events(path, base, after) {
    const url = addressOf(path, base, "events");
    url.searchParams.set("after", String(after));
    const reply = await fetch(url, { headers: { Accept: "application/json" } });
    return { status: reply.status, frames: reply.ok ? await reply.json() : [] };
  },

  /**
   * What has led the stage so far, in batches; it is asked for until it comes.
   * @param {string} path
   * @param {string} base
   * @param {(events: any[]) => void} take
   * @param {AbortSignal} signal
   */
  async track(path, base, take, signal) {
    const url = addressOf(path, base, "track");
    for (let attempt = 0, after = 0, more = true; more && !signal.aborted;) {
      if (after) url.searchParams.set("after", String(after));
      const reply = await fetch(url, { headers: { Accept: "application/json" }, signal }).catch(() => null);
      if (reply?.ok) {
        const { last, more: others, events } = await reply.json();
        take(events);
        [attempt, after, more] = [0, last, Boolean(others)];
      } else if (reply && reply.status < 500 && reply.status !== 429) return;
      else await pause(backoff((attempt += 1), { first: 1000, most: 15_000 }), signal);
    }
  },

  /**
   * The documents that one may leaf through by oneself.
   * @param {string} path
   * @param {string} base
   * @returns {Promise<any[]>}
   */
  async shelf(path, base) {
    const reply = await fetch(addressOf(path, base, "slides"), { headers: { Accept: "application/json" } });
    return reply.ok ? reply.json() : [];
  },

  /**
   * @param {string} path
   * @param {string} base
   * @param {any} frame
   * @returns {Promise<any>} the frame that answers
   */
  async command(path, base, frame) {
    const reply = await fetch(addressOf(path, base, "commands"), {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...pageToken() },
      body: JSON.stringify(frame),
    });
    return reply.json();
  },
};
