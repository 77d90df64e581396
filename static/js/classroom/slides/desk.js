// <slide-desk>: 讲义 / 白板 of the studio. What is large here is what learners see, unless the banner says otherwise.

import { backoff, pause } from "../../lib/backoff.js";
import { ask, sayRefusal } from "../engine/lesson-events.js";
import { partsOf, show } from "../engine/parts.js";
import "./slide-view.js";
import { DeskStage } from "./desk-stage.js";
import { Documents } from "./documents.js";
import { DocumentsDoor } from "./documents-door.js";
import { Face } from "./face.js";
import { Hand } from "./hand.js";
import { Keyboard } from "./keyboard.js";
import { ServerTime } from "./server-time.js";
import { StageLine } from "./stage-line.js";
import { Strip } from "./strip.js";
import { Turning } from "./turning.js";

/** @typedef {import("./slide-view.js").SlideView} SlideView */
/** @typedef {import("../../lib/socket.js").LessonEvent} LessonEvent */

const LIST_AGAIN_MS = 250;
const BUTTONS = "button:is([data-do], [data-open], [data-close], [data-layout], [data-rule], [data-part='cover'])";

class SlideDesk extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);
  #isBehind = false;
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #listing;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const onChange = () => this.#change();
    const onRefused = (/** @type {any} */ why) => sayRefusal(why);
    const stage = (this.stage = new DeskStage());
    const time = (this.time = new ServerTime(() => ask(this, "clock.ask", {}), signal));
    const now = () => time.now();
    const line = (this.line = new StageLine({ ask: (name, fields) => ask(this, name, fields), now, onBehind: (isBehind) => { this.#isBehind = isBehind; onChange(); } }));
    this.door = new DocumentsDoor(this.dataset);
    this.turning = new Turning({ stage, line, onChange, onRefused });
    this.face = new Face(this);
    this.documents = new Documents({ door: this.door, turning: this.turning, face: this.face, leads: () => this.#leads, onListed: () => this.#settle() });
    const tools = /** @type {HTMLElement} */ (this.#part("tools"));
    this.hand = new Hand({ view: this.#view, tools, label: this.dataset.wordsLabel ?? "", stage, line, now, mayDraw: () => this.#mayDraw, turn: (way) => this.#turn(way), onChange, onRefused }, signal);
    this.strip = new Strip(/** @type {HTMLElement} */ (this.#part("strip")), (page) => this.#jump(page), signal);
    this.keyboard = new Keyboard({ isThere: () => Boolean(this.turning?.shelf.books.length), act: (does) => this.#act(does), jump: (page) => this.#jump(page), onTyped: onChange }, signal);
    this.#listen(signal);
    void this.#load(signal);
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.hand?.laser.off();
    clearTimeout(this.#listing);
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    this.closest("[data-socket]")?.addEventListener("lesson:event", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail), { signal });
    this.addEventListener("click", (event) => this.#press(/** @type {HTMLElement} */ (event.target)), { signal });
    this.addEventListener("document:arrived", () => this.#dialog("upload")?.close(), { signal });
    window.addEventListener("online", () => this.line?.hurry(), { signal });
    const number = /** @type {HTMLInputElement | null} */ (this.#part("number"));
    number?.addEventListener("focus", () => number.select(), { signal });
    number?.addEventListener("blur", () => this.#change(), { signal });
    number?.addEventListener("keydown", ({ key, isComposing }) => {
      if (key !== "Enter" || isComposing) return;
      this.#jump(Number(number.value));
      number.blur();
    }, { signal });
  }

  /** @param {AbortSignal} signal */
  async #load(signal) {
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        this.stage?.hear(await this.door?.track() ?? []);
        await this.documents?.list();
        return;
      } catch {
        await pause(backoff(tries, { first: 500, most: 8000 }), signal);
      }
    }
  }

  get #view() { return /** @type {SlideView} */ (this.#part("view")); }
  get #directs() { return this.hasAttribute("data-directs"); }
  /** May this person lead the stage? */
  get #leads() { return this.#directs || this.dataset.assistantsTurn === "true"; }
  get #mayDraw() { return Boolean(this.#leads && this.stage?.wasEverShown && this.stage.page && !this.stage.browsed); }

  /** @param {string} name @returns {HTMLDialogElement | null} */
  #dialog(name) { return this.#part(name); }

  // what comes in

  /** @param {LessonEvent} event */
  #hear(event) {
    const { kind, data } = event;
    if (!kind.startsWith("slides.") && kind !== "scene.set") return;
    this.stage?.hear([event]);
    if (kind === "slides.listed") {
      clearTimeout(this.#listing);
      this.#listing = setTimeout(() => this.documents?.list().catch(() => undefined), LIST_AGAIN_MS);
    } else if (kind === "slides.rules") {
      this.dataset.lookAhead = String(data.look_ahead);
      this.dataset.assistantsTurn = String(data.assistants_turn);
      if (!this.#leads) this.hand?.bar.choose(null);
    } else if (kind === "slides.pointed") this.hand?.hearPointer();
    else if (kind === "slides.shown" || kind === "slides.cleared") this.turning?.follow();
    this.#settle();
  }

  /** Have a page be large where there is one: what is shown, or the first. */
  #settle() {
    const { turning, stage } = this;
    if (!turning || !stage) return;
    if (stage.browsed && !turning.shelf.book(stage.browsed.document)) stage.browsed = null;
    const first = turning.shelf.books.find((book) => book.pages.length > 0);
    if (!stage.page && first) turning.browse(turning.placeIn(first.document));
    turning.prepare();
    this.#change();
  }

  // what is pressed

  /** @param {HTMLElement} target */
  #press(target) {
    const button = /** @type {HTMLButtonElement | null} */ (target.closest(BUTTONS));
    if (!button) return;
    const { open, close, layout, rule, name = "" } = button.dataset;
    this.hand?.finish();
    if (open) this.documents?.open(open);
    else if (close) void this.documents?.close(close, name);
    else if (layout) this.#propose(layout, button);
    else if (rule) void this.#setRule(rule);
    else if (button.dataset.part === "cover") void this.documents?.cover();
    else this.#do(button.dataset.do ?? "");
  }

  /** @param {string} what */
  #do(what) {
    const { turning, documents } = this;
    if (what === "next") this.#turn(1);
    else if (what === "back") this.#turn(-1);
    else if (what === "show" && turning?.place && this.#leads) void turning.show(turning.place);
    else if (what === "blank" && this.#leads) void turning?.blank();
    else if (what === "upload") this.#dialog(what)?.showModal();
    else if (what === "strip") this.face?.toggleStrip();
    else if (what === "whiteboard") void documents?.openWhiteboard();
    else if (what === "page") void documents?.addPage();
    else if (what === "bring-back") void documents?.bringBack();
  }

  /** @param {import("../../lib/slide-keys.js").Does} does @returns {boolean} whether the key was ours */
  #act(does) {
    const { turning, hand } = this;
    const place = turning?.place;
    if (!this.#leads) return false;
    if (does === "next" || does === "back") this.#turn(does === "next" ? 1 : -1);
    else if (does === "first") this.#jump(1);
    else if (does === "last") this.#jump((place && turning?.shelf.book(place.document)?.pages.at(-1)?.page) ?? 1);
    else if (does === "blank") this.#do("blank");
    else if (does === "start") this.#do("show");
    else if (does === "undo" || does === "redo") hand?.deed(does);
    else if (does === "laser" || does === "pen" || does === "eraser") {
      if (this.#mayDraw) hand?.bar.choose(hand.bar.tool === does ? null : does);
    } else {
      if (!hand?.bar.tool) return false;
      hand.bar.choose(null);
    }
    return true;
  }

  /** @param {1 | -1} way */
  #turn(way) {
    if (!this.#leads) return;
    this.hand?.finish();
    this.turning?.turn(way);
  }

  /** @param {number} page */
  #jump(page) {
    const at = this.turning?.place;
    if (!at || !Number.isInteger(page) || !this.#leads) return;
    this.hand?.finish();
    this.turning?.open(this.turning.shelf.near(at.document, page));
  }

  /** @param {string} layout @param {HTMLElement} button */
  #propose(layout, button) {
    button.closest("details")?.removeAttribute("open");
    if (this.#directs) this.line?.send("scene.set", { layout }).catch(sayRefusal);
  }

  /** @param {string} rule */
  async #setRule(rule) {
    const rules = { look_ahead: this.dataset.lookAhead === "true", assistants_turn: this.dataset.assistantsTurn === "true" };
    const name = /** @type {keyof typeof rules} */ (rule);
    await ask(this, "slides.rules", { ...rules, [name]: !rules[name] }).catch(sayRefusal);
  }

  // what is seen

  /** Draw what has changed, once for everything that changes within a frame. */
  #change() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const { stage, turning, face, hand } = this;
    if (!stage || !turning || !face || !hand) return;
    const { place, shelf } = turning;
    const book = place && shelf.book(place.document);
    if (!this.#mayDraw && hand.laser.isOn) hand.laser.off();
    this.#view.show(stage.now, Infinity);
    this.strip?.show(book, place?.page ?? 0);
    show(this.#part("tools"), Boolean(stage.page));
    face.draw({
      page: stage.page, told: stage.told, isLive: turning.isLive, wasShown: stage.wasEverShown, leads: this.#leads, directs: this.#directs, isBehind: this.#isBehind,
      book, leaf: place && shelf.leaf(place), next: place && shelf.walk(place, 1), back: place && shelf.walk(place, -1), shelf,
      layout: stage.layout, tool: hand.bar.tool, mayDraw: this.#mayDraw, typed: this.keyboard?.typed ?? "", rules: this.dataset,
      canUndo: hand.drawing.stack.canUndo, canRedo: hand.drawing.stack.canRedo, canClear: stage.strokes.length > 0,
    });
  }
}

customElements.define("slide-desk", SlideDesk);
