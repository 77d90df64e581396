// <times-desk>: pages are given their moments beside the player. Without scripts the same times are edited as text.

import "../classroom/player/player.js";
import { partsOf, show } from "../classroom/engine/parts.js";
import { timeText } from "../lib/caption-text.js";
import { linesOf, pageAt, textOf, withLine } from "../lib/slide-times.js";
import { UndoStack } from "../lib/undo-stack.js";

const BACK_S = -3;
const NEAR_MS = 500; // who presses twice within this wants another page, not two

/** @typedef {import("../classroom/player/player.js").LessonPlayer} LessonPlayer */
/** @typedef {import("../lib/slide-times.js").Line} Line */

class TimesDesk extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);
  /** Texts before each change. @type {UndoStack<string>} */
  #before = new UndoStack();
  #isChanged = false;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.player = /** @type {LessonPlayer | null} */ (this.querySelector("lesson-player"));
    this.text = /** @type {HTMLTextAreaElement} */ (this.#part("text"));
    this.rows = /** @type {HTMLElement} */ (this.#part("rows"));
    for (const name of ["here", "desk-keys"]) show(this.#part(name), true);
    const press = (/** @type {string} */ name, /** @type {() => void} */ act) => this.#part(name)?.addEventListener("click", act, { signal });
    press("next", () => this.#next());
    press("none", () => this.#put(0));
    press("back", () => this.#back());
    this.addEventListener("click", (event) => this.#press(/** @type {Element} */ (event.target)), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.text.addEventListener("input", () => { this.#isChanged = true; this.#draw(); }, { signal });
    this.querySelector("form")?.addEventListener("submit", () => { this.#isChanged = false; }, { signal });
    this.querySelector("video")?.addEventListener("timeupdate", () => this.#follow(), { signal });
    window.addEventListener("beforeunload", (event) => { if (this.#isChanged) event.preventDefault(); }, { signal });
    this.#draw();
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  get #now() {
    return Math.round((this.player?.video?.currentTime ?? 0) * 1000);
  }

  get #lines() {
    return linesOf(this.text?.value ?? "");
  }

  get #pages() {
    return this.querySelectorAll("[data-page]").length;
  }

  /** @param {Element} target */
  #press(target) {
    const page = /** @type {HTMLElement | null} */ (target.closest("[data-page]"));
    if (page) this.#put(Number(page.dataset.page));
    const row = /** @type {HTMLElement | null} */ (target.closest("[data-at]"));
    if (!row) return;
    const at = Number(row.dataset.at);
    if (target.closest("[data-part=drop]")) this.#change((lines) => lines.filter((line) => line.at !== at));
    else if (target.closest("[data-part=go]")) this.player?.goToPosition(at / 1000);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    /** @type {Record<string, () => void>} by the key itself: with Alt, some keyboards write other signs */
    const acts = {
      KeyN: () => this.#next(), KeyK: () => this.player?.togglePlay(), KeyJ: () => this.player?.skip(BACK_S), KeyZ: () => this.#back(),
    };
    const act = acts[event.code];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** Let the page after the one that stands here appear. */
  #next() {
    const page = pageAt(this.#lines ?? [], this.#now) + 1;
    if (page <= this.#pages) this.#put(page);
  }

  /** @param {number} page that appears here; 0: none does */
  #put(page) {
    this.#change((lines) => withLine(lines, { at: this.#now, page }, NEAR_MS));
  }

  /** @param {(lines: Line[]) => Line[]} deed */
  #change(deed) {
    const lines = this.#lines;
    if (!lines || !this.text) return;
    this.#before.push(this.text.value);
    this.text.value = textOf(deed(lines));
    this.#isChanged = true;
    this.#draw();
  }

  #back() {
    const text = this.#before.undo();
    if (text === null || !this.text) return;
    this.text.value = text;
    this.#draw();
  }

  /** Show the lines as a list. */
  #draw() {
    const lines = this.#lines;
    show(this.#part("wrong"), lines === null);
    const back = this.#part("back")?.querySelector("button");
    if (back) back.disabled = !this.#before.canUndo;
    if (!lines) return;
    this.rows?.replaceChildren(...lines.map((line) => this.#rowFor(line)));
    this.#follow();
  }

  /** @param {Line} line */
  #rowFor({ at, page }) {
    const template = /** @type {HTMLTemplateElement} */ (this.#part("row"));
    const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    const part = partsOf(row);
    const [go, what] = [/** @type {HTMLElement} */ (part("go")), /** @type {HTMLElement} */ (part("what"))];
    row.dataset.at = String(at);
    go.textContent = timeText(at).replace(/\.000$/, "");
    const words = this.#part(page ? "page-words" : "none-words")?.textContent ?? "";
    what.textContent = words.replace("#", String(page));
    return row;
  }

  /** Show which page stands here. */
  #follow() {
    const lines = this.#lines ?? [];
    const now = lines.findLast((line) => line.at <= this.#now);
    for (const row of /** @type {Iterable<HTMLElement>} */ (this.rows?.children ?? [])) {
      row.toggleAttribute("data-now", Number(row.dataset.at) === now?.at);
    }
    for (const page of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-page]"))) {
      page.toggleAttribute("data-now", Number(page.dataset.page) === now?.page);
    }
  }
}

customElements.define("times-desk", TimesDesk);
