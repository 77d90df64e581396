// Which tool is chosen, in which colour and width; remembered on this device.

import { remember, rememberedFields } from "../../lib/memory.js";

/** @typedef {import("./pad.js").Chosen} Chosen */

const SHAPES = ["line", "arrow", "rectangle", "ellipse"];
const REMEMBERED = "slides.ink";

export class ToolBar {
  /** @type {Chosen | null} */
  tool = null;
  colour = "red";
  width = 4;

  /**
   * @param {HTMLElement} bar
   * @param {(deed: string) => void} onDeed undo, redo, clear
   * @param {() => void} onChange
   * @param {AbortSignal} signal
   */
  constructor(bar, onDeed, onChange, signal) {
    this.bar = bar;
    this.onChange = onChange;
    const last = rememberedFields(REMEMBERED);
    if (bar.querySelector(`[data-colour="${CSS.escape(last.colour)}"]`)) this.colour = last.colour;
    if (bar.querySelector(`[data-width="${Number(last.width)}"]`)) this.width = Number(last.width);
    bar.addEventListener("click", ({ target }) => {
      const button = /** @type {HTMLElement} */ (target).closest("button");
      if (!button) return;
      const { tool, colour, width, deed } = button.dataset;
      if (tool) this.choose(this.tool === tool ? null : /** @type {Chosen} */ (tool));
      if (colour) this.colour = colour;
      if (width) this.width = Number(width);
      if (deed) onDeed(deed);
      if (colour || width) this.#remember();
      if (tool || colour) button.closest("details")?.removeAttribute("open");
      this.dress();
    }, { signal });
    this.dress();
  }

  /** @param {Chosen | null} tool */
  choose(tool) {
    if (tool === this.tool) return;
    this.tool = tool;
    this.dress();
    this.onChange();
  }

  /** @returns {{colour: string, width: number}} */
  get ink() {
    return { colour: this.colour, width: this.width };
  }

  dress() {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.bar.querySelectorAll("button"))) {
      const { tool, colour, width } = button.dataset;
      if (tool) button.ariaPressed = String(tool === this.tool);
      if (colour) button.ariaPressed = String(colour === this.colour);
      if (width) button.ariaPressed = String(Number(width) === this.width);
    }
    this.bar.querySelector('[data-part="shapes"]')?.toggleAttribute("data-chosen", SHAPES.includes(this.tool ?? ""));
    const ink = /** @type {HTMLElement | null} */ (this.bar.querySelector('[data-part="ink"]'));
    if (ink) ink.dataset.colour = this.colour;
  }

  #remember() {
    remember(REMEMBERED, this.ink);
  }
}
