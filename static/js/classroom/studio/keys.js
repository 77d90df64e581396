// The keys of the whole studio, and the table of them under "?". What the table names is what is heard: classroom/studio/_keys.html.

import { isFree, isPressed, typedIn } from "../../lib/key-names.js";

/** @typedef {import("./area-grid.js").AreaGrid} AreaGrid */

export class StudioKeys {
  /**
   * @param {HTMLElement} room
   * @param {AbortSignal} signal
   */
  constructor(room, signal) {
    this.room = room;
    document.addEventListener("keydown", (event) => this.#hear(event), { signal });
    document.addEventListener("click", ({ target }) => {
      if (/** @type {Element} */ (target).closest("[data-shows-keys]")) this.#open("keys");
    }, { signal });
    for (const fresh of ["htmx:afterSwap", "htmx:oobAfterSwap"]) room.addEventListener(fresh, () => this.#name(), { signal });
    this.#name();
  }

  /** @returns {HTMLElement[]} the lines of the table that are heard here, of those that are shown */
  get #lines() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#keys [data-keys]"))];
  }

  /** @returns {AreaGrid | null} the areas; null when the session is over */
  get #grid() {
    const grid = /** @type {AreaGrid | null} */ (this.room.querySelector("area-grid"));
    return grid?.checkVisibility() ? grid : null;
  }

  /** @param {KeyboardEvent} event */
  #hear(event) {
    if (event.key === "Escape") this.#leaveField(event);
    if (event.repeat || !isFree(event)) return;
    const line = this.#lines.find((one) => isPressed(one.dataset.keys ?? "", event));
    if (line && this.#act(line)) event.preventDefault();
  }

  /** Out of what one types in, into its area: the keys are heard again. @param {KeyboardEvent} event */
  #leaveField(event) {
    const field = typedIn(event.target);
    if (!field || event.defaultPrevented || event.isComposing || field.closest("lesson-player, dialog, details")) return;
    field.blur();
    /** @type {HTMLElement | null} */ (field.closest("[data-area]"))?.focus({ preventScroll: true });
  }

  /** @param {HTMLElement} line @returns {boolean} whether there was something to do */
  #act({ dataset }) {
    const { goes, presses, focuses, opensDialog } = dataset;
    const grid = this.#grid;
    if (opensDialog) return this.#open(opensDialog);
    if ("folds" in dataset) return grid?.foldAt(document.activeElement) ?? false;
    const button = presses ? this.#find(presses) : null;
    if (presses && !button) return false;
    if (goes === "controls") return this.#goToControls();
    if (goes && !grid?.go(goes)) return false;
    if (focuses) /** @type {HTMLElement | null} */ (this.room.querySelector(focuses))?.focus();
    button?.click();
    return true;
  }

  /** @param {string} selector @returns {HTMLElement | null} the button that can be pressed; one that only lies in a folded area can */
  #find(selector) {
    const buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
    const able = buttons.filter((one) => !one.matches(":disabled") && !one.closest("[data-way-of][hidden]") && (!one.closest("area-grid") || this.#grid));
    return able.find((one) => one.checkVisibility()) ?? able[0] ?? null;
  }

  #goToControls() {
    const controls = /** @type {HTMLElement | null} */ (this.room.querySelector("#controls"));
    const buttons = /** @type {HTMLElement[]} */ ([...(controls?.querySelectorAll("button, a[href]") ?? [])]);
    const first = buttons.find((one) => one.matches(".button--primary") && one.checkVisibility()) ?? buttons.find((one) => one.checkVisibility());
    first?.focus();
    return Boolean(first);
  }

  /** @param {string} id @returns {boolean} */
  #open(id) {
    const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById(id));
    if (!dialog || dialog.open) return false;
    if (id === "keys") this.#judge();
    dialog.showModal();
    return true;
  }

  /** Mark the lines of the table whose keys have no effect at present. */
  #judge() {
    for (const line of this.#lines) {
      const { goes, presses, opensDialog } = line.dataset;
      const idle = presses ? !this.#find(presses) : opensDialog ? !document.getElementById(opensDialog) : (goes || "folds" in line.dataset) && !this.#grid;
      line.toggleAttribute("data-idle", Boolean(idle));
    }
  }

  /** Buttons say which key does the same. */
  #name() {
    for (const { dataset: { keys = "", presses, opensDialog } } of this.#lines) {
      const selector = presses ?? (opensDialog && `[data-opens="${opensDialog}"]`);
      if (!selector) continue;
      for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))) {
        if (button.ariaKeyShortcuts === keys) continue;
        button.ariaKeyShortcuts = keys;
        button.title ||= (button.ariaLabel ?? button.textContent ?? "").trim();
        button.title += ` (${keys})`;
      }
    }
  }
}
