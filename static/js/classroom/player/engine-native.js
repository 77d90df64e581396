// Playing with the browser's own HLS, where there are no Media Source Extensions: iPhones before iOS 17.1.

import { AddressBook } from "../../lib/addresses.js";
import { backoff } from "../../lib/backoff.js";
import { MediaClock } from "../../lib/media-clock.js";
import { piecesOf } from "../../lib/playlist-text.js";
import { TailStore } from "../../lib/tail-store.js";

/**
 * @typedef {import("./engine-hls.js").Wish} Wish
 * @typedef {import("./engine-hls.js").Listener} Listener
 */

const READ_AGAIN_MS = 4000;

/**
 * The browser tells only the date of position 0 and does not know of gaps. Of a recording the playlist says all, and
 * positions are counted from its first piece; of the present, the date is right until the encoder is lost while one
 * watches, and from then on off by the gap until the picture is loaded anew.
 */
class NativeClock {
  #pieces = new MediaClock();

  /** @param {HTMLVideoElement & {getStartDate?: () => Date}} video */
  constructor(video) {
    this.video = video;
  }

  /** @param {string} playlist of a recording; empty: it is not known */
  read(playlist) {
    this.#pieces.update(piecesOf(playlist));
  }

  get #start() {
    const ms = this.video.getStartDate?.().getTime();
    return ms === undefined || Number.isNaN(ms) ? null : ms;
  }

  get known() {
    return this.#pieces.known || this.#start !== null;
  }

  get edge() {
    if (this.#pieces.known) return this.#pieces.edge;
    const { seekable } = this.video;
    return seekable.length ? this.wallAt(seekable.end(seekable.length - 1)) : null;
  }

  /** @param {number} position */
  wallAt(position) {
    if (this.#pieces.known) return this.#pieces.wallAt(position);
    const start = this.#start;
    return start === null ? null : start + position * 1000;
  }

  /** @param {number} wall @param {import("../../lib/media-clock.js").GapEdge} [edge] */
  positionAt(wall, edge) {
    if (this.#pieces.known) return this.#pieces.positionAt(wall, edge);
    const start = this.#start;
    return start === null ? null : Math.max(0, (wall - start) / 1000);
  }

  get gaps() {
    return this.#pieces.gaps;
  }

  /** @param {number} wall */
  firstFrom(wall) {
    if (this.#pieces.known) return this.#pieces.firstFrom(wall);
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
  #store = new TailStore({ restMs: READ_AGAIN_MS });

  /**
   * @param {HTMLVideoElement} video
   * @param {AddressBook} book
   * @param {Listener} listener
   */
  constructor(video, book, listener) {
    this.video = video;
    this.book = book;
    this.listener = listener;
    this.clock = new NativeClock(video);
    video.addEventListener("loadedmetadata", () => this.#arrive());
    video.addEventListener("playing", () => { this.#attempt = 0; listener.onTrouble(false); });
    video.addEventListener("durationchange", () => { this.ended = Number.isFinite(video.duration); this.#read(); listener.onTimeline(); });
    video.addEventListener("error", () => this.#again());
  }

  /** @param {Wish} wish */
  load(wish) {
    clearTimeout(this.#timer);
    this.#wish = wish;
    this.clock.read("");
    this.video.src = this.book.playlist(wish.scope, wish.audioOnly);
    this.video.load();
  }

  /** The dates of a recording, gaps and all. */
  async #read() {
    const wish = this.#wish;
    if (wish?.scope !== "full") return;
    const url = this.book.playlist("full", wish.audioOnly);
    const text = await this.#store.read(this.book.name(url), url).catch(() => "");
    if (wish !== this.#wish || !text.includes("#EXTINF")) return;
    this.clock.read(text);
    this.listener.onTimeline();
  }

  rest() {}

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

  async #arrive() {
    await this.#read();
    const position = this.#wish?.wall != null ? this.clock.positionAt(this.#wish.wall, this.#wish.edge) : this.#wish?.position;
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
