// <count-up since="…">: how long ago a moment was (epoch ms of the server), in minutes and seconds.

import { clockText } from "../lib/clock-text.js";

class CountUp extends HTMLElement {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  connectedCallback() {
    this.#show();
    this.#timer = setInterval(() => this.#show(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  #show() {
    const seconds = Math.max(0, (Date.now() - Number(this.getAttribute("since"))) / 1000);
    this.textContent = clockText(seconds);
  }
}

customElements.define("count-up", CountUp);
