// <intake-desk>: puts a recording that has arrived into the list, and slides that have arrived into its entry, without
// touching the other entries: their forms may be half filled, and their slides on the way.

import { partsOf } from "../classroom/engine/parts.js";

class IntakeDesk extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);

  connectedCallback() {
    this.#leave = new AbortController();
    this.addEventListener("document:arrived", (event) => this.#arrive(/** @type {CustomEvent} */ (event)), { signal: this.#leave.signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /** @param {CustomEvent<{document: string}>} event */
  #arrive(event) {
    const around = /** @type {HTMLElement} */ (event.target).closest(".intake");
    const entry = around ?? document.getElementById(`intake-${event.detail.document}`);
    const htmx = /** @type {any} */ (window).htmx;
    if (entry instanceof HTMLElement) {
      void htmx.ajax("GET", entry.dataset.url, { target: entry, swap: "outerHTML" });
    } else {
      this.#part("empty")?.remove();
      void htmx.ajax("GET", `${this.dataset.url}/${event.detail.document}`, { target: this.#part("list"), swap: "afterbegin" });
    }
  }
}

customElements.define("intake-desk", IntakeDesk);
