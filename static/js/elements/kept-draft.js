// <kept-draft name="…">: keeps the unsent text of its form, which comes back with the page until the form is emptied,
// or until a page has <kept-draft name="…" forget>, because the text was sent.

import { remember, rememberedFields } from "../lib/memory.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

class KeptDraft extends HTMLElement {
  #leave = new AbortController();

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    if (this.hasAttribute("forget")) remember(this.#keptAs, {});
    const kept = rememberedFields(this.#keptAs);
    this.#fields.forEach((field, at) => {
      const value = kept[at];
      if (value === undefined) return;
      if (field.type === "checkbox") /** @type {HTMLInputElement} */ (field).checked = Boolean(value);
      else field.value = String(value);
    });
    this.addEventListener("input", () => this.#keep(), { signal });
    this.addEventListener("reset", () => remember(this.#keptAs, {}), { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  #keep() {
    const values = this.#fields.map((field) => (field.type === "checkbox" ? /** @type {HTMLInputElement} */ (field).checked : field.value));
    remember(this.#keptAs, { ...values });
  }

  /** @returns {Field[]} */
  get #fields() {
    return /** @type {Field[]} */ ([...this.querySelectorAll("input, select, textarea")]);
  }

  get #keptAs() {
    return `draft:${this.getAttribute("name")}`;
  }
}

customElements.define("kept-draft", KeptDraft);
