// <leave-guard>: asks when the presenter leaves in mid-lesson, by a link or by closing the page.

import { pageToken } from "../lib/page-token.js";

class LeaveGuard extends HTMLElement {
  #leave = new AbortController();
  #let = false;
  #target = "/";

  connectedCallback() {
    const { signal } = this.#leave;
    document.addEventListener("click", (event) => this.#onLink(event), { signal, capture: true });
    window.addEventListener("beforeunload", (event) => { if (this.#guards) event.preventDefault(); }, { signal });
    this.addEventListener("click", (event) => this.#onAnswer(event), { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
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
    this.#target = link.href;
    this.#dialog.showModal();
  }

  /** @param {Event} event */
  async #onAnswer(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-answer]");
    if (!(button instanceof HTMLElement)) return;
    this.#dialog.close();
    if (button.dataset.answer === "stay") return;
    this.#let = true;
    if (button.dataset.post) await this.#tell(button.dataset.post);
    location.assign(this.#target);
  }

  /** @param {string} url */
  async #tell(url) {
    await fetch(url, { method: "POST", headers: { ...pageToken(), "HX-Request": "true" } }).catch(() => undefined);
  }
}

customElements.define("leave-guard", LeaveGuard);
