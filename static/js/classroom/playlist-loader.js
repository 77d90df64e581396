// How hls.js gets its playlists: it asks until it gets one. A playlist that is not there yet (the lecture has just
// begun), a server that starts anew, an address that has expired: none of them is an error here, only a wait.

import { backoff, pause } from "../lib/backoff.js";
import { HttpError } from "../lib/tail-store.js";

/**
 * @typedef {object} World
 * @property {import("../lib/addresses.js").AddressBook} book
 * @property {import("../lib/tail-store.js").TailStore} store
 * @property {(troubled: boolean) => void} onTrouble
 */

const PATIENCE_MS = 6000; // for one answer
const EXPIRED = new Set([401, 403, 410]);

/** @param {World} world */
export function playlistLoader({ book, store, onTrouble }) {
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
        callbacks.onSuccess({ url: context.url, data: text, code: 200 }, stats, context, null);
      });
    }

    /**
     * @param {string} url
     * @returns {Promise<string | null>} null once nobody wants it any more
     */
    async #read(url) {
      for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
        try {
          const patience = AbortSignal.any
            ? AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PATIENCE_MS)])
            : this.#stop.signal;
          const text = await store.read(book.name(url), book.fresh(url), patience);
          if (this.#stop.signal.aborted) return null;
          if (!isEmpty(text)) {
            onTrouble(false);
            return text;
          }
        } catch (error) {
          if (this.#stop.signal.aborted) return null;
          const status = error instanceof HttpError ? error.status : 0;
          if (EXPIRED.has(status)) await book.renew().catch(() => undefined);
          if (status !== 404) onTrouble(true);
        }
        await pause(backoff(attempt, { first: 250, most: attempt < 20 ? 600 : 2500 }), this.#stop.signal);
      }
      return null;
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
