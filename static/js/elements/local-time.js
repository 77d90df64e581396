// <local-time ms="…" [time]>server's text</local-time>: the same moment in the viewer's zone; `time` without the day.

import { serverClock } from "../lib/server-clock.js";

class LocalTime extends HTMLElement {
  connectedCallback() {
    const moment = new Date(Number(this.getAttribute("ms")));
    if (Number.isNaN(moment.getTime())) return;
    const text = new Intl.DateTimeFormat(document.documentElement.lang, {
      hour: "2-digit", minute: "2-digit", hourCycle: "h23",
      ...(this.hasAttribute("time") ? {} : { month: "short", day: "numeric", weekday: "short" }),
      ...(this.hasAttribute("time") || moment.getFullYear() === new Date(serverClock.now()).getFullYear() ? {} : { year: "numeric" }),
    });
    this.title = this.textContent ?? "";
    this.textContent = text.format(moment);
  }
}

customElements.define("local-time", LocalTime);
