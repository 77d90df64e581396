// Layouts of slides and video on the stage. The presenter proposes one, and the viewer may choose another.

import { remember, remembered } from "../../lib/memory.js";
import { show } from "../engine/parts.js";

const KEY = "stage-layout";
const CORNER_KEY = "stage-corner";
const SWIPE_PX = 48;
const DRAG_PX = 6;

export class Layouts {
  #visible;
  #audioOnly = false;
  /** @type {string | null} */
  #proposed;
  #chosen = remembered(KEY) ?? "";
  #swapped = false;
  #pulled = false; // just now

  /**
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} part
   * @param {DOMStringMap} marks by which styles lay out the stage; as the server wrote them
   * @param {AbortSignal} signal
   */
  constructor(part, marks, signal) {
    this.marks = marks;
    this.stage = /** @type {HTMLElement} */ (part("stage"));
    this.slides = part("slides-pane");
    this.video = part("video-pane");
    this.menu = part("layouts");
    /** Names of the arrangements that the menu offers, the usual one first. @type {string[]} */
    this.layouts = [...this.menu?.querySelectorAll("input") ?? []].map((input) => input.value).filter(Boolean);
    this.leaf = part("leaf");
    this.#proposed = marks.layout ?? null; // nothing moves when the track comes
    this.#visible = this.#proposed !== null;
    marks.corner = remembered(CORNER_KEY) ?? "ne";
    this.menu?.addEventListener("change", (event) => this.choose(/** @type {HTMLInputElement} */ (event.target).value), { signal });
    this.stage.addEventListener("dblclick", (event) => this.#doubled(event), { signal });
    // The click that ends a pull does not stop the picture.
    this.stage.addEventListener("click", (event) => { if (this.#pulled) event.stopImmediatePropagation(); }, { capture: true, signal });
    this.stage.addEventListener("pointerdown", (event) => this.#press(event), { signal });
    this.#apply();
  }

  /**
   * @param {boolean} visible whether there are slides
   * @param {string | null} proposed by the presenter
   */
  set(visible, proposed) {
    if (proposed !== this.#proposed) this.#swapped = false;
    this.#proposed = proposed;
    this.#visible = visible;
    this.#apply();
  }

  /** The picture is switched off, or is back. @param {boolean} audioOnly */
  setAudioOnly(audioOnly) {
    if (audioOnly === this.#audioOnly) return;
    this.#audioOnly = audioOnly;
    this.#apply();
  }

  /** @param {string} layout empty: as the presenter proposes */
  choose(layout) {
    this.#chosen = layout;
    this.#swapped = false;
    remember(KEY, layout);
    this.#apply();
  }

  swap() {
    this.#swapped = !this.#swapped;
    this.#apply();
  }

  /** Keys that choose. @returns {Record<string, () => void>} */
  get keys() {
    if (!this.#visible) return {};
    const numbers = ["", ...this.layouts].map((layout, index) => [String(index), () => this.choose(layout)]);
    return { ...Object.fromEntries(numbers), s: () => this.swap() };
  }

  #apply() {
    const { marks, slides, video } = this;
    const known = [this.#chosen, this.#proposed].find((layout) => layout && this.layouts.includes(layout)) ?? this.layouts[0];
    const layout = this.#audioOnly ? "voice" : known;
    const big = (known === "video") !== this.#swapped && layout !== "voice" ? "video" : "slides";
    show(this.leaf, this.#visible);
    for (const input of this.menu?.querySelectorAll("input") ?? []) input.checked = input.value === this.#chosen;
    if (!this.#visible) {
      delete marks.layout;
      delete marks.big;
      return;
    }
    marks.layout = layout;
    marks.big = big;
    slides?.toggleAttribute("data-small", big !== "slides");
    video?.toggleAttribute("data-small", big !== "video");
  }

  /** @param {MouseEvent} event */
  #doubled({ target }) {
    if (this.#visible && /** @type {Element} */ (target).closest(".pane")) this.swap();
  }

  /** A finger swipes, or taps what is small; the picture in the corner is pulled into another. @param {PointerEvent} begin */
  #press(begin) {
    const pane = /** @type {HTMLElement | null} */ (/** @type {Element} */ (begin.target).closest(".pane"));
    if (!this.#visible || !pane || !begin.isPrimary) return;
    const small = pane.hasAttribute("data-small");
    const pulls = small && this.marks.layout === "pip";
    const touch = begin.pointerType !== "mouse";
    if (!pulls && !touch) return;
    const gesture = new AbortController();
    const { signal } = gesture;
    let pulled = false;
    const far = (/** @type {PointerEvent} */ event) => ({ x: event.clientX - begin.clientX, y: event.clientY - begin.clientY });
    window.addEventListener("pointermove", (event) => {
      const { x, y } = far(event);
      if (!pulls || (!pulled && Math.hypot(x, y) < DRAG_PX)) return;
      pulled = true;
      pane.style.setProperty("translate", `${x}px ${y}px`);
    }, { signal });
    window.addEventListener("pointerup", (event) => {
      gesture.abort();
      pane.style.removeProperty("translate");
      const { x, y } = far(event);
      if (pulled) this.#drop(event);
      else if (touch && small && Math.hypot(x, y) < DRAG_PX) this.swap();
      else if (touch && Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) this.swap();
    }, { signal });
    window.addEventListener("pointercancel", () => { gesture.abort(); pane.style.removeProperty("translate"); }, { signal });
  }

  /** @param {PointerEvent} event */
  #drop({ clientX, clientY }) {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    const corner = (clientY < top + height / 2 ? "n" : "s") + (clientX < left + width / 2 ? "w" : "e");
    this.marks.corner = corner;
    remember(CORNER_KEY, corner);
    this.#pulled = true;
    setTimeout(() => { this.#pulled = false; });
  }
}
