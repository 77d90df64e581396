// Lets a learner leaf through the pages by herself, where the presenter allows it, and return to the presenter's page. The markup is in
// classroom/slides/_leaf.html.

import { show } from "../engine/parts.js";

/**
 * @typedef {import("../../lib/lesson-track.js").Stage} Stage
 * @typedef {import("../../lib/lesson-track.js").ShownPage & {thumb: string}} Leaf
 */

const LOOK_AGAIN_MS = 20_000; // between two requests for the pages: more may have been shown or converted

export class Leaves {
  /** Pages of all documents, one document after the other. @type {Leaf[]} */
  #leaves = [];
  /** Page that the learner has chosen. `null` means that she follows the presenter. @type {Leaf | null} */
  #own = null;
  /** @type {Stage | null} */
  #stage = null;
  #askedAt = 0; // epoch ms, on this device's clock

  /**
   * @param {object} world
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} world.part
   * @param {import("./slide-view.js").SlideView} world.view
   * @param {import("../../lib/lesson-track.js").LessonTrack} world.track
   * @param {() => Promise<{pages: Leaf[]}[] | null>} world.shelf fetches the documents that the learner may see
   * @param {() => void} world.onTurn the learner has chosen another page
   */
  constructor(world) {
    const { part } = world;
    this.world = world;
    this.bar = part("leaf");
    this.where = part("leaf-where");
    this.nav = part("leaf-nav");
    this.back = part("leaf-back");
    this.next = part("leaf-next");
    this.free = part("leaf-free");
    this.home = part("leaf-home");
    this.away = part("leaf-away");
    this.index = part("leaf-index");
    this.thumbs = part("thumbs");
    this.back?.addEventListener("click", () => this.turn(-1));
    this.next?.addEventListener("click", () => this.turn(1));
    this.free?.addEventListener("click", () => this.#open(this.#here));
    this.home?.addEventListener("click", () => this.#open(null));
    this.index?.addEventListener("click", () => this.#toggleThumbs());
    this.thumbs?.addEventListener("click", (event) => this.#pick(event));
  }

  /** Tell whether the presenter allows it. @param {boolean} allowed */
  allow(allowed) {
    this.#askedAt = 0;
    if (allowed) this.#ask();
    else {
      this.#leaves = [];
      this.#open(null);
      show(this.thumbs, false);
    }
  }

  /** Fetch the pages, unless they were fetched a moment ago. */
  async #ask() {
    if (Date.now() - this.#askedAt < LOOK_AGAIN_MS) return;
    this.#askedAt = Date.now();
    const documents = await this.world.shelf().catch(() => null);
    if (!documents) return;
    this.#leaves = documents.flatMap(({ pages }) => pages);
    if (this.#own) this.#own = this.#find(this.#own) ?? this.#own;
    if (this.thumbs && !this.thumbs.hidden) this.#fillThumbs();
    this.#say();
  }

  /** The presenter shows another page, or none. @param {Stage} stage */
  follow(stage) {
    const first = this.#stage === null && stage.page !== null;
    this.#stage = stage.page ? stage : this.#stage && { ...this.#stage, page: null };
    if (first) this.#ask();
    if (!stage.page && this.#own) this.#open(null);
    this.#say();
  }

  /** Fetch the pages again when the presenter shows one that was not among them. */
  lookAgain() {
    if (this.#stage?.page && this.#leaves.length > 0 && !this.#here) this.#ask();
  }

  /** Show the learner's own page, if she has chosen one. @param {Stage} stage of the presenter @returns {boolean} whether she has */
  lead(stage) {
    if (!this.#own) return false;
    const strokes = this.world.track.strokesOn(this.#own);
    this.world.view.show({ page: this.#own, strokes, pointer: null, layout: null, version: stage.version + 0.5 }, Infinity);
    return true;
  }

  /** Keys that turn pages. @returns {Record<string, () => void>} */
  get keys() {
    if (this.#leaves.length === 0) return {};
    const [back, next] = [() => this.turn(-1), () => this.turn(1)];
    return { "[": back, "]": next, PageUp: back, PageDown: next, ...(this.#own ? { Escape: () => this.#open(null) } : {}) };
  }

  /** Turn pages. @param {number} step forwards, or backwards when negative */
  turn(step) {
    const at = this.#own ?? this.#here;
    const to = at && this.#leaves[this.#leaves.indexOf(at) + step];
    if (to) this.#open(to);
  }

  /** The presenter's page among those that the learner may see. */
  get #here() {
    const page = this.#stage?.page;
    return page ? this.#find(page) : null;
  }

  /** @param {{document: string, page: number}} wanted @returns {Leaf | null} */
  #find({ document, page }) {
    return this.#leaves.find((leaf) => leaf.document === document && leaf.page === page) ?? null;
  }

  /** Show a page. @param {Leaf | null} leaf `null` means the presenter's */
  #open(leaf) {
    this.#own = leaf;
    this.#ask();
    const at = leaf ? this.#leaves.indexOf(leaf) : -1;
    for (const near of [this.#leaves[at + 1], this.#leaves[at - 1]]) if (leaf && near) this.world.view.preload(near.large, near.medium);
    this.#say();
    this.world.onTurn();
  }

  #say() {
    const theirs = this.#stage?.page ?? null;
    const page = this.#own ?? theirs;
    const may = this.#leaves.length > 0;
    const at = this.#leaves.indexOf(/** @type {Leaf} */ (this.#own ?? this.#here));
    if (this.where && page) this.where.textContent = `${page.page} / ${page.of}`;
    this.where?.setAttribute("aria-label", fill(this.where.dataset.text, page));
    for (const one of [this.back, this.next, this.index]) show(one, may);
    this.back?.toggleAttribute("disabled", at <= 0);
    this.next?.toggleAttribute("disabled", at < 0 || at >= this.#leaves.length - 1);
    show(this.free, may && !this.#own);
    show(this.home, this.#own !== null);
    show(this.away, this.#own !== null && theirs !== null);
    if (this.away) {
      const same = theirs && this.#own?.document === theirs.document && this.#own.page === theirs.page;
      const words = theirs ? fill(same ? this.away.dataset.same : this.away.dataset.text, theirs) : "";
      if (this.away.textContent !== words) this.away.textContent = words;
    }
    this.bar?.toggleAttribute("data-own", this.#own !== null);
    this.#markThumb(page);
  }

  // all pages at a glance

  #toggleThumbs() {
    const open = this.thumbs?.hidden ?? false;
    show(this.thumbs, open);
    this.index?.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.#askedAt = 0;
    this.#fillThumbs();
    this.#ask();
  }

  #fillThumbs() {
    this.thumbs?.replaceChildren(...this.#leaves.map((leaf, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "thumb";
      button.dataset.index = String(index);
      button.dataset.page = `${leaf.document} ${leaf.page}`;
      button.setAttribute("aria-label", fill(this.where?.dataset.text, leaf));
      if (leaf.thumb) button.append(Object.assign(new Image(), { src: leaf.thumb, alt: "", loading: "lazy" }));
      button.append(Object.assign(document.createElement("span"), { textContent: String(leaf.page), className: "thumb__number figures" }));
      return button;
    }));
    this.#markThumb(this.#own ?? this.#stage?.page ?? null);
  }

  /** @param {{document: string, page: number} | null} page */
  #markThumb(page) {
    if (!this.thumbs || this.thumbs.hidden) return;
    for (const thumb of /** @type {NodeListOf<HTMLElement>} */ (this.thumbs.querySelectorAll(".thumb"))) {
      const marked = page !== null && thumb.dataset.page === `${page.document} ${page.page}`;
      if ((thumb.ariaCurrent === "page") === marked) continue;
      thumb.ariaCurrent = marked ? "page" : null;
      if (marked) thumb.scrollIntoView({ block: "nearest", inline: "center" });
    }
  }

  /** @param {Event} event */
  #pick(event) {
    const thumb = /** @type {Element} */ (event.target).closest(".thumb");
    if (thumb instanceof HTMLElement) this.#open(this.#leaves[Number(thumb.dataset.index)] ?? null);
  }
}

/** @param {string | undefined} text @param {{page: number, of: number} | null} page */
function fill(text, page) {
  return (text ?? "").replace("{n}", String(page?.page ?? "")).replace("{of}", String(page?.of ?? ""));
}
