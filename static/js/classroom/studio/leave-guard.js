// <leave-guard>: asks a presenter who leaves in mid-lesson, by a link or by closing the page, and leads on who has ended it.

import { pageToken } from "../../lib/page-token.js";

const STAYS_MS = 500; // no script runs while the browser asks: a person who is still here afterwards has stayed

class LeaveGuard extends HTMLElement {
  #leave = new AbortController();
  #let = false;
  #target = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #stays;

  connectedCallback() {
    const { signal } = this.#leave;
    document.addEventListener("click", (event) => this.#onLink(event), { signal, capture: true });
    window.addEventListener("beforeunload", (event) => this.#onClose(event), { signal });
    window.addEventListener("pagehide", () => clearTimeout(this.#stays), { signal });
    this.addEventListener("click", (event) => this.#onAnswer(event), { signal });
    document.addEventListener("htmx:afterSettle", () => this.#land(), { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearTimeout(this.#stays);
  }

  get #guards() {
    const watched = /** @type {HTMLElement | null} */ (document.querySelector(this.dataset.watches ?? ""));
    return !this.#let && (this.dataset.states ?? "").split(" ").includes(watched?.dataset.state ?? "");
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
  }

  /** @param {MouseEvent} event */
  #onLink(event) {
    const link = /** @type {Element} */ (event.target).closest("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.hash || link.target || !this.#guards || event.ctrlKey || event.metaKey) return;
    if (link.closest("[data-unguarded]")) {
      this.#let = true; // the way to the sign-in form and back
      return;
    }
    event.preventDefault();
    this.#ask(link.href);
  }

  /**
   * Let the browser ask in its own words, whose only answers are leave and stay. If she stays, she gets the better
   * question.
   * @param {BeforeUnloadEvent} event
   */
  #onClose(event) {
    if (!this.#guards) return;
    event.preventDefault();
    clearTimeout(this.#stays);
    this.#stays = setTimeout(() => { if (this.#guards) this.#ask(this.dataset.home ?? "/"); }, STAYS_MS);
  }

  /** @param {string} target address to go to after the answer */
  #ask(target) {
    this.#target = target;
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** @param {Event} event */
  async #onAnswer(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-answer]");
    if (!(button instanceof HTMLElement)) return;
    this.#dialog.close();
    if (button.dataset.answer === "stay") return;
    this.#let = true;
    if (button.dataset.post) await this.#tell(button.dataset.post);
    await this.#lastThings();
    location.assign(button.dataset.to ?? this.#target);
  }

  /** Go on to where the watched element leads when this page has ended the lesson, once everything is sent. */
  async #land() {
    const watched = /** @type {HTMLElement | null} */ (document.querySelector(this.dataset.watches ?? ""));
    const target = watched?.dataset.lands;
    if (!target || this.#let) return;
    this.#let = true;
    await this.#lastThings();
    location.assign(target);
  }

  /** Wait for elements with work to finish: they hear `guard:leaves` and pass a promise to `waitUntil`. */
  #lastThings() {
    /** @type {Promise<unknown>[]} */
    const things = [];
    const detail = { waitUntil: (/** @type {Promise<unknown>} */ thing) => things.push(thing) };
    this.dispatchEvent(new CustomEvent("guard:leaves", { bubbles: true, detail }));
    return Promise.allSettled(things);
  }

  /** @param {string} url */
  async #tell(url) {
    await fetch(url, { method: "POST", headers: { ...pageToken(), "HX-Request": "true" } }).catch(() => undefined);
  }
}

customElements.define("leave-guard", LeaveGuard);
