// Draws the desk's controls: the present page, the page that learners see, and the enabled buttons.

import { remember, remembered } from "../../lib/memory.js";
import { pictures } from "../../lib/pictures.js";
import { partsOf, show } from "../engine/parts.js";

/**
 * @typedef {import("../../lib/lesson-track.js").ShownPage} ShownPage
 * @typedef {import("../../lib/leafing.js").Place} Place
 * @typedef {object} Facts
 * @property {ShownPage | null} page that is large
 * @property {ShownPage | null} told what learners see
 * @property {boolean} isLive
 * @property {boolean} wasShown
 * @property {boolean} leads
 * @property {boolean} directs
 * @property {boolean} isBehind
 * @property {import("../../lib/leafing.js").Book | null} book
 * @property {import("../../lib/leafing.js").Leaf | null} leaf
 * @property {Place | null} next
 * @property {Place | null} back
 * @property {import("../../lib/leafing.js").Shelf} shelf
 * @property {string | null} layout
 * @property {string | null} tool
 * @property {boolean} mayDraw
 * @property {string} typed
 * @property {DOMStringMap} rules
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {boolean} canClear
 */

const CLOSED_MS = 20_000;
const REMEMBERED = "slides.strip";
const LOW_PX = 800; // a screen that is lower keeps its room for the page

export class Face {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #closing;
  #coming = "";

  /** @param {HTMLElement} desk */
  constructor(desk) {
    this.desk = desk;
    this.part = partsOf(desk);
    const wanted = remembered(REMEMBERED);
    this.#setStrip(wanted === null ? window.innerHeight >= LOW_PX : wanted === "on");
  }

  toggleStrip() {
    const isOn = this.part("strip-switch")?.ariaPressed !== "true";
    this.#setStrip(isOn);
    remember(REMEMBERED, isOn ? "on" : "off");
  }

