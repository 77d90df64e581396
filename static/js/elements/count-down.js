// Times by the server's clock. <count-down until="ms" data-days="{n} d" data-over="…">: time left, then words; with
// data-words="{n} s left" whole seconds; data-lead="Begins in {time}" says what the time is left for. <lesson-clock since="ms">: time gone.

import { clockText } from "../lib/clock-text.js";
import { serverClock } from "../lib/server-clock.js";

class Ticking extends HTMLElement {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  connectedCallback() {
    this.#timer = setInterval(() => this.#show(), 500);
    this.#show();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
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
    const left = Math.max(0, Number(this.getAttribute("until")) - serverClock.now()) / 1000;
    if (left === 0 && this.dataset.over) return this.dataset.over;
    if (this.dataset.words) return this.dataset.words.replace("{n}", String(Math.ceil(left)));
    const days = Math.floor(left / 86_400);
    const clock = clockText(left % 86_400);
    const time = days ? `${(this.dataset.days ?? "{n} d").replace("{n}", String(days))} ${clock}` : clock;
    return (this.dataset.lead ?? "{time}").replace("{time}", time);
  }
}

class LessonClock extends Ticking {
  get text() {
    return clockText((serverClock.now() - Number(this.getAttribute("since"))) / 1000);
  }
}

customElements.define("count-down", CountDown);
customElements.define("lesson-clock", LessonClock);
