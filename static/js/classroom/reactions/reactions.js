// <react-bar>: says that a reaction has arrived. <react-meter>: how many of each came within the last minute, for the desk;
// in a replay, within the minute before the picture.

import { serverClock } from "../../lib/server-clock.js";

const SAID_MS = 2000;
const WINDOW_MS = 60_000;
const LOOK_MS = 2000;

class ReactBar extends HTMLElement {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #leave = new AbortController();

  connectedCallback() {
    this.#leave = new AbortController();
    this.addEventListener("lesson:done", () => this.#say(), { signal: this.#leave.signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearTimeout(this.#timer);
  }

  #say() {
    const sent = /** @type {HTMLElement | null} */ (this.querySelector("[data-words]"));
    if (!sent) return;
    sent.textContent = `✓ ${sent.dataset.words}`;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { sent.textContent = ""; }, SAID_MS);
  }
}

export class ReactMeter extends HTMLElement {
  /** By the event, because a replay tells an event again after a jump back. @type {Map<number, {at: number, counts: Record<string, number>}>} */
  #came = new Map();
  /** Moment of the picture in a replay (epoch ms). `null` means now. @type {number | null} */
  #wall = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #leave = new AbortController();

  connectedCallback() {
    this.#leave = new AbortController();
    this.closest("[data-socket]")?.addEventListener("lesson:event", (event) => {
      const { kind, id, at, data } = /** @type {CustomEvent} */ (event).detail;
      if (kind !== "reactions.counted") return;
      this.#came.set(id, { at, counts: data.counts });
      this.#draw();
    }, { signal: this.#leave.signal });
    this.#timer = setInterval(() => this.#draw(), LOOK_MS);
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearInterval(this.#timer);
  }

  /** Show the reactions before a moment of a replay. @param {number} wall epoch ms */
  show(wall) {
    this.#wall = wall;
    this.#draw();
  }

  #draw() {
    const now = this.#wall ?? serverClock.now();
    /** @type {Record<string, number>} */
    const sums = {};
    for (const { at, counts } of this.#came.values()) {
      if (at <= now - WINDOW_MS || (this.#wall !== null && at > now)) continue;
      for (const [reaction, count] of Object.entries(counts)) sums[reaction] = (sums[reaction] ?? 0) + count;
    }
    const words = Object.entries(sums).map(([reaction, count]) => `${this.dataset[reaction] ?? ""} ${count}`).join("　");
    if (this.textContent !== words) this.textContent = words;
    this.toggleAttribute("data-trouble", Object.keys(sums).some((reaction) => this.dataset.troubles?.split(" ").includes(reaction)));
  }
}

customElements.define("react-bar", ReactBar);
customElements.define("react-meter", ReactMeter);
