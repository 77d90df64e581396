// <banner-show>: the large pictures of the home page. They turn by themselves, except while somebody points at them or
// works in them, while the page is hidden, and for people who want less motion. The element asks the server for news and
// fetches itself anew as soon as there are any. Without scripts the row can be scrolled.

import { backoff, pause } from "../lib/backoff.js";
import { pageToken } from "../lib/page-token.js";

const TURN_MS = 7000;
/** Time on the screen after which a picture counts as shown. */
const SEEN_MS = 1000;
/** Pages do not fetch the news all at once. */
const SPREAD_MS = 500;

/** State that outlives the element, which is replaced with each piece of news. */
const kept = { slide: "", held: false, counted: /** @type {Set<string>} */ (new Set()), unsent: /** @type {Set<string>} */ (new Set()) };

class BannerShow extends HTMLElement {
  #leave = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #turning;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #seeing;
  #restful = matchMedia("(prefers-reduced-motion: reduce)");

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.querySelector("[data-bar]")?.removeAttribute("hidden");
    this.addEventListener("click", (event) => this.#pressed(event), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    for (const name of ["pointerenter", "pointerleave", "focusin", "focusout"]) this.addEventListener(name, () => this.#wind(), { signal });
    this.#track?.addEventListener("scrollend", () => this.#settled(), { signal });
    this.#restful.addEventListener("change", () => this.#wind(), { signal });
    document.addEventListener("visibilitychange", () => { this.#wind(); if (document.hidden) this.#send(); }, { signal });
    addEventListener("pagehide", () => this.#send(), { signal });
    const at = this.#slides.findIndex(({ dataset }) => dataset.slide === kept.slide);
    this.#show(Math.max(0, at), "instant");
    this.#ask(signal);
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearTimeout(this.#turning);
    clearTimeout(this.#seeing);
  }

  get #track() {
    return /** @type {HTMLElement | null} */ (this.querySelector("[data-track]"));
  }

  get #slides() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[data-slide]")]);
  }

  get #at() {
    return Math.max(0, this.#slides.findIndex(({ dataset }) => dataset.slide === kept.slide));
  }

  /** @param {Event} event */
  #pressed({ target }) {
    const { turn, dot, hold } = /** @type {Element} */ (target).closest("button")?.dataset ?? {};
    if (turn) this.#show(this.#at + Number(turn));
    if (dot) this.#show(this.#slides.findIndex(({ dataset }) => dataset.slide === dot));
    if (hold !== undefined) {
      kept.held = !kept.held;
      this.#mark();
      this.#wind();
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey || this.#slides.length < 2) return;
    event.preventDefault();
    const wasInside = this.#slides[this.#at]?.contains(document.activeElement);
    this.#show(this.#at + step);
    if (wasInside) /** @type {HTMLElement | null} */ (this.#slides[this.#at].querySelector("a"))?.focus({ preventScroll: true });
  }

  /** @param {number} place any number: after the last comes the first @param {ScrollBehavior} [behavior] */
  #show(place, behavior = this.#restful.matches ? "instant" : "smooth") {
    const slides = this.#slides;
    const slide = slides[(place + slides.length) % slides.length];
    if (!slide || !this.#track) return;
    kept.slide = slide.dataset.slide ?? "";
    this.#track.scrollTo({ left: slide.offsetLeft - slides[0].offsetLeft, behavior });
    this.#mark();
    this.#wind();
    this.#watch();
  }

  /** The row was swiped, or has come to its place. */
  #settled() {
    const track = this.#track;
    if (!track) return;
    const slide = this.#slides[Math.round(track.scrollLeft / Math.max(1, track.clientWidth))];
    if (!slide || slide.dataset.slide === kept.slide) return;
    kept.slide = slide.dataset.slide ?? "";
    this.#mark();
    this.#wind();
    this.#watch();
  }

  #mark() {
    for (const slide of this.#slides) slide.inert = slide.dataset.slide !== kept.slide;
    for (const dot of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-dot]"))) {
      if (dot.dataset.dot === kept.slide) dot.setAttribute("aria-current", "true");
      else dot.removeAttribute("aria-current");
    }
    this.querySelector("[data-hold]")?.setAttribute("aria-pressed", String(kept.held));
  }

  /** Begin to wait for the next turn, or stop turning. */
  #wind() {
    clearTimeout(this.#turning);
    const isUsed = this.matches(":hover") || this.contains(document.activeElement);
    if (kept.held || isUsed || document.hidden || this.#restful.matches || this.#slides.length < 2) return;
    for (const picture of this.#slides[(this.#at + 1) % this.#slides.length].querySelectorAll("img")) picture.loading = "eager";
    this.#turning = setTimeout(() => this.#show(this.#at + 1), TURN_MS);
  }

  /** Count the picture once it has been seen for a moment; each once for a page. */
  #watch() {
    clearTimeout(this.#seeing);
    const now = kept.slide;
    if (!now || kept.counted.has(now)) return;
    this.#seeing = setTimeout(() => {
      if (document.hidden) return;
      kept.counted.add(now);
      kept.unsent.add(now);
    }, SEEN_MS);
  }

  #send() {
    if (!kept.unsent.size) return;
    const form = new URLSearchParams([...kept.unsent].map((one) => ["item", one]));
    kept.unsent.clear();
    fetch(this.dataset.count ?? "", { method: "POST", body: form, headers: pageToken(), keepalive: true }).catch(() => {});
  }

  /** Ask for news until the element is replaced. A hidden page does not ask. @param {AbortSignal} signal */
  async #ask(signal) {
    for (let failures = 0; !signal.aborted;) {
      if (document.hidden) {
        await new Promise((resolve) => { document.addEventListener("visibilitychange", resolve, { once: true }); });
        continue;
      }
      try {
        const seen = new URLSearchParams({ seen: this.dataset.seen ?? "" });
        const reply = await fetch(`${this.dataset.news}?${seen}`, { signal, headers: { Accept: "application/json" } });
        if (!reply.ok) throw new Error(String(reply.status));
        const { version } = await reply.json();
        failures = 0;
        if (version === this.dataset.seen) continue;
        this.dataset.seen = version;
        await pause(Math.random() * SPREAD_MS, signal);
        this.dispatchEvent(new Event("news"));
      } catch {
        failures += 1;
        await pause(backoff(failures, { first: 1000, most: 30_000 }), signal);
      }
    }
  }
}

customElements.define("banner-show", BannerShow);
