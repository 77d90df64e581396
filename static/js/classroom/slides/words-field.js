// Words that are typed onto the page: Enter finishes, Escape leaves it, pressing elsewhere finishes too.

import { letterHeight } from "../../lib/strokes.js";

/** @typedef {import("../../lib/lesson-track.js").Spot} Spot */

const LONGEST = 200;

export class WordsField {
  /** @type {HTMLInputElement | null} */
  #field = null;

  /**
   * @param {import("./slide-view.js").SlideView} view
   * @param {string} label
   */
  constructor(view, label) {
    this.view = view;
    this.label = label;
  }

  get isOpen() {
    return this.#field !== null;
  }

  /**
   * @param {Spot} spot
   * @param {{colour: string, width: number}} ink
   * @param {(words: string) => void} done called once, when something was typed
   */
  open(spot, ink, done) {
    this.close();
    const { sheet } = this.view;
    const field = document.createElement("input");
    field.className = "slide-words";
    field.maxLength = LONGEST;
    field.ariaLabel = this.label;
    field.autocomplete = "off";
    field.enterKeyHint = "done";
    field.dataset.colour = ink.colour;
    field.style.left = `${spot.x / 100}%`;
    field.style.top = `${spot.y / 100}%`;
    field.style.width = `${Math.max(16, 100 - spot.x / 100)}%`;
    field.style.fontSize = `${Math.max(12, (letterHeight(/** @type {any} */ (ink)) / 10_000) * sheet.clientWidth)}px`;
    const finish = (/** @type {boolean} */ keeps) => {
      if (this.#field !== field) return;
      this.#field = null;
      field.remove();
      if (keeps && field.value.trim()) done(field.value.trim());
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      // While an input method composes, Enter chooses a word; Safari says so only by the key's code.
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Enter") finish(true);
      else if (event.key === "Escape") finish(false);
    });
    field.addEventListener("blur", () => finish(true));
    field.addEventListener("pointerdown", (event) => event.stopPropagation());
    this.#field = field;
    sheet.append(field);
    field.focus();
  }

  /** Write the words that were typed so far. */
  close() {
    this.#field?.blur();
  }
}
