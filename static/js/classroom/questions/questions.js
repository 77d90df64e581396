// <question-list>: the questions in their order, with what is one's own: what one has asked, and what one wants to know too.
// The server draws a question once for everybody; who looks at it is known here.

import { clockText } from "../../lib/clock-text.js";
import { newName } from "../engine/names.js";
import { partsOf, show } from "../engine/parts.js";

/** @typedef {import("../player/player.js").LessonPlayer} LessonPlayer */

const TO_ANSWER = ["waiting", "open", "being_answered"];

/** @param {HTMLElement} question @returns {number} */
const numberOf = (question) => Number(question.dataset.order);

class QuestionList extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);
  /** @type {Set<number>} */
  #own = new Set();
  /** @type {Set<number>} */
  #voted = new Set();
  #isDressing = false;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.#own = new Set(JSON.parse(this.dataset.own ?? "[]"));
    this.#voted = new Set(JSON.parse(this.dataset.voted ?? "[]"));
    const room = this.#room;
    room.addEventListener("lesson:event", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail), { signal });
    room.addEventListener("timeline", () => this.#dress(), { capture: true, signal });
    this.closest('[data-panel], [role="tabpanel"]')?.addEventListener("tab:shown", () => this.#dress(), { signal });
    this.addEventListener("lesson:done", (event) => this.#done(/** @type {CustomEvent} */ (event).detail), { signal });
    this.addEventListener("click", (event) => this.#press(event), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.addEventListener("input", (event) => this.#grow(event.target), { signal });
    this.addEventListener("toggle", ({ target }) => /** @type {Element} */ (target).querySelector(".popup__items")?.scrollIntoView({ block: "nearest" }), { capture: true, signal });
    this.addEventListener("htmx:afterSwap", () => this.#added(), { signal });
    this.#part("answer-off")?.addEventListener("click", () => show(this.#part("answer"), false), { signal });
    this.#rename();
    this.#dress();
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  get #room() { return /** @type {HTMLElement} */ (this.closest("[data-socket]")); }
  get #player() { return /** @type {LessonPlayer | null} */ (this.#room.querySelector("lesson-player")); }
  get #list() { return /** @type {HTMLElement} */ (this.querySelector(".questions__list")); }
  get #questions() { return /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll(".question")]); }
  get #isReplay() { return this.hasAttribute("data-replay"); }

  /** @param {import("../../lib/socket.js").LessonEvent} event */
  #hear({ kind, data }) {
    if (kind === "questions.voted") this.#count(data.votes);
    else if (kind === "questions.yours") this.#own.add(data.question);
    else if (kind === "chat.muted" && data.key === this.dataset.me) this.toggleAttribute("data-muted", data.muted);
    else if (kind === "chat.rules" && this.dataset.me?.startsWith("g")) this.toggleAttribute("data-read-only", !data.guests);
    else if (kind === "live.state") this.toggleAttribute("data-over", data.state === "ended" || data.state === "cancelled");
    else if (!kind.startsWith("questions.")) return;
    this.#dressSoon();
    const concerns = this.dataset.side === "desk" ? kind === "questions.asked"
      : kind === "questions.yours" && !TO_ANSWER.slice(0, 2).includes(data.state) && !data.gone;
    if (concerns && !this.#isReplay) this.dispatchEvent(new CustomEvent("tab:news", { bubbles: true }));
  }

  /** @param {Record<string, number>} votes by the ids of questions */
  #count(votes) {
    for (const [number, count] of Object.entries(votes)) {
      const question = /** @type {HTMLElement | null} */ (this.querySelector(`#question-${Number(number)}`));
      if (!question) continue;
      question.dataset.votes = String(count);
      const shown = question.querySelector("[data-count]");
      if (shown) shown.textContent = String(count);
    }
  }

  /** @param {{name: string, data: any}} done */
  #done({ name, data }) {
    if (name === "questions.vote") {
      if (data.on) this.#voted.add(data.question);
      else this.#voted.delete(data.question);
      this.#count({ [data.question]: data.votes });
      this.#dress();
    } else if (name === "questions.ask") {
      this.#own.add(data.question);
      this.#rename();
      this.#grow(this.querySelector("#question-text"));
      this.#dress();
      this.querySelector(`#question-${Number(data.question)}`)?.scrollIntoView({ block: "nearest" });
    } else if (name === "questions.answer") show(this.#part("answer"), false);
  }

  /** The next question is another one; the same one, sent again, keeps its name. */
  #rename() {
    const nonce = /** @type {HTMLInputElement | null} */ (this.querySelector('input[name="nonce"]'));
    if (nonce) nonce.value = newName();
  }

  /** A question that has moved up since stands twice when more are fetched. */
  #added() {
    const seen = new Set();
    for (const question of this.#questions) {
      if (seen.has(question.id)) question.remove();
      seen.add(question.id);
    }
    this.#dress();
  }

  /** Once for all that comes at once. */
  #dressSoon() {
    if (this.#isDressing) return;
    this.#isDressing = true;
    queueMicrotask(() => { this.#isDressing = false; this.#dress(); });
  }

  /** Put the questions into their order, and show on each what concerns only who looks at it. */
  #dress() {
    const player = this.#player;
    const canSeek = Boolean(player && (this.#isReplay || (player.mode === "live" && player.canRewind)));
    for (const question of this.#questions) {
      const number = numberOf(question);
      const isOwn = this.#own.has(number) || (Boolean(this.dataset.me) && question.dataset.by === this.dataset.me);
      question.classList.toggle("question--own", isOwn);
      const vote = /** @type {HTMLButtonElement | null} */ (question.querySelector(".question__votes"));
      if (vote) {
        const isOn = this.#voted.has(number);
        vote.ariaPressed = String(isOn);
        vote.dataset.fields = JSON.stringify({ question: number, on: !isOn });
        if (this.#isReplay || this.hasAttribute("data-over") || !this.dataset.me) vote.disabled = true;
      }
      const moment = /** @type {HTMLButtonElement | null} */ (question.querySelector(".question__moment"));
      if (moment) this.#place(moment, player, canSeek);
    }
    this.#sort();
    const open = this.#questions.filter((one) => TO_ANSWER.some((state) => one.classList.contains(`question--${state}`)));
    const count = document.getElementById("questions-count");
    if (count) count.textContent = open.length ? String(open.length) : "";
  }

  /**
   * A replay leaves out the pauses, so the moment is elsewhere there than on the clock of the lesson.
   * @param {HTMLButtonElement} moment
   * @param {LessonPlayer | null} player
   * @param {boolean} canSeek
   */
  #place(moment, player, canSeek) {
    moment.disabled = !canSeek;
    const position = this.#isReplay ? player?.engine?.clock.positionAt(Number(moment.dataset.at)) : null;
    const words = moment.querySelector("span");
    if (position != null && words) words.textContent = (moment.dataset.words ?? "").replace("{time}", clockText(position));
  }

  /** Groups in their order, in each first what most want to know. */
  #sort() {
    const list = this.#list;
    const before = this.#questions;
    const sorted = [...before].sort((one, other) =>
      Number(one.dataset.group) - Number(other.dataset.group)
      || Number(other.dataset.votes) - Number(one.dataset.votes)
      || numberOf(one) - numberOf(other));
    if (sorted.every((question, at) => question === before[at])) return;
    const focused = document.activeElement;
    const top = list.scrollTop;
    const more = list.querySelector(".more");
    for (const question of sorted) list.insertBefore(question, more);
    list.scrollTop = top;
    if (focused instanceof HTMLElement && list.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** @param {Event} event */
  #press(event) {
    const target = /** @type {Element} */ (event.target);
    const button = /** @type {HTMLButtonElement | null} */ (target.closest("[data-part='mine'], .question__moment, [data-question]"));
    if (!button) return;
    if (button.dataset.part === "mine") {
      const isOn = button.ariaPressed !== "true";
      button.ariaPressed = String(isOn);
      this.#list.toggleAttribute("data-mine", isOn);
    } else if (button.dataset.question === "answer") {
      button.closest("details.popup")?.removeAttribute("open");
      this.#openAnswer(button);
    } else if (this.#player) {
      this.#player.goTo(Number(button.dataset.at));
      this.#player.play();
    }
  }

  /** Keep a half written answer as long as it is about the same question. @param {HTMLElement} button */
  #openAnswer(button) {
    const form = this.#part("answer");
    const about = this.#part("about");
    const field = /** @type {HTMLTextAreaElement | null} */ (form?.querySelector("textarea"));
    if (!form || !about || !field) return;
    const fields = JSON.stringify({ question: Number(button.dataset.id) });
    if (form.dataset.fields !== fields || !field.value) field.value = button.dataset.answer ?? "";
    form.dataset.fields = fields;
    about.textContent = button.dataset.excerpt ?? "";
    show(form, true);
    this.#grow(field);
    field.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const field = event.target;
    if (!(field instanceof HTMLTextAreaElement)) return;
    if (event.key === "Escape" && field.id === "answer-text") show(this.#part("answer"), false);
    // While an input method composes, Enter chooses a word; Safari says so only by the key's code.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (field.value.trim()) field.form?.requestSubmit();
  }

  /** @param {EventTarget | null} field */
  #grow(field) {
    if (!(field instanceof HTMLTextAreaElement)) return;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 140)}px`;
  }
}

customElements.define("question-list", QuestionList);
