// <known-lessons data-own>: fills its list with the lessons that this browser knows, and opens the page anew once the service
// can be reached again. A browser says “online” once, as soon as it has any network, which is often too early. `data-own` is
// the address at which the page stands by itself, and where there is nothing else to open.

import { backoff, pause } from "../lib/backoff.js";
import { knownLessons } from "../lib/known-lessons.js";

class KnownLessons extends HTMLElement {
  #leave = new AbortController();

  connectedCallback() {
    this.#leave = new AbortController();
    if (location.pathname !== this.dataset.own) this.#comeBack(this.#leave.signal);
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

  /** @param {AbortSignal} signal */
  async #comeBack(signal) {
    for (let failures = 1; !signal.aborted; failures += 1) {
      await Promise.race([
        pause(backoff(failures, { first: 1000, most: 30_000 }), signal),
        new Promise((online) => { addEventListener("online", online, { once: true, signal }); }),
      ]);
      const reply = await fetch(location.href, { method: "HEAD", cache: "no-store", signal }).catch(() => null);
      if (reply) {
        location.reload();
        return;
      }
    }
  }

  disconnectedCallback() {
    this.#leave.abort();
  }
}

customElements.define("known-lessons", KnownLessons);
