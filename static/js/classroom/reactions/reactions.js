// <react-bar>: says that a reaction has arrived. <react-meter>: how many of each came within the last minute, for the desk.

import { serverClock } from "../../lib/server-clock.js";

const SAID_MS = 2000;
const WINDOW_MS = 60_000;
const LOOK_MS = 2000;
const TROUBLES = new Set(["fast", "unheard"]);

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

class ReactMeter extends HTMLElement {
  /** @type {{at: number, counts: Record<string, number>}[]} */
  #came = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #leave = new AbortController();

  connectedCallback() {
    this.#leave = new AbortController();
    this.closest("[data-socket]")?.addEventListener("lesson:event", (event) => {
      const { kind, at, data } = /** @type {CustomEvent} */ (event).detail;
      if (kind !== "reactions.counted") return;
      this.#came.push({ at, counts: data.counts });
      this.#draw();
    }, { signal: this.#leave.signal });
    this.#timer = setInterval(() => this.#draw(), LOOK_MS);
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearInterval(this.#timer);
  }

  #draw() {
    const since = serverClock.now() - WINDOW_MS;
    this.#came = this.#came.filter(({ at }) => at > since);
    /** @type {Record<string, number>} */
    const sums = {};
    for (const { counts } of this.#came) for (const [reaction, count] of Object.entries(counts)) sums[reaction] = (sums[reaction] ?? 0) + count;
    const words = Object.entries(sums).map(([reaction, count]) => `${this.dataset[reaction] ?? ""} ${count}`).join("　");
    if (this.textContent !== words) this.textContent = words;
    this.toggleAttribute("data-trouble", Object.keys(sums).some((reaction) => TROUBLES.has(reaction)));
  }
}

customElements.define("react-bar", ReactBar);
customElements.define("react-meter", ReactMeter);
