// Playing with hls.js, where the browser has Media Source Extensions.

import { AddressBook } from "../../lib/addresses.js";
import { backoff, Naps } from "../../lib/backoff.js";
import { MediaClock } from "../../lib/media-clock.js";
import { piecesOf } from "../../lib/playlist-text.js";
import { keepsToOnePace } from "../../lib/quirks.js";
import { TailStore } from "../../lib/tail-store.js";
import { playlistLoader } from "./playlist-loader.js";

/**
 * @typedef {import("hls.js").default} Hls
 * @typedef {"live" | "full" | "preview"} Scope
 * @typedef {{scope: Scope, audioOnly: boolean, wall?: number | null, position?: number,
 *   edge?: import("../../lib/media-clock.js").GapEdge}} Wish where to begin: at a moment of capture (epoch ms), in a gap at an
 *   edge of it; at a position (s); or at the newest when neither is said
 * @typedef {object} Listener
 * @property {() => void} onTimeline
 * @property {(troubled: boolean) => void} onTrouble
 * @property {(empty: boolean) => boolean} onNoPast nothing was kept of what was asked for, or nothing at all; true: give it up
 * @property {(seconds: number, took: number) => void} onPiece a piece of the picture has come, and took so many ms
 */

// Measured with pieces of 1 s: 1.05 s behind the newest piece plays without a stall on a good line, and hls.js goes
// further back by itself after each stall. What lies up to 3 s behind is caught up by playing faster, more by a jump.
const LIVE = {
  liveSyncDuration: 1.05,
  liveSyncOnStallIncrease: 0.4,
  liveMaxLatencyDuration: 4,
  maxLiveSyncPlaybackRate: 1.5,
  maxBufferLength: 12,
  backBufferLength: 10,
};
const FULL = {
  liveSyncDuration: 3,
  liveMaxLatencyDuration: Infinity,
  maxLiveSyncPlaybackRate: 1,
  maxBufferLength: 30,
  backBufferLength: 60,
};

const CALM_MS = 60_000; // without a stall: the line is good again
const FULL_REST_MS = 4000; // a growing playlist is read every few seconds while one watches its past

export class HlsEngine {
  /** @type {Hls | null} */
  #hls = null;
  clock = new MediaClock();
  ended = false;
  #generation = 0;
  #naps = new Naps();

  /**
   * @param {HTMLVideoElement} video
   * @param {typeof import("hls.js").default} library
   * @param {string} workerPath
   * @param {AddressBook} book
   * @param {() => number} now the server's clock, epoch ms
   * @param {Listener} listener
   */
  constructor(video, library, workerPath, book, now, listener) {
    this.now = now;
    this.video = video;
    this.library = library;
    this.workerPath = workerPath;
    this.book = book;
    this.listener = listener;
    this.liveStore = new TailStore({ grows: false });
    this.fullStore = new TailStore({ restMs: FULL_REST_MS });
  }

