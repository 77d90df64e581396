// Playing with the browser's own HLS, where there are no Media Source Extensions: iPhones before iOS 17.1.

import { AddressBook } from "../lib/addresses.js";
import { backoff } from "../lib/backoff.js";

/**
 * @typedef {import("./engine-hls.js").Wish} Wish
 * @typedef {import("./engine-hls.js").Listener} Listener
 */

/** The part of MediaClock that a browser can answer which tells only the date of the beginning. */
class StartDateClock {
  /** @param {HTMLVideoElement & {getStartDate?: () => Date}} video */
  constructor(video) {
    this.video = video;
  }

  get #start() {
    const ms = this.video.getStartDate?.().getTime();
    return ms === undefined || Number.isNaN(ms) ? null : ms;
  }

  get known() {
    return this.#start !== null;
  }

  get edge() {
    const { seekable } = this.video;
    return seekable.length ? this.wallAt(seekable.end(seekable.length - 1)) : null;
  }

  /** @param {number} position */
  wallAt(position) {
    const start = this.#start;
    return start === null ? null : start + position * 1000;
  }

  /** @param {number} wall */
  positionAt(wall) {
    const start = this.#start;
    return start === null ? null : Math.max(0, (wall - start) / 1000);
  }

  /** @param {number} wall */
  firstFrom(wall) {
    const { edge } = this;
    return edge !== null && edge > wall ? this.positionAt(wall) : null;
  }
}

export class NativeEngine {
  /** @type {Wish | null} */
  #wish = null;
  #attempt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  ended = false;

  /**
   * @param {HTMLVideoElement} video
   * @param {AddressBook} book
   * @param {Listener} listener
   */
  constructor(video, book, listener) {
    this.video = video;
    this.book = book;
    this.listener = listener;
    this.clock = new StartDateClock(video);
    video.addEventListener("loadedmetadata", () => this.#arrive());
    video.addEventListener("playing", () => { this.#attempt = 0; listener.onTrouble(false); });
    video.addEventListener("durationchange", () => { this.ended = Number.isFinite(video.duration); listener.onTimeline(); });
    video.addEventListener("error", () => this.#again());
  }

  /** @param {Wish} wish */
  load(wish) {
    clearTimeout(this.#timer);
    this.#wish = wish;
    this.video.src = this.book.playlist(wish.scope, wish.audioOnly);
    this.video.load();
  }

  rest() {}

  hurry() {}

  wake() {
    if (this.#wish) this.load(this.#wish);
  }

  /** @returns {number | null} */
  get liveEdge() {
    const { seekable } = this.video;
    return seekable.length ? seekable.end(seekable.length - 1) - 2 : null;
  }

  destroy() {
    clearTimeout(this.#timer);
    this.#wish = null;
    this.video.removeAttribute("src");
    this.video.load();
  }

  #arrive() {
    const position = this.#wish?.wall != null ? this.clock.positionAt(this.#wish.wall) : this.#wish?.position;
    if (position != null) this.video.currentTime = position;
    this.listener.onTimeline();
  }

  #again() {
    const wish = this.#wish;
    if (!wish) return;
    if (this.#attempt > 0) this.listener.onTrouble(true);
    // The browser does not say why. What was there never will hardly come.
    if (wish.scope === "full" && this.#attempt > 1 && !this.clock.known && this.listener.onNoPast(true)) return;
    const wall = wish.scope === "full" ? (this.clock.wallAt(this.video.currentTime) ?? wish.wall) : wish.wall;
    this.#timer = setTimeout(async () => {
      await this.book.renew().catch(() => undefined);
      this.load({ ...wish, wall });
    }, backoff(this.#attempt));
    this.#attempt += 1;
  }
}
