// Loads playlists for hls.js, and asks until one arrives. A playlist that is not there yet (the lecture has just
// begun), a server that starts anew, an address that has expired: none of them is an error here, only a wait.

import { backoff } from "../../lib/backoff.js";
import { newestOf, targetOf } from "../../lib/playlist-text.js";
import { HttpError } from "../../lib/tail-store.js";

/**
 * @typedef {object} World
 * @property {import("../../lib/addresses.js").AddressBook} book
 * @property {import("../../lib/tail-store.js").TailStore} store
 * @property {(troubled: boolean) => void} onTrouble
 * @property {() => number} now the server's clock, epoch ms
 * @property {import("../../lib/backoff.js").Naps} naps
 * @property {() => boolean} onMissing there is no such playlist, or nothing in it; true: do not wait for it
 * @property {boolean} punctual be there when the next piece appears: hls.js alone asks once a piece, at a random moment of it
 */

const PATIENCE_MS = 6000; // for one answer
const MISSING_ENOUGH = 2; // answers without a piece after which it is reported
const EXPIRED = new Set([401, 403, 410]);
const MISSING = new Set([204, 404]); // not there yet, and never heard of
const LOOK_AGAIN_MS = 120;
const OVERDUE_MS = 1500; // a piece that is later than this comes from an encoder in trouble: no hurry

/** @param {World} world */
export function playlistLoader({ book, store, onTrouble, now, naps, onMissing, punctual }) {
  /** @type {Map<string, string>} what was handed out last */
  const given = new Map();
  let lag = 400; // between the end of a piece and its appearance, as seen from here; the least seen, ms
  let turn = 0;

  /**
   * How long until the next piece appears?
   * @param {ReturnType<typeof newestOf>} newest
   * @returns {number} ms, negative when it is late
   */
  function dueIn(newest) {
    if (!newest) return -Infinity;
    lag = Math.max(0, Math.min(lag, now() - newest.edge));
    return newest.edge + newest.duration + lag - now();
  }

  return class PlaylistLoader {
    /** @type {any} */
    context = null;
    stats = freshStats();
    #stop = new AbortController();

    /**
     * @param {any} context
     * @param {any} _config
     * @param {any} callbacks
     */
    load(context, _config, callbacks) {
      this.context = context;
      this.stats.loading.start = performance.now();
      this.#read(context.url).then((text) => {
        if (text === null) return;
        const { stats } = this;
        stats.loading.first = stats.loading.end = performance.now();
        stats.loaded = stats.total = text.length;
        this.#setNextTime(text, given.has(context.url) ? 0 : targetOf(text));
        given.set(context.url, text);
        callbacks.onSuccess({ url: context.url, data: text, code: 200 }, stats, context, null);
      });
    }

    /**
     * hls.js asks again one piece after the start of this request: say that it began one piece before the next appears.
     * @param {string} text
     * @param {number} first what it takes for the length of a piece before it has seen two playlists, ms
     */
    #setNextTime(text, first) {
      const newest = newestOf(text);
      const due = dueIn(newest);
      if (!punctual || newest === null || due < -OVERDUE_MS) return;
      // A little early at first and now and then, to find out whether pieces appear earlier than thought.
      const early = turn < 8 || turn % 8 === 0 ? 80 : -10;
      turn += 1;
      this.stats.loading.start = performance.now() + Math.max(20, due - early) - (first || newest.duration);
    }

    /**
     * @param {string} url
     * @returns {Promise<string | null>} null once nobody wants it any more
     */
    async #read(url) {
      let missing = 0;
      for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
        let wait = backoff(attempt, { first: 250, most: attempt < 20 ? 600 : 2500 });
        try {
          const text = await store.read(book.name(url), book.fresh(url), this.#patience());
          if (this.#stop.signal.aborted) return null;
          if (isEmpty(text)) missing += 1;
          else {
            onTrouble(false);
            const due = dueIn(newestOf(text));
            const late = due < -OVERDUE_MS;
            if (!punctual || text !== given.get(url) || late || text.includes("#EXT-X-ENDLIST")) {
              return text;
            }
            wait = Math.max(LOOK_AGAIN_MS, due);
          }
        } catch (error) {
          if (this.#stop.signal.aborted) return null;
          const status = error instanceof HttpError ? error.status : 0;
          if (EXPIRED.has(status)) await book.renew().catch(() => undefined);
          if (MISSING.has(status)) missing += 1;
          else onTrouble(true);
        }
        if (missing >= MISSING_ENOUGH && onMissing()) return null;
        await naps.take(wait, this.#stop.signal);
      }
      return null;
    }

    #patience() {
      return AbortSignal.any ? AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PATIENCE_MS)]) : this.#stop.signal;
    }

    abort() {
      this.stats.aborted = true;
      this.#stop.abort();
    }

    destroy() {
      this.abort();
    }

    getCacheAge() {
      return null;
    }

    getResponseHeader() {
      return null;
    }
  };
}

/** A media playlist without a piece: hls.js would take it for broken. @param {string} text */
function isEmpty(text) {
  return text.includes("#EXT-X-TARGETDURATION") && !text.includes("#EXTINF") && !text.includes("#EXT-X-ENDLIST");
}

function freshStats() {
  return {
    aborted: false, loaded: 0, retry: 0, total: 0, chunkCount: 0, bwEstimate: 0,
    loading: { start: 0, first: 0, end: 0 },
    parsing: { start: 0, end: 0 },
    buffering: { start: 0, first: 0, end: 0 },
  };
}
