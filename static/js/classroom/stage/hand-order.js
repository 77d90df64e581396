// <hand-order>: the queue of people who wait. Dragging reorders it, and so do Alt and the arrow keys.

import { beforeWhenDropped, beforeWhenStepped } from "../../lib/queue-order.js";
import { ask, sayRefusal } from "../engine/lesson-events.js";

/** Person whose hand was moved by a key: the list is replaced, and the focus stays with her. */
let moved = "";

class HandOrder extends HTMLElement {
  #leave = new AbortController();
  #dragged = "";

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.addEventListener("dragstart", (event) => {
      this.#dragged = this.#hand(event)?.dataset.key ?? "";
      event.dataTransfer?.setData("text/plain", this.#dragged); // Firefox starts no drag without data
    }, { signal });
    this.addEventListener("dragover", (event) => { if (this.#dragged && this.#hand(event)) event.preventDefault(); }, { signal });
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      const onto = this.#hand(event)?.dataset.key ?? "";
      this.#move(this.#dragged, beforeWhenDropped(this.#keys, this.#dragged, onto));
      this.#dragged = "";
    }, { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#hands.find(({ dataset }) => dataset.key === moved)?.focus();
    moved = "";
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  get #hands() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[data-key]")]);
  }

  /** @param {Event} event @returns {HTMLElement | null} */
  #hand({ target }) {
    return /** @type {Element} */ (target).closest("[data-key]");
  }

  get #keys() {
    return this.#hands.map(({ dataset }) => dataset.key ?? "");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const hand = this.#hand(event);
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!hand || !step || !event.altKey) return;
    event.preventDefault();
    const key = hand.dataset.key ?? "";
    const before = beforeWhenStepped(this.#keys, key, step);
    if (before !== null) moved = key;
    this.#move(key, before);
  }

  /** @param {string} key @param {string | null} before */
  #move(key, before) {
    if (before !== null) ask(this, "hands.move", { key, before }).catch(sayRefusal);
  }
}

customElements.define("hand-order", HandOrder);
