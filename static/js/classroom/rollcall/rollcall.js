// <roll-call>: asks a learner whether she is there. <roll-desk>: counts the answers while the roll-call runs.

import { serverClock } from "../../lib/server-clock.js";
import { say } from "../../lib/toast.js";
import { partsOf, show } from "../engine/parts.js";

/** @param {HTMLElement} element @returns {HTMLElement} */
const roomOf = (element) => /** @type {HTMLElement} */ (element.closest("[data-socket]"));

class RollCall extends HTMLElement {
  #leave = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #deadline;
  #title = "";

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    roomOf(this).addEventListener("lesson:event", (event) => {
      const { kind, data } = /** @type {CustomEvent} */ (event).detail;
      if (kind === "rollcall.closed" && data.words) say(data.words);
    }, { signal });
    if (this.hidden) return;
    this.addEventListener("lesson:done", () => this.#thank(), { signal });
    this.#deadline = setTimeout(() => this.#over(), Math.max(0, Number(this.dataset.until) - serverClock.now()));
    if (this.hasAttribute("data-confirmed")) return;
    this.#title = document.title;
    document.title = `● ${this.dataset.asks} · ${this.#title}`;
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(200);
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearTimeout(this.#deadline);
    this.#restoreTitle();
  }

  #thank() {
    this.toggleAttribute("data-confirmed", true);
    this.dataset.asks = this.dataset.thanks ?? "";
    this.toggleAttribute("data-settled", true);
    this.#restoreTitle();
  }

  #over() {
    this.toggleAttribute("data-over", true);
    this.toggleAttribute("data-settled", true);
    this.#restoreTitle();
  }

  #restoreTitle() {
    if (this.#title) document.title = this.#title;
    this.#title = "";
  }
}

class RollDesk extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const room = roomOf(this);
    room.addEventListener("lesson:told", (event) => this.#count(/** @type {CustomEvent} */ (event).detail), { signal });
    room.addEventListener("lesson:event", (event) => {
      const { kind } = /** @type {CustomEvent} */ (event).detail;
      if (kind === "rollcall.closed") this.dispatchEvent(new CustomEvent("tab:news", { bubbles: true }));
    }, { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /** @param {import("../../lib/socket.js").Told} told */
  #count({ kind, data }) {
    if (kind !== "rollcall.count" || String(data.roll) !== this.dataset.roll) return;
    for (const name of ["present", "called", "late"]) {
      const place = this.#part(name);
      if (place) place.textContent = String(data[name]);
    }
    show(this.#part("late-line"), data.late > 0);
    const bar = /** @type {HTMLProgressElement | null} */ (this.#part("bar"));
    if (bar) { bar.max = Math.max(1, data.called); bar.value = data.present; }
  }
}

customElements.define("roll-call", RollCall);
customElements.define("roll-desk", RollDesk);
