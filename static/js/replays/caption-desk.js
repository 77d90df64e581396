// <caption-desk>: captions as a table beside the player. Without scripts the same captions are edited as text.

import "../classroom/player/player.js";
import { partsOf, show } from "../classroom/engine/parts.js";
import { rowsOf, timeOf, timeText, vttOf } from "../lib/caption-text.js";

const NEW_MS = 2000; // length of a new line until its end is set
const BACK_S = -3;

/** @typedef {import("../classroom/player/player.js").LessonPlayer} LessonPlayer */

class CaptionDesk extends HTMLElement {
  #leave = new AbortController();
  #isChanged = false;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const part = partsOf(this);
    this.player = /** @type {LessonPlayer | null} */ (this.querySelector("lesson-player"));
    this.form = /** @type {HTMLFormElement} */ (this.querySelector("form"));
    this.text = /** @type {HTMLTextAreaElement} */ (part("text"));
    this.rows = /** @type {HTMLElement} */ (part("rows"));
    this.wrong = part("wrong");
    if (!this.rows.childElementCount) for (const row of rowsOf(this.text.value)) this.rows.append(this.#rowFor(row));
    show(this.text, false);
    for (const name of ["table", "add"]) show(part(name), true);
    part("add")?.addEventListener("click", () => this.#add(), { signal });
    this.rows.addEventListener("click", (event) => this.#press(/** @type {Element} */ (event.target)), { signal });
    this.form.addEventListener("input", () => { this.#isChanged = true; }, { signal });
    this.form.addEventListener("submit", (event) => { if (!this.#write()) event.preventDefault(); }, { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.querySelector("video")?.addEventListener("timeupdate", () => this.#follow(), { signal });
    window.addEventListener("beforeunload", (event) => { if (this.#isChanged) event.preventDefault(); }, { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  get #now() {
    return Math.round((this.player?.video?.currentTime ?? 0) * 1000);
  }

  /** @param {import("../lib/caption-text.js").Row} row */
  #rowFor({ start, end, text }) {
    const template = /** @type {HTMLTemplateElement} */ (partsOf(this)("row"));
    const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    const field = fieldsOf(row);
    field.start.value = timeText(start);
    field.end.value = timeText(end);
    field.words.value = text;
    field.words.rows = Math.max(1, text.split("\n").length);
    return row;
  }

  #add() {
    const all = /** @type {HTMLElement[]} */ ([...this.rows?.children ?? []]);
    const next = all.find((row) => (timeOf(fieldsOf(row).start.value) ?? 0) > this.#now) ?? null;
    const row = this.#rowFor({ start: this.#now, end: this.#now + NEW_MS, text: "" });
    this.rows?.insertBefore(row, next);
    this.#isChanged = true;
    fieldsOf(row).words.focus();
  }

  /** @param {Element} target */
  #press(target) {
    const row = /** @type {HTMLElement | null} */ (target.closest(".caption-row"));
    if (!row) return;
    if (target.closest("[data-part=hear]")) {
      this.player?.goToPosition((timeOf(fieldsOf(row).start.value) ?? 0) / 1000);
      this.player?.play();
    }
    const drop = target.closest("[data-part=drop]");
    if (!drop) return;
    const isDropped = row.toggleAttribute("data-dropped");
    drop.setAttribute("aria-pressed", String(isDropped));
    this.#isChanged = true;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const row = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".caption-row"));
    const set = (/** @type {"start" | "end"} */ which) => {
      if (!row) return;
      fieldsOf(row)[which].value = timeText(this.#now);
      this.#isChanged = true;
    };
    /** @type {Record<string, () => void>} by the key itself: with Alt, some keyboards write other signs */
    const acts = {
      KeyI: () => set("start"), KeyO: () => set("end"), KeyK: () => this.player?.togglePlay(), KeyJ: () => this.player?.skip(BACK_S),
      Enter: () => this.#add(),
    };
    const act = acts[event.code];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** Write the table back into the form. @returns {boolean} whether all times can be read */
  #write() {
    const rows = [];
    let isRight = true;
    for (const row of /** @type {Iterable<HTMLElement>} */ (this.rows?.children ?? [])) {
      const { start, end, words } = fieldsOf(row);
      const [from, to] = [timeOf(start.value), timeOf(end.value)];
      const isWrong = !row.hasAttribute("data-dropped") && (from === null || to === null || to <= from);
      for (const field of [start, end]) field.setAttribute("aria-invalid", String(isWrong));
      if (isWrong && isRight) start.focus();
      if (isWrong) isRight = false;
      else if (!row.hasAttribute("data-dropped")) rows.push({ start: from ?? 0, end: to ?? 0, text: words.value });
    }
    show(this.wrong ?? null, !isRight);
    if (isRight && this.text) this.text.value = vttOf(rows);
    if (isRight) this.#isChanged = false;
    return isRight;
  }

  /** Show which line is heard. */
  #follow() {
    const now = this.#now;
    for (const row of /** @type {Iterable<HTMLElement>} */ (this.rows?.children ?? [])) {
      const { start, end } = fieldsOf(row);
      row.toggleAttribute("data-heard", (timeOf(start.value) ?? Infinity) <= now && now < (timeOf(end.value) ?? 0));
    }
  }
}

/** @param {HTMLElement} row */
function fieldsOf(row) {
  const part = partsOf(row);
  const [start, end] = ["start", "end"].map((name) => /** @type {HTMLInputElement} */ (part(name)));
  return { start, end, words: /** @type {HTMLTextAreaElement} */ (part("words")) };
}

customElements.define("caption-desk", CaptionDesk);
