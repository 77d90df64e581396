// <slide-view>: one slide page with its strokes and the pointer, as large as its box allows. The markup is in classroom/slides/_slide.html.

import { pictures } from "../../lib/pictures.js";
import { StrokeLayer } from "./stroke-layer.js";

/**
 * @typedef {import("../../lib/lesson-track.js").Stage} Stage
 * @typedef {import("../../lib/lesson-track.js").ShownPage} ShownPage
 */

const MEDIUM_PX = 960; // width of the smaller picture
const SAY_WAIT_MS = 500; // without the picture, before the view says that it loads
const SAY_FAILED_MS = 5000; // of failures, before the view says that it does not come
const ANNOUNCE_MS = 900; // on a page before a screen reader announces it: pages that are only passed are not announced

export class SlideView extends HTMLElement {
  /** Always load the smaller picture, however large the page is shown. */
  sparing = false;
  /** Page that should be shown. @type {ShownPage | null} */
  #wanted = null;
  /** Page that is shown. @type {ShownPage | null} */
  #shown = null;
  #picture = ""; // address of the shown one
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

  /** Element of the page alone, without the margins beside it, for tools that lie over it. */
  get sheet() {
    return this.#sheet;
  }

  /** Page that is shown. @returns {ShownPage | null} */
  get page() {
    return this.#shown;
  }

  /**
   * Show the page, its strokes and the pointer as they were at a moment.
   * @param {Stage} stage
   * @param {number} wall moment of capture, epoch ms: strokes are drawn up to it
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

  /** Show the wanted page as soon as its picture is loaded. */
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
   * @param {ShownPage | null} page `null` hides the sheet
   * @param {ReturnType<typeof pictures.has>} picture `null` for a page without one
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
    // An element stands in one place only. Where another view shows this one, a copy is made.
    const own = image.isConnected ? /** @type {HTMLImageElement} */ (image.cloneNode()) : image;
    own.className = "slide__picture";
    this.#sheet.prepend(own);
  }

  /** Load a picture that will be wanted soon. @param {string} large @param {string} [medium] */
  preload(large, medium = large.replace(/-large(?=\.\w+$)/, "-medium")) {
    const url = this.#pictureOf({ large, medium });
    if (url) pictures.want(url);
  }

  /** Return the address of the picture in the size that fits. @param {{large: string, medium: string}} page */
  #pictureOf({ large, medium }) {
    const small = this.sparing || (this.clientWidth > 0 && this.clientWidth * devicePixelRatio <= MEDIUM_PX);
    return small && medium ? medium : large;
  }

  /** Return the picture in another size, which is better than none. @param {ShownPage} page */
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

  // text for screen readers, and words in place of a picture

  /** Give screen readers the page's title and text. @param {ShownPage} page */
  #read(page) {
    const title = this.#phrase("page", page);
    this.#sheet.ariaLabel = [page.name, title].filter(Boolean).join(" · ");
    this.#words.textContent = page.text;
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => { this.#said.textContent = title; }, ANNOUNCE_MS);
  }

  /** Say after a while that the picture is on its way, or that it does not come. */
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
   * Return the spot on the page under a pointer, in 1/10000 of the page's width and height.
   * @param {{clientX: number, clientY: number}} event of a mouse, a finger, a pen
   * @returns {import("../../lib/lesson-track.js").Spot | null} `null` beside the page
   */
  pointOf({ clientX, clientY }) {
    const { left, top, width, height } = this.#sheet.getBoundingClientRect();
    if (!width || !height) return null;
    const [x, y] = [(clientX - left) / width, (clientY - top) / height];
    return x < 0 || y < 0 || x > 1 || y > 1 ? null : { x: Math.round(10_000 * x), y: Math.round(10_000 * y) };
  }
}

customElements.define("slide-view", SlideView);
