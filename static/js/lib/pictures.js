// Pictures of pages, decoded before they are needed. A picture that fails is fetched again, quietly.

import { backoff } from "./backoff.js";

const KEPT = 12; // decoded pages take some megabytes each

class Picture {
  ready = false;
  tries = 0;
  /** Moment of the first failure, epoch ms. `null` means that all is well. @type {number | null} */
  failedSince = null;
  /** @type {Set<() => void>} */
  #waiting = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} url */
  constructor(url) {
    this.url = url;
    this.image = new Image();
    this.image.decoding = "sync"; // it is decoded by then, so it appears together with its drawings
    this.image.alt = "";
    this.image.draggable = false;
    this.#fetch();
  }

  async #fetch() {
    const { image } = this;
    image.src = this.tries === 0 ? this.url : `${this.url}?again=${this.tries}`; // browsers remember a failed picture
    try {
      await image.decode();
      this.ready = true;
      this.failedSince = null;
      for (const tell of this.#waiting) tell();
      this.#waiting.clear();
    } catch {
      this.failedSince ??= Date.now();
      this.#timer = setTimeout(() => this.again(), backoff(this.tries, { first: 600, most: 6000 }));
    }
  }

  /** Fetch the picture again now, if it has failed. */
  again() {
    clearTimeout(this.#timer);
    if (this.ready || this.failedSince === null) return;
    this.tries += 1;
    this.#fetch();
  }

  /** Stop fetching: nobody needs the picture any more. */
  drop() {
    clearTimeout(this.#timer);
    this.#waiting.clear();
    if (!this.ready) this.image.removeAttribute("src");
  }

  /** @param {() => void} tell called once the picture is there */
  whenReady(tell) {
    this.#waiting.add(tell);
  }
}

export class Pictures {
  /** @type {Map<string, Picture>} in the order of use, last used at the end */
  #kept = new Map();

  constructor() {
    globalThis.addEventListener?.("online", () => { for (const picture of this.#kept.values()) picture.again(); });
  }

  /** Return a picture, and begin to fetch and decode it. @param {string} url @returns {Picture} */
  want(url) {
    const picture = this.#kept.get(url) ?? new Picture(url);
    this.#kept.delete(url);
    this.#kept.set(url, picture);
    for (const [old, one] of this.#kept) {
      if (this.#kept.size <= KEPT) break;
      if (one.image.isConnected) continue;
      one.drop();
      this.#kept.delete(old);
    }
    return picture;
  }

  /** @param {string} url @returns {Picture | null} the picture, if it is there already */
  has(url) {
    const picture = this.#kept.get(url);
    return picture?.ready ? picture : null;
  }
}

/** All views of a page share them. */
export const pictures = new Pictures();
