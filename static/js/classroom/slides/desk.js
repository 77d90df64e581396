// <slide-desk>: 讲义 / 白板 of the studio. What is large here is what learners see, unless the banner says otherwise.

import { meaningOf, PageNumber } from "../../lib/slide-keys.js";
import { ask, sayRefusal } from "../lesson-events.js";
import { partsOf, show } from "../parts.js";
import "../slide-view.js";
import { DeskStage } from "./desk-stage.js";
import { DocumentsDoor } from "./documents-door.js";
import { Drawing } from "./drawing.js";
import { Face } from "./face.js";
import { Laser } from "./laser.js";
import { Pad } from "./pad.js";
import { ServerTime } from "./server-time.js";
import { StageLine } from "./stage-line.js";
import { Strip } from "./strip.js";
import { ToolBar } from "./tool-bar.js";
import { Turning } from "./turning.js";
import { WordsField } from "./words-field.js";

/** @typedef {import("../slide-view.js").SlideView} SlideView */
/** @typedef {import("../../lib/socket.js").LessonEvent} LessonEvent */
/** @typedef {import("../../lib/lesson-track.js").Tool} Tool */

const LIST_AGAIN_MS = 250;

class SlideDesk extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);
  #stage = new DeskStage();
  #number = new PageNumber();
  #closed = "";
  #isBehind = false;
  #drawn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #listing;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const onChange = () => this.#change();
    const onRefused = (/** @type {any} */ why) => sayRefusal(why);
    this.door = new DocumentsDoor(this.dataset);
    this.time = new ServerTime(() => ask(this, "clock.ask", {}), signal);
    const now = () => /** @type {ServerTime} */ (this.time).now();
    this.line = new StageLine({ ask: (name, fields) => ask(this, name, fields), now, onBehind: (isBehind) => { this.#isBehind = isBehind; onChange(); } });
    this.turning = new Turning({ stage: this.#stage, line: this.line, onChange, onRefused });
    this.drawing = new Drawing({ stage: this.#stage, line: this.line, now, onChange, onRefused });
    this.laser = new Laser({ now, point: (points, off, at) => this.#tellPoint(points, off, at), onMove: (spot) => { this.#stage.pointer = spot; this.#stage.pointsHere = true; onChange(); } });
    this.bar = new ToolBar(/** @type {HTMLElement} */ (this.#part("tools")), (deed) => this.#deed(deed), () => this.#choose(), signal);
    this.words = new WordsField(this.#view, this.dataset.wordsLabel ?? "");
    this.strip = new Strip(/** @type {HTMLElement} */ (this.#part("strip")), (page) => this.#jump(page), signal);
    this.face = new Face(this);
    new Pad(this.#view, {
      tool: () => (this.#mayDraw ? this.bar?.tool ?? null : null), mayPoint: () => this.#mayDraw, laser: this.laser,
      begin: (spot) => this.#begin(spot), move: (spots, ages) => this.#move(spots, ages), end: () => this.#end(), turn: (way) => this.#turn(way),
    }, signal);
    this.#listen(signal);
    void this.#load();
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.laser?.off();
    clearTimeout(this.#listing);
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const room = /** @type {HTMLElement} */ (this.closest("[data-socket]"));
    room.addEventListener("lesson:event", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.addEventListener("click", (event) => this.#press(/** @type {HTMLElement} */ (event.target)), { signal });
    this.addEventListener("document:arrived", () => /** @type {HTMLDialogElement | null} */ (this.#part("upload"))?.close(), { signal });
    const number = /** @type {HTMLInputElement | null} */ (this.#part("number"));
    number?.addEventListener("keydown", ({ key, isComposing }) => {
      if (key !== "Enter" || isComposing) return;
      this.#jump(Number(number.value));
      number.blur();
    }, { signal });
    number?.addEventListener("focus", () => number.select(), { signal });
    number?.addEventListener("blur", () => this.#change(), { signal });
    window.addEventListener("online", () => this.line?.hurry(), { signal });
    window.addEventListener("blur", () => this.laser?.off(), { signal });
  }

  async #load() {
    for (let tries = 0; !this.#leave.signal.aborted; tries += 1) {
      try {
        const [events] = await Promise.all([this.door?.track() ?? [], this.#list()]);
        this.#stage.hear(events);
        this.#settle();
        return;
      } catch {
        await new Promise((done) => setTimeout(done, Math.min(8000, 500 * 2 ** tries)));
      }
    }
  }

  get #view() { return /** @type {SlideView} */ (this.#part("view")); }
  get #directs() { return this.hasAttribute("data-directs"); }
  /** May this person lead the stage? */
  get #leads() { return this.#directs || this.dataset.assistantsTurn === "true"; }
  get #mayDraw() { return this.#leads && this.#stage.wasEverShown && this.#stage.page !== null && !this.#stage.browsed; }

  // what comes in

  /** @param {LessonEvent} event */
  #hear(event) {
    this.#stage.hear([event]);
    const { kind, data } = event;
    if (kind === "slides.listed") {
      clearTimeout(this.#listing);
      this.#listing = setTimeout(() => this.#list().catch(() => undefined), LIST_AGAIN_MS);
    } else if (kind === "slides.rules") {
      this.dataset.lookAhead = String(data.look_ahead);
      this.dataset.assistantsTurn = String(data.assistants_turn);
      if (!this.#leads) this.bar?.choose(null);
    } else if (kind === "slides.pointed") {
      if (!this.laser?.isOn && !this.#pointed) this.#stage.pointsHere = false;
    } else if (kind === "slides.shown" || kind === "slides.cleared") this.turning?.follow();
    else if (!kind.startsWith("slides.") && kind !== "scene.set") return;
    this.#settle();
  }

  async #list() {
    if (!this.turning || !this.door) return;
    this.turning.shelf = await this.door.shelf();
    this.#settle();
  }

  /** Have a page be large where there is one: what is shown, or the first. */
  #settle() {
    const [turning, stage] = [this.turning, this.#stage];
    if (!turning) return;
    const books = turning.shelf.books;
    const browsed = stage.browsed && !turning.shelf.book(stage.browsed.document);
    if (browsed) stage.browsed = null;
    const first = books.find((book) => book.pages.length > 0);
    if (!stage.page && first) turning.browse(turning.placeIn(first.document));
    turning.prepare();
    this.#change();
  }

  // what is pressed

  /** @param {HTMLElement} target */
  #press(target) {
    const button = /** @type {HTMLButtonElement | null} */ (target.closest("button[data-do], button[data-open], button[data-close], button[data-layout], button[data-rule], button[data-part='cover']"));
    if (!button) return;
    const { open, close, layout, rule } = button.dataset;
    if (open) this.#openTab(open);
    else if (close) void this.#closeTab(close, button.dataset.name ?? "");
    else if (layout) this.#propose(layout, button);
    else if (rule) this.#setRule(rule);
    else if (button.dataset.part === "cover") void this.#cover();
    else this.#do(button.dataset.do ?? "");
  }

  /** @param {string} what */
  #do(what) {
    const turning = this.turning;
    if (what === "next") this.#turn(1);
    else if (what === "back") this.#turn(-1);
    else if (what === "show" && turning?.place && this.#leads) void turning.show(turning.place);
    else if (what === "blank" && this.#leads) void turning?.blank();
    else if (what === "upload") /** @type {HTMLDialogElement | null} */ (this.#part("upload"))?.showModal();
    else if (what === "keys") /** @type {HTMLDialogElement | null} */ (this.#part("keys"))?.showModal();
    else if (what === "strip") this.face?.toggleStrip();
    else if (what === "whiteboard") void this.#openWhiteboard();
    else if (what === "page") void this.#addPage();
    else if (what === "bring-back") void this.#bringBack();
  }

  /** @param {1 | -1} way */
  #turn(way) {
    if (!this.#leads) return;
    this.#finish();
    this.turning?.turn(way);
  }

  /** @param {number} page */
  #jump(page) {
    const at = this.turning?.place;
    if (!at || !Number.isInteger(page)) return;
    this.#finish();
    const place = this.turning?.shelf.near(at.document, page) ?? null;
    if (this.#leads) this.turning?.open(place);
  }

  /** @param {string} document */
  #openTab(document) {
    this.#finish();
    if (this.#leads) this.turning?.open(this.turning.placeIn(document));
  }

  /** What is half done on a page is done before another one comes. */
  #finish() {
    this.words?.close();
    if (this.drawing?.isGoing) this.#end();
    this.laser?.off();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]") || (this.turning?.shelf.books.length ?? 0) === 0) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest("input, textarea, select, [contenteditable], lesson-player, [role='tablist'], details[open]")) return;
    const meaning = meaningOf(event);
    if (!meaning) return;
    if ([" ", "Enter"].includes(event.key) && target.closest("button, a, summary, label")) return;
    if ("digit" in meaning) this.#number.type(meaning.digit, Date.now());
    else if (!this.#act(meaning.does)) return;
    event.preventDefault();
    this.#change();
    if ("digit" in meaning) setTimeout(() => this.#change(), 3100);
  }

  /** @param {import("../../lib/slide-keys.js").Does} does @returns {boolean} whether the key was ours */
  #act(does) {
    const place = this.turning?.place;
    const last = place ? this.turning?.shelf.book(place.document)?.pages.at(-1)?.page : 0;
    if (does === "next") this.#turn(1);
    else if (does === "back") this.#turn(-1);
    else if (does === "first") this.#jump(1);
    else if (does === "last") this.#jump(last ?? 1);
    else if (does === "blank") this.#do("blank");
    else if (does === "start") this.#do("show");
    else if (does === "help") this.#do("keys");
    else if (does === "laser" || does === "pen" || does === "eraser") this.bar?.choose(this.bar.tool === does ? null : does);
    else if (does === "undo" || does === "redo") this.#deed(does);
    else if (does === "jump") {
      const page = this.#number.take(Date.now());
      if (page === null) return false;
      this.#jump(page);
    } else if (does === "away") {
      if (!this.bar?.tool) return false;
      this.bar.choose(null);
    }
    return true;
  }

  // drawing

  #choose() {
    this.#finish();
    this.#change();
  }

  /** @param {string} deed */
  #deed(deed) {
    const page = this.#stage.page;
    if (!page || !this.#mayDraw || this.drawing?.isGoing) return;
    if (deed === "undo") this.drawing?.undo(page);
    else if (deed === "redo") this.drawing?.redo(page);
    else if (deed === "clear") this.drawing?.clear(page);
  }

  /** @param {import("../../lib/lesson-track.js").Spot} spot */
  #begin(spot) {
    const [page, bar] = [this.#stage.page, this.bar];
    if (!page || !bar?.tool || bar.tool === "laser") return;
    if (bar.tool === "eraser") this.drawing?.rub(page, spot, page.height / page.width);
    else if (bar.tool !== "text") this.drawing?.begin(page, { tool: bar.tool, ...bar.ink }, spot);
    else if (this.words?.isOpen) this.words.close();
    else this.words?.open(spot, bar.ink, (words) => this.drawing?.write(page, { tool: "text", ...bar.ink }, spot, words));
  }

  /** @param {import("../../lib/lesson-track.js").Spot[]} spots @param {number[]} ages */
  #move(spots, ages) {
    const page = this.#stage.page;
    if (this.bar?.tool !== "eraser") this.drawing?.move(spots, ages);
    else if (page) for (const spot of spots) this.drawing?.rub(page, spot, page.height / page.width);
  }

  #end() {
    this.drawing?.end();
    this.drawing?.rubbed();
  }

  #pointed = false; // the newest word about the pointer is this desk's

  /** @param {number[]} points @param {boolean} off @param {number} at */
  #tellPoint(points, off, at) {
    const page = this.#stage.page;
    if (!page || !this.#mayDraw) return;
    this.#pointed = true;
    this.line?.send("slides.point", { document: page.document, page: page.page, points, off }, at)
      .catch(() => undefined)
      .then(() => { if (off) setTimeout(() => { this.#pointed = false; }, 1000); });
  }

  // documents and rules

  /** @param {Promise<unknown> | undefined} deed @returns {Promise<boolean>} */
  async #try(deed) {
    try {
      await deed;
      return true;
    } catch (why) {
      sayRefusal(/** @type {any} */ (why));
      return false;
    }
  }

  async #openWhiteboard() {
    const before = new Set(this.turning?.shelf.books.map((book) => book.document));
    if (!await this.#try(this.door?.ask("POST", "/whiteboards"))) return;
    await this.#list();
    const board = this.turning?.shelf.books.find((book) => !before.has(book.document));
    if (board && this.#leads) this.turning?.open(this.turning.placeIn(board.document));
  }

  async #addPage() {
    const place = this.turning?.place;
    if (!place || !await this.#try(this.door?.ask("POST", `/${place.document}/pages`))) return;
    await this.#list();
    this.#jump(this.turning?.shelf.book(place.document)?.pages.length ?? place.page);
  }

  /** @param {string} document @param {string} name */
  async #closeTab(document, name) {
    const isLarge = this.turning?.place?.document === document;
    const other = this.turning?.shelf.books.find((book) => book.document !== document && book.pages.length > 0);
    if (!await this.#try(this.door?.ask("DELETE", `/${document}`))) return;
    if (isLarge && this.#leads) {
      if (other) this.turning?.open(this.turning.placeIn(other.document));
      else if (this.turning?.isLive) await this.turning.blank();
    }
    this.#closed = document;
    this.face?.sayClosed(name);
    await this.#list();
  }

  async #bringBack() {
    if (await this.#try(this.door?.ask("POST", `/${this.#closed}/return`))) {
      this.face?.sayClosed(null);
      await this.#list();
      if (this.#leads) this.turning?.open(this.turning.placeIn(this.#closed));
    }
  }

  async #cover() {
    const place = this.turning?.place;
    const book = place && this.turning?.shelf.book(place.document);
    if (book && await this.#try(this.door?.ask(book.hidden ? "DELETE" : "POST", `/${book.document}/cover`))) await this.#list();
  }

  /** @param {string} layout @param {HTMLElement} button */
  #propose(layout, button) {
    button.closest("details")?.removeAttribute("open");
    if (this.#directs) void this.#try(this.line?.send("scene.set", { layout }));
  }

  /** @param {string} rule */
  #setRule(rule) {
    const rules = { look_ahead: this.dataset.lookAhead === "true", assistants_turn: this.dataset.assistantsTurn === "true" };
    const name = /** @type {keyof typeof rules} */ (rule);
    void this.#try(ask(this, "slides.rules", { ...rules, [name]: !rules[name] }));
  }

  // what is seen

  /** Draw what has changed, once for everything that changes within a frame. */
  #change() {
    if (this.#drawn) return;
    this.#drawn = requestAnimationFrame(() => {
      this.#drawn = 0;
      this.#draw();
    });
  }

  #draw() {
    const [stage, turning, face] = [this.#stage, this.turning, this.face];
    if (!turning || !face) return;
    const place = turning.place;
    this.#view.show(stage.now, Infinity);
    this.strip?.show(place && turning.shelf.book(place.document), place?.page ?? 0);
    face.draw({
      page: stage.page, told: stage.told, isLive: turning.isLive, wasShown: stage.wasEverShown, leads: this.#leads, directs: this.#directs, isBehind: this.#isBehind,
      book: place && turning.shelf.book(place.document), leaf: place && turning.shelf.leaf(place), next: place && turning.shelf.walk(place, 1), back: place && turning.shelf.walk(place, -1),
      shelf: turning.shelf, layout: stage.layout, tool: this.bar?.tool ?? null, mayDraw: this.#mayDraw, typed: this.#number.at(Date.now()), rules: this.dataset,
      canUndo: Boolean(this.drawing?.stack.canUndo), canRedo: Boolean(this.drawing?.stack.canRedo), canClear: stage.strokes.length > 0,
    });
    show(this.#part("tools"), Boolean(stage.page));
    if (!this.#mayDraw && this.laser?.isOn) this.laser.off();
  }
}

customElements.define("slide-desk", SlideDesk);
