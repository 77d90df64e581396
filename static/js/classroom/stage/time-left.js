// <time-left>: the time that a speaker has left, by the server's clock. `data-until`: epoch ms, 0 for no end.

import { clockText } from "../../lib/clock-text.js";
import { serverClock } from "../../lib/server-clock.js";

const LOOK_MS = 250;

class TimeLeft extends HTMLElement {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;

  connectedCallback() {
    this.#pulse = setInterval(() => this.#draw(), LOOK_MS);
    this.#draw();
  }

  disconnectedCallback() {
    clearInterval(this.#pulse);
  }

  #draw() {
    const until = Number(this.dataset.until);
    this.hidden = !until;
    if (!until) return;
    const seconds = Math.ceil((until - serverClock.now()) / 1000);
    const words = seconds > 0 ? (this.dataset.words ?? "").replace("{t}", clockText(seconds)) : (this.dataset.over ?? "");
    if (this.textContent !== words) this.textContent = words;
    this.toggleAttribute("data-is-over", seconds <= 0);
  }
}

customElements.define("time-left", TimeLeft);