  /** @param {Wish} wish */
  load({ scope, audioOnly, wall = null, position, edge = "after" }) {
    this.destroy();
    const generation = (this.#generation += 1);
    const store = scope === "full" ? this.fullStore : this.liveStore;
    const hls = new this.library(this.#settings(scope, store));
    const { Events } = this.library;
    this.#hls = hls;
    this.ended = false;
    hls.on(Events.MANIFEST_PARSED, async (_event, { levels }) => {
      const start = wall === null ? (position ?? -1) : await this.#positionOf(wall, edge, levels[0].url[0], store);
      if (start !== null && generation === this.#generation) hls.startLoad(start);
    });
    hls.on(Events.LEVEL_UPDATED, (_event, { details }) => {
      this.#comeCloser(hls, scope);
      this.clock.update(details.fragments);
      this.ended = !details.live;
      this.listener.onTimeline();
    });
    hls.on(Events.FRAG_BUFFERED, () => this.listener.onTrouble(false));
    hls.on(Events.FRAG_LOADED, (_event, { frag: { duration, stats: { loading } } }) => {
      if (!audioOnly) this.listener.onPiece(duration, loading.end - loading.start);
    });
    hls.on(Events.ERROR, (_event, problem) => {
      if (problem.details === this.library.ErrorDetails.BUFFER_STALLED_ERROR) this.#stalledAt = Date.now();
      this.#heal(hls, problem);
    });
    hls.loadSource(this.book.playlist(scope, audioOnly));
    hls.attachMedia(this.video);
  }

  /** Stop asking for more; what is buffered stays. */
  rest() {
    this.#hls?.stopLoad();
  }

  /** Ask for more again; the picture stays where it stands. */
  wake() {
    this.#hls?.startLoad(this.video.currentTime, true);
  }

  /** Position at which the newest is played. @returns {number | null} seconds */
  get liveEdge() {
    return this.#hls?.liveSyncPosition ?? null;
  }

  destroy() {
    this.#generation += 1;
    this.#hls?.destroy();
    this.#hls = null;
    this.clock = new MediaClock();
  }

  /**
   * @param {Scope} scope
   * @param {TailStore} store
   * @returns {Partial<import("hls.js").HlsConfig>}
   */
  #settings(scope, store) {
    const { book, now, listener } = this;
    const loader = playlistLoader({
      book, store, now, naps: this.#naps, punctual: scope !== "full", onTrouble: listener.onTrouble,
      onMissing: () => scope === "full" && listener.onNoPast(true),
    });
    const patient = (/** @type {number} */ tries) => ({
      maxNumRetry: tries, retryDelayMs: 400, maxRetryDelayMs: 3000, backoff: /** @type {const} */ ("exponential"),
      shouldRetry: (/** @type {any} */ policy, /** @type {number} */ count, /** @type {boolean} */ _timeout, /** @type {any} */ response) => {
        if ([401, 403, 410].includes(response?.code)) book.renew().catch(() => undefined);
        return count < (response?.code === 404 ? 2 : policy.maxNumRetry);
      },
    });
    return {
      ...(scope === "full" ? FULL : LIVE),
      ...(keepsToOnePace(navigator.userAgent) ? { maxLiveSyncPlaybackRate: 1 } : {}),
      autoStartLoad: false,
      lowLatencyMode: scope !== "full", // lets hls.js catch up by playing a little faster; there are no partial pieces
      workerPath: this.workerPath,
      startFragPrefetch: true,
      testBandwidth: false,
      xhrSetup: (xhr, url) => xhr.open("GET", book.fresh(url), true),
      pLoader: /** @type {any} */ (loader),
      fragLoadPolicy: {
        default: { maxTimeToFirstByteMs: 5000, maxLoadTimeMs: 20_000, timeoutRetry: patient(4), errorRetry: patient(8) },
      },
    };
  }

  /**
   * @param {number} wall
   * @param {import("../../lib/media-clock.js").GapEdge} edge
   * @param {string} url of the media playlist
   * @param {TailStore} store
   * @returns {Promise<number | null>} null when nothing is kept from there on
   */
  async #positionOf(wall, edge, url, store) {
    try {
      const text = await store.read(this.book.name(url), this.book.fresh(url));
      const clock = new MediaClock();
      clock.update(piecesOf(text));
      const { edge: last } = clock;
      if (last !== null && wall >= last) {
        // The gap in which one wants to be lasts until now.
        const isBefore = edge === "before" || (edge === "nearest" && wall - last < this.now() - wall);
        if (isBefore) return clock.positionAt(last - 10_000);
        if (this.listener.onNoPast(false)) return null;
      }
      return clock.positionAt(wall, edge) ?? -1;
    } catch {
      return -1; // the loader will get it in its own time; the newest is better than nothing
    }
  }

  #failures = 0;
  /** @type {number | null} */
  #stalledAt = null;

  /**
   * A bad minute must not keep one late for the whole lesson: hls.js itself never takes back the distance it adds.
   * @param {Hls} hls
   * @param {Scope} scope
   */
  #comeCloser(hls, scope) {
    if (scope === "full" || this.#stalledAt === null || Date.now() - this.#stalledAt < CALM_MS) return;
    this.#stalledAt = null;
    hls.targetLatency = LIVE.liveSyncDuration;
  }

  /**
   * hls.js has tried everything it knows: go on anyway.
   * @param {Hls} hls
   * @param {import("hls.js").ErrorData} problem
   */
  #heal(hls, problem) {
    if (!problem.fatal) return;
    const { ErrorTypes } = this.library;
    this.listener.onTrouble(true);
    setTimeout(() => {
      if (hls !== this.#hls) return;
      if (problem.type === ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
      else hls.startLoad(-1);
    }, backoff(Math.min(this.#failures, 4)));
    this.#failures += 1;
    setTimeout(() => { this.#failures -= 1; }, 20_000);
  }
}
