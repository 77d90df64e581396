// <slide-view>: one page with what is drawn on it and the pointer, as large as its box allows. Markup: classroom/slides/_slide.html.

import { pictures } from "../../lib/pictures.js";
import { StrokeLayer } from "./stroke-layer.js";

/**
 * @typedef {import("../../lib/lesson-track.js").Stage} Stage
 * @typedef {import("../../lib/lesson-track.js").ShownPage} ShownPage
 */

const MEDIUM_PX = 960; // width of the smaller picture
const SAY_WAIT_MS = 500;
const SAY_FAILED_MS = 5000;
const ANNOUNCE_MS = 900; // pages that are only leafed over are not read out

export class SlideView extends HTMLElement {
  /** The smaller picture will do, however large the page is shown. */
  sparing = false;
  /** @type {ShownPage | null} the page that should be there */
  #wanted = null;
  /** @type {ShownPage | null} the page that is there */
  #shown = null;
  #picture = ""; // address of the one that is there
  #version = NaN;
  /** @type {Stage | null} */
  #stage = null;
  #wall = 0;
  #layer = new StrokeLayer();
  #sheet = document.createElement("div");
  #words = document.createElement("div");
  #dot = document.createElement("div");
  #wait = document.createElement("p");
  #said = document.createElement("p");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #saying;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #waiting;
  #size = new ResizeObserver(() => this.#settle());

