// <cut-desk>: a stretch is chosen on a strip beside the player. Without scripts the same form takes typed times.

import "../classroom/player/player.js";
import { partsOf, show } from "../classroom/engine/parts.js";
import { exactClockText } from "../lib/clock-text.js";

const DRAG_PX = 4; // a shorter way is a press

/** @typedef {import("../classroom/player/player.js").LessonPlayer} LessonPlayer */

class CutDesk extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.player = /** @type {LessonPlayer | null} */ (this.querySelector("lesson-player"));
    this.length = Number(this.dataset.length) / 1000;
    this.from = /** @type {HTMLInputElement} */ (this.#part("from"));
    this.to = /** @type {HTMLInputElement} */ (this.#part("to"));
    for (const name of ["hint", "from-here", "to-here", "trims"]) show(this.#part(name), true);
    for (const cut of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll(".cut-strip__cut[data-from]"))) {
      this.#lay(cut, Number(cut.dataset.from) / 1000, Number(cut.dataset.length) / 1000);
    }
    const press = (/** @type {string} */ name, /** @type {() => void} */ act) => {
      this.#part(name)?.addEventListener("click", act, { signal });
    };
    press("from-here", () => this.#choose(this.#now, null));
    press("to-here", () => this.#choose(null, this.#now));
    press("before", () => this.#choose(0, this.#now));
    press("after", () => this.#choose(this.#now, this.length ?? 0));
    this.addEventListener("click", (event) => {
      const line = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-go]"));
      if (line) this.player?.goToPosition(Number(line.dataset.go) / 1000);
    }, { signal });
    this.#part("strip")?.addEventListener("pointerdown", (event) => this.#drag(event), { signal });
    this.querySelector("video")?.addEventListener("timeupdate", () => this.#follow(), { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  get #now() {
    return this.player?.video?.currentTime ?? 0;
  }

  /** @param {PointerEvent} down */
  #drag(down) {
    const strip = /** @type {HTMLElement} */ (down.currentTarget);
    const place = (/** @type {PointerEvent} */ event) => {
      const { left, width } = strip.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - left) / width)) * (this.length ?? 0);
    };
    const begun = place(down);
    const end = new AbortController();
    strip.setPointerCapture(down.pointerId);
    strip.addEventListener("pointermove", (event) => {
      if (Math.abs(event.clientX - down.clientX) < DRAG_PX) return;
      const [from, to] = [begun, place(event)].sort((a, b) => a - b);
      this.#choose(from, to);
    }, { signal: end.signal });
    for (const name of ["pointerup", "pointercancel"]) {
      strip.addEventListener(name, (event) => {
        end.abort();
        if (Math.abs(/** @type {PointerEvent} */ (event).clientX - down.clientX) < DRAG_PX) this.player?.goToPosition(begun);
      }, { signal: end.signal });
    }
  }

  /** @param {number | null} from s; null leaves it @param {number | null} to */
  #choose(from, to) {
    if (from !== null && this.from) this.from.value = exactClockText(from);
    if (to !== null && this.to) this.to.value = exactClockText(to);
    const [start, end] = [this.from, this.to].map((field) => secondsOf(field?.value ?? ""));
    const fresh = this.#part("new");
    show(fresh, end > start);
    if (fresh && end > start) this.#lay(fresh, start, end - start);
  }

  /** @param {HTMLElement} element @param {number} from s @param {number} length s */
  #lay(element, from, length) {
    const share = (/** @type {number} */ seconds) => `${(100 * seconds) / (this.length || 1)}%`;
    element.style.setProperty("--from", share(from));
    element.style.setProperty("--length", share(length));
  }

  #follow() {
    const now = this.#part("now");
    show(now, true);
    if (now) this.#lay(now, this.#now, 0);
  }
}

/** @param {string} text h:mm:ss */
function secondsOf(text) {
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

customElements.define("cut-desk", CutDesk);
