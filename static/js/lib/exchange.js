// The classroom without a websocket: it fetches events and posts commands. No DOM in here but the page's own token.

import { backoff } from "./backoff.js";
import { pageToken } from "./page-token.js";

/**
 * @typedef {"none" | "waiting" | "refused"} Trouble no events come: the server is not reached, or refuses this page
 * @typedef {{signal: AbortSignal, naps: import("./backoff.js").Naps, onTrouble?: (trouble: Trouble) => void}} Asking
 *   `naps.hurry()` tries again at once
 */

const REFUSED_MS = 600_000; // after a refusal she may have signed in again in another tab

/**
 * @param {string} path of the socket, such as /live/x/socket?studio
 * @param {string} base
 * @param {string} end last part of the address that replaces it
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
   * @param {number} after id of the last event seen
   * @returns {Promise<{status: number, frames: any[]}>}
   */
  async events(path, base, after) {
    const url = addressOf(path, base, "events");
    url.searchParams.set("after", String(after));
    const reply = await fetch(url, { headers: { Accept: "application/json" } });
    return { status: reply.status, frames: reply.ok ? await reply.json() : [] };
  },

  /**
   * Fetch events batch by batch, each with as many attempts as it takes.
   * @param {URL} url
   * @param {(events: any[]) => void} take
   * @param {Asking} asking
   */
  async batches(url, take, { signal, naps, onTrouble = () => {} }) {
    for (let attempt = 0, after = 0, more = true; more && !signal.aborted;) {
      if (after) url.searchParams.set("after", String(after));
      let status = 0;
      const batch = await fetch(url, { headers: { Accept: "application/json" }, signal })
        .then((reply) => { status = reply.status; return reply.ok ? reply.json() : null; })
        .catch(() => null); // a line that breaks in the middle of a reply is no reason to give up
      if (batch) {
        onTrouble("none");
        [attempt, after, more] = [0, batch.last, Boolean(batch.more)];
        take(batch.events);
      } else {
        const isRefused = status >= 400 && status < 500 && status !== 408 && status !== 429;
        onTrouble(isRefused ? "refused" : "waiting");
        await naps.take(isRefused ? REFUSED_MS : backoff(attempt, { first: 1000, most: 15_000 }), signal);
        attempt += 1;
      }
    }
  },

  /**
   * Fetch the events that have led the stage so far.
   * @param {string} path
   * @param {string} base
   * @param {(events: any[]) => void} take
   * @param {Asking} asking
   */
  track(path, base, take, asking) {
    return this.batches(addressOf(path, base, "track"), take, asking);
  },

  /**
   * Return the documents that a person may leaf through by herself.
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
   * @param {boolean} [outlives] send it also when the page goes meanwhile
   * @returns {Promise<any>} the frame that answers
   */
  async command(path, base, frame, outlives = false) {
    const reply = await fetch(addressOf(path, base, "commands"), {
      method: "POST",
      keepalive: outlives,
      headers: { "Content-Type": "application/json", Accept: "application/json", ...pageToken() },
      body: JSON.stringify(frame),
    });
    return reply.json();
  },
};