  /** @param {boolean} isOn */
  #setStrip(isOn) {
    const button = this.part("strip-switch");
    if (button) button.ariaPressed = String(isOn);
    this.desk.toggleAttribute("data-strip", isOn);
  }

  /** @param {string | null} name of the document whose tab was closed. `null` means that the tab is back */
  sayClosed(name) {
    clearTimeout(this.#closing);
    const note = this.part("closed");
    if (note && name !== null) this.#write(this.part("closed-words"), (note.dataset.words ?? "").replace("{name}", name));
    show(note, name !== null);
    if (name !== null) this.#closing = setTimeout(() => show(note, false), CLOSED_MS);
  }

  /** @param {Facts} facts */
  draw(facts) {
    const { page, book, leaf, shelf } = facts;
    const isBare = shelf.books.length === 0 && !page;
    show(this.part("empty"), isBare);
    show(this.part("work"), !isBare);
    show(this.part("tabs"), !isBare || !this.part("closed")?.hidden);
    const desk = this.part("desk");
    if (desk) desk.dataset.status = facts.isLive ? "live" : "off";
    this.desk.dataset.tool = facts.mayDraw ? facts.tool ?? "" : "";
    this.#banner(facts);
    this.#bar(facts);
    this.#told(facts);
    this.#tabs(page?.document ?? book?.document ?? "");
    this.#settings(facts);
    this.#tools(facts);
    this.#next(facts, leaf);
  }

  /** @param {Facts} facts */
  #banner({ page, isLive, wasShown, leads, shelf }) {
    const words = this.part("banner-words");
    const failed = shelf.books.length > 0 && shelf.books.every((book) => book.problem && book.pages.length === 0);
    const state = !page ? (failed ? "failed" : "converting") : wasShown ? "blank" : "unshown";
    show(this.part("banner"), !isLive);
    show(this.part("banner-show"), Boolean(page) && leads);
    this.#write(words, words?.dataset[state] ?? "");
  }

  /** @param {Facts} facts */
  #bar({ page, book, leaf, next, back, leads, isLive, wasShown, typed }) {
    const number = /** @type {HTMLInputElement | null} */ (this.part("number"));
    if (number && document.activeElement !== number) number.value = page ? String(page.page) : "–";
    if (number) number.disabled = !leads || !page;
    this.#write(this.part("of"), page ? `/ ${Math.max(book?.of ?? 0, page.of)}` : "");
    this.#enable("next", leads && Boolean(page) && (Boolean(next) || !isLive));
    this.#enable("back", leads && Boolean(page) && Boolean(back) && wasShown);
    const steps = this.part("steps");
    const builds = leaf && leaf.steps > 1 && page;
    show(steps, Boolean(builds));
    if (builds) this.#write(steps, (steps?.dataset.words ?? "").replace("{n}", String(page.step)).replace("{of}", String(leaf.steps - 1)));
    show(this.part("add-page"), book?.kind === "whiteboard" && leads);
    const hint = this.part("typed");
    show(hint, typed !== "");
    this.#write(hint, (hint?.dataset.words ?? "").replace("{n}", typed));
    const blank = this.part("blank");
    if (blank) blank.ariaPressed = String(wasShown && !isLive);
    this.#enable("blank", leads && wasShown);
  }

  /** @param {Facts} facts */
  #told({ told, page, isBehind, leads }) {
    show(this.part("locked"), !leads);
    const line = this.part("told");
    if (!line) return;
    const { dataset } = line;
    const isOther = told && page && told.document !== page.document;
    const words = isBehind ? dataset.behind : told ? (isOther ? dataset.other : dataset.page) : dataset.none;
    const arrived = told && page && !isOther && told.page === page.page && told.step === page.step;
    line.dataset.mood = isBehind ? "bad" : arrived ? "good" : "";
    this.#write(line, (words ?? "").replace("{n}", String(told?.page ?? "")).replace("{name}", told?.name ?? ""));
  }

  /** @param {string} document */
  #tabs(document) {
    for (const tab of /** @type {NodeListOf<HTMLElement>} */ (this.desk.querySelectorAll(".slide-tab"))) {
      const isHere = tab.dataset.document === document;
      const button = /** @type {HTMLElement} */ (tab.querySelector("[data-open]"));
      if (isHere && button.ariaCurrent !== "true") this.#bringNear(tab);
      button.ariaCurrent = isHere ? "true" : null;
    }
  }

  /** Only the row of tabs moves, not the page. @param {HTMLElement} tab */
  #bringNear(tab) {
    const row = this.part("tabs");
    if (!row) return;
    const [from, to] = [tab.offsetLeft - row.offsetLeft, tab.offsetLeft - row.offsetLeft + tab.offsetWidth];
    if (from < row.scrollLeft) row.scrollLeft = from;
    else if (to > row.scrollLeft + row.clientWidth) row.scrollLeft = to - row.clientWidth;
  }

  /** @param {Facts} facts */
  #settings({ layout, book, rules, directs }) {
    const layouts = /** @type {HTMLButtonElement[]} */ ([...this.desk.querySelectorAll("[data-layout]")]);
    for (const button of layouts) {
      button.ariaPressed = String(button.dataset.layout === (layout ?? layouts[0].dataset.layout));
      button.disabled = !directs;
    }
    const cover = /** @type {HTMLButtonElement | null} */ (this.part("cover"));
    if (cover) cover.ariaChecked = String(book?.hidden ?? true);
    if (cover) cover.disabled = !book;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.desk.querySelectorAll("[data-rule]"))) {
      button.ariaChecked = String((button.dataset.rule === "look_ahead" ? rules.lookAhead : rules.assistantsTurn) === "true");
    }
  }

  /** @param {Facts} facts */
  #tools({ mayDraw, canUndo, canRedo, canClear }) {
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.desk.querySelectorAll("[data-tool]:is(button)"))) button.disabled = !mayDraw;
    const deeds = { undo: canUndo, redo: canRedo, clear: canClear };
    for (const [deed, can] of Object.entries(deeds)) {
      const button = /** @type {HTMLButtonElement | null} */ (this.desk.querySelector(`[data-deed="${deed}"]`));
      if (button) button.disabled = !mayDraw || !can;
    }
  }

  /** @param {Facts} facts @param {Facts["leaf"]} leaf */
  #next({ page, next, shelf }, leaf) {
    show(this.part("coming"), Boolean(page));
    const notes = this.part("notes");
    this.#write(notes, leaf?.notes || (notes?.dataset.none ?? ""));
    notes?.toggleAttribute("data-none-here", !leaf?.notes);
    const coming = next && shelf.shown(next);
    const picture = /** @type {HTMLImageElement | null} */ (this.part("coming-picture"));
    show(this.part("coming-end"), Boolean(page) && !coming);
    show(picture, Boolean(coming?.medium));
    const url = coming?.medium ?? "";
    if (!picture || url === this.#coming) return;
    this.#coming = url;
    if (url) pictures.want(url).whenReady(() => { if (this.#coming === url) picture.src = url; });
    if (url && pictures.has(url)) picture.src = url;
  }

  /** @param {string} name @param {boolean} can */
  #enable(name, can) {
    const button = /** @type {HTMLButtonElement | null} */ (this.part(name));
    if (button) button.disabled = !can;
  }

  /** @param {Element | null} element @param {string} words */
  #write(element, words) {
    if (element && element.textContent !== words) element.textContent = words;
  }
}
