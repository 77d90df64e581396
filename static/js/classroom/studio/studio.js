// <studio-room>: the presenter's page. The health panel brings the buttons along; the socket says when to look at once.

import "../player/player.js";
import "../chat/chat.js";
import "../people/people.js";
import "../questions/questions.js";
import "../polls/polls.js";
import "../reactions/reactions.js";
import "../rollcall/rollcall.js";
import "../slides/desk.js";
import "../stage/hand-order.js";
import "../stage/host.js";
import "../stage/time-left.js";
import "../../documents/upload.js";
import "./area-grid.js";
import "../../elements/kept-draft.js";
import "./leave-guard.js";
import "../../elements/tab-set.js";
import "../sending/lesson-sender.js";
import "../people/hand-count.js";
import { followLesson, showRefusal } from "../engine/lesson-events.js";
import { StudioKeys } from "./keys.js";
import { Ways } from "./ways.js";

const STALE_MS = 3000; // answers older than this may be wrong by now
const AFTER_END_MS = 10_000; // how often an ended lesson is looked at

class StudioRoom extends HTMLElement {
  /** @type {ReturnType<typeof followLesson> | undefined} */
  #lesson;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watch;
  #leave = new AbortController();
  #answeredAt = Date.now();
  #askedAt = 0;
  #lookedAt = 0;
  #composing = false;
  /** @type {Ways | undefined} */
  #ways;

  connectedCallback() {
    this.#lesson = followLesson(this, { onState: (data) => this.#enter(data.state) });
    this.#watch = setInterval(() => this.#judge(), 500);
    const { signal } = this.#leave;
    this.#ways = new Ways(this, signal);
    new StudioKeys(this, signal);
    document.addEventListener("visibilitychange", () => this.#look(), { signal });
    this.addEventListener("htmx:beforeRequest", (event) => this.#ask(/** @type {CustomEvent} */ (event)));
    this.addEventListener("htmx:afterRequest", (event) => this.#hear(/** @type {CustomEvent} */ (event)));
    this.addEventListener("htmx:oobBeforeSwap", (event) => this.#keepButtons(/** @type {CustomEvent} */ (event)));
    this.addEventListener("click", (event) => openBeside(event));
    this.addEventListener("click", ({ target }) => {
      const opener = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-opens]"));
      if (opener) /** @type {HTMLDialogElement | null} */ (document.getElementById(opener.dataset.opens ?? ""))?.showModal();
      if (/** @type {Element} */ (target).closest("[data-closes]")) /** @type {Element} */ (target).closest("dialog")?.close();
      const more = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-more]"));
      if (more) more.ariaExpanded = String(more.ariaExpanded !== "true");
    });
    this.addEventListener("compositionstart", () => { this.#composing = true; });
    this.addEventListener("compositionend", () => { this.#composing = false; });
  }

  disconnectedCallback() {
    this.#lesson?.close();
    this.#leave.abort();
    clearInterval(this.#watch);
  }

  /** @param {string} state */
  #enter(state) {
    if (state !== this.dataset.state) for (const note of document.querySelectorAll("#toasts .toast--error")) note.remove();
    this.dataset.state = state;
    this.#ways?.sender?.setState(state);
    if (state === "ended" || state === "cancelled") this.querySelector("lesson-player")?.remove();
    document.body.dispatchEvent(new CustomEvent("refresh"));
  }

  /** The page was in the background, where browsers let it sleep: what it shows is judged after the next answer. */
  #look() {
    if (document.hidden) return;
    this.#lookedAt = Date.now();
    document.body.dispatchEvent(new CustomEvent("refresh"));
  }

  /** @param {CustomEvent} event */
  #ask(event) {
    if (event.detail.elt.id !== "health") return;
    if (this.dataset.state === "ended" && Date.now() - this.#askedAt < AFTER_END_MS) event.preventDefault();
    else this.#askedAt = Date.now();
  }

  /** @param {CustomEvent} event */
  #hear({ detail: { elt, successful, xhr } }) {
    if (elt.id !== "health") return;
    if (!successful) {
      if ([401, 403, 404].includes(xhr.status)) showRefusal(this, 4000 + xhr.status);
      return;
    }
    this.#answeredAt = Date.now();
    this.#judge();
    if (this.querySelector("[data-refusal]:not([hidden])")) {
      showRefusal(this, null);
      this.#lesson?.hurry();
    }
    const controls = /** @type {HTMLElement | null} */ (this.querySelector("#controls"));
    const player = /** @type {import("../player/player.js").LessonPlayer | null} */ (this.querySelector("lesson-player"));
    const publishing = controls?.dataset.publishing === "true";
    this.#ways?.follow(publishing, controls?.dataset.way ?? "");
    player?.setPicture(controls?.dataset.shows === "true");
    const state = controls?.dataset.state;
    if (state && state !== this.dataset.state) this.#enter(state);
  }

  /** Show that the page is out of date, because a presenter acts upon it. */
  #judge() {
    const age = Date.now() - this.#answeredAt;
    const slept = document.hidden || Date.now() - this.#lookedAt < STALE_MS;
    const stale = this.dataset.state !== "ended" && (age > STALE_MS ? !slept : !navigator.onLine);
    this.toggleAttribute("data-stale", stale);
    const note = /** @type {HTMLElement | null} */ (this.querySelector("[data-stale-note]"));
    if (!note) return;
    note.hidden = !stale;
    const text = (note.dataset.staleNote ?? "").replace("{n}", String(Math.round(age / 1000)));
    if (stale && note.textContent !== text) note.textContent = text;
  }

  /**
   * Buttons that say the same stay: nobody loses the focus or a half-made press to a poll.
   * @param {CustomEvent} event
   */
  #keepButtons({ detail }) {
    const fresh = detail.fragment?.firstElementChild ?? detail.fragment;
    const old = /** @type {HTMLElement} */ (detail.target);
    if (old.id !== "controls") return;
    const same = old.dataset.version === /** @type {HTMLElement | null} */ (fresh)?.dataset?.version;
    if (same || this.#composing || old.querySelector("dialog[open], [aria-busy]")) detail.shouldSwap = false;
  }
}

/** A link with `data-beside` opens in a window of its own, so that both can be seen; where there are none, in a tab. @param {MouseEvent} event */
function openBeside(event) {
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[data-beside]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const width = Math.round(Math.min(1100, screen.availWidth * 0.6));
  const place = `width=${width},height=${Math.round(screen.availHeight * 0.85)},left=${screen.availWidth - width},top=0`;
  if (window.open(link.href, link.target, `popup,${place}`)) event.preventDefault();
}

customElements.define("studio-room", StudioRoom);
