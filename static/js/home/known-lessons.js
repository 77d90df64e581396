// <known-lessons>: fills its list with the lessons that this browser knows, and opens the page anew once there is a
// network again.

import { knownLessons } from "../lib/known-lessons.js";

class KnownLessons extends HTMLElement {
  #leave = new AbortController();

  connectedCallback() {
    this.#leave = new AbortController();
    addEventListener("online", () => location.reload(), { signal: this.#leave.signal });
    const row = this.querySelector("template");
    const list = this.querySelector("ul");
    const lessons = knownLessons(Date.now());
    this.hidden = lessons.length === 0;
    list?.replaceChildren(...lessons.flatMap(({ subject, teacher, at, url }) => {
      const one = /** @type {HTMLElement | undefined} */ (row?.content.firstElementChild?.cloneNode(true));
      if (!one) return [];
      /** @param {string} part */
      const place = (part) => /** @type {HTMLElement} */ (one.querySelector(`[data-part="${part}"]`));
      place("subject").textContent = subject;
      place("subject").setAttribute("href", url);
      place("teacher").textContent = teacher;
      place("time").textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" }).format(at);
      return [one];
    }));
  }

  disconnectedCallback() {
    this.#leave.abort();
  }
}

customElements.define("known-lessons", KnownLessons);
