// <count-down until="ms" now="ms" data-days="{n} d" data-over="…">: time left, then words; with data-words="{n} s left" whole
// seconds. <lesson-clock since="ms" now="ms">: time gone. `now` is the server's clock at the moment of rendering; moved to
// another place of the page, an element still knows.

import { clockText } from "../lib/clock-text.js";

class Ticking extends HTMLElement {
  /** @type {number | undefined} ms by which the server's clock is ahead */
  offset;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  connectedCallback() {
    this.offset ??= Number(this.getAttribute("now")) - Date.now();
    this.#timer = setInterval(() => this.#show(), 500);
    this.#show();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  get now() {
    return Date.now() + (this.offset ?? 0);
  }

  get text() {
    return "";
  }

  #show() {
    const { text } = this;
    if (this.textContent !== text) this.textContent = text;
  }
}

class CountDown extends Ticking {
  get text() {
    const left = Math.max(0, Number(this.getAttribute("until")) - this.now) / 1000;
    if (left === 0 && this.dataset.over) return this.dataset.over;
    if (this.dataset.words) return this.dataset.words.replace("{n}", String(Math.ceil(left)));
    const days = Math.floor(left / 86_400);
    const clock = clockText(left % 86_400);
    return days ? `${(this.dataset.days ?? "{n} d").replace("{n}", String(days))} ${clock}` : clock;
  }
}

class LessonClock extends Ticking {
  get text() {
    return clockText((this.now - Number(this.getAttribute("since"))) / 1000);
  }
}

customElements.define("count-down", CountDown);
customElements.define("lesson-clock", LessonClock);