  connectedCallback() {
    if (!this.#sheet.isConnected) this.#build();
    this.#size.observe(this);
  }

  disconnectedCallback() {
    this.#size.disconnect();
    clearTimeout(this.#saying);
    clearInterval(this.#waiting);
  }

  #build() {
    const classes = { slide__sheet: this.#sheet, "visually-hidden": this.#words, slide__pointer: this.#dot, slide__wait: this.#wait };
    for (const [name, element] of Object.entries(classes)) element.className = name;
    this.#said.className = "visually-hidden";
    this.#said.ariaLive = "polite";
    this.#sheet.role = "group";
    this.#dot.hidden = this.#wait.hidden = this.#sheet.hidden = true;
    this.#sheet.append(this.#layer.element, this.#dot, this.#words);
    this.append(this.#sheet, this.#wait, this.#said);
  }

  /** The page itself, without what is left and right of it: for tools that lie over it. */
  get sheet() {
    return this.#sheet;
  }

  /** @returns {ShownPage | null} */
  get page() {
    return this.#shown;
  }

  /**
   * @param {Stage} stage
   * @param {number} wall moment of capture, epoch ms
   */
  show(stage, wall) {
    this.#stage = stage;
    this.#wall = wall;
    if (stage.version !== this.#version || stage.page !== this.#wanted) {
      this.#version = stage.version;
      this.#wanted = stage.page;
      this.#settle();
    } else if (this.#isThere) this.#layer.grow(wall);
    this.#point(stage.pointer);
  }

  get #isThere() {
    return this.#shown === this.#wanted;
  }

  /** Put on the sheet what should be there, once its picture is. */
  #settle() {
    const page = this.#wanted;
    const picture = page && this.#pictureOf(page);
    const ready = picture && (pictures.has(picture) ?? this.#inReserve(page));
    if (page && picture && !ready) pictures.want(picture).whenReady(() => this.#settle());
    if (ready && ready.url !== picture) pictures.want(/** @type {string} */ (picture)).whenReady(() => this.#settle());
    if (!page || !picture || ready) this.#put(page, ready || null);
    this.#sayWait();
  }

  /**
   * @param {ShownPage | null} page
   * @param {ReturnType<typeof pictures.has>} picture null for a page without one
   */
  #put(page, picture) {
    this.#sheet.hidden = !page;
    if (page) {
      const ratio = page.height / page.width || 9 / 16;
      if (this.#picture !== (picture?.url ?? "") || !this.#shown) this.#setPicture(picture);
      this.#sheet.style.setProperty("--ratio", String(1 / ratio));
      this.#layer.set(this.#stage?.strokes ?? [], this.#wall, ratio);
    }
    const before = this.#shown;
    this.#shown = page;
    if (page && (page.document !== before?.document || page.page !== before.page || page.text !== before.text)) this.#read(page);
  }

  /** @param {ReturnType<typeof pictures.has>} picture */
  #setPicture(picture) {
    this.#picture = picture?.url ?? "";
    this.#sheet.querySelector("img")?.remove();
    if (!picture) return;
    const { image } = picture;
    // Another view shows it already: it gets one of its own.
    const own = image.isConnected ? /** @type {HTMLImageElement} */ (image.cloneNode()) : image;
    own.className = "slide__picture";
    this.#sheet.prepend(own);
  }

  /** Have a picture ready that will be wanted soon. @param {string} large @param {string} [medium] */
  preload(large, medium = large.replace(/-large(?=\.\w+$)/, "-medium")) {
    const url = this.#pictureOf({ large, medium });
    if (url) pictures.want(url);
  }

  /** @param {{large: string, medium: string}} page */
  #pictureOf({ large, medium }) {
    const small = this.sparing || (this.clientWidth > 0 && this.clientWidth * devicePixelRatio <= MEDIUM_PX);
    return small && medium ? medium : large;
  }

  /** The other size is better than nothing. @param {ShownPage} page */
  #inReserve(page) {
    if (this.#isThere && this.#picture) return pictures.has(this.#picture);
    return pictures.has(page.large) ?? pictures.has(page.medium);
  }

  /** @param {import("../../lib/lesson-track.js").Spot | null} spot */
  #point(spot) {
    const hidden = !spot || !this.#isThere;
    if (this.#dot.hidden !== hidden) this.#dot.hidden = hidden;
    if (!spot) return;
    this.#dot.style.setProperty("left", `${spot.x / 100}%`);
    this.#dot.style.setProperty("top", `${spot.y / 100}%`);
  }

  // what is said

  /** For those who hear the page. @param {ShownPage} page */
  #read(page) {
    const title = this.#phrase("page", page);
    this.#sheet.ariaLabel = [page.name, title].filter(Boolean).join(" · ");
    this.#words.textContent = page.text;
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => { this.#said.textContent = title; }, ANNOUNCE_MS);
  }

  /** A page that does not come says so after a while. */
  #sayWait() {
    clearInterval(this.#waiting);
    this.#wait.hidden = true;
    if (this.#isThere || !this.#wanted) return;
    const page = this.#wanted;
    const since = Date.now();
    this.#waiting = setInterval(() => {
      const waits = Date.now() - since;
      const { failedSince } = pictures.want(this.#pictureOf(page));
      const failed = failedSince !== null && Date.now() - failedSince > SAY_FAILED_MS;
      this.#wait.hidden = waits < SAY_WAIT_MS;
      const text = this.#phrase(failed ? "failed" : "loading", page);
      if (this.#wait.textContent !== text) this.#wait.textContent = text;
    }, 250);
  }

  /** @param {"page" | "loading" | "failed"} name @param {ShownPage} page */
  #phrase(name, { page, of }) {
    return (this.dataset[name] ?? "").replace("{n}", String(page)).replace("{of}", String(of));
  }

  /**
   * @param {{clientX: number, clientY: number}} event of a mouse, a finger, a pen
   * @returns {import("../../lib/lesson-track.js").Spot | null} where on the page that is; null: beside it
   */
  pointOf({ clientX, clientY }) {
    const { left, top, width, height } = this.#sheet.getBoundingClientRect();
    if (!width || !height) return null;
    const [x, y] = [(clientX - left) / width, (clientY - top) / height];
    return x < 0 || y < 0 || x > 1 || y > 1 ? null : { x: Math.round(10_000 * x), y: Math.round(10_000 * y) };
  }
}

customElements.define("slide-view", SlideView);
