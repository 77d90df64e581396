// <asking-sheet>: a request that waits for an answer opens over the side, and folds into a line with the time left. The sheet
// looks at the elements with `data-asks` within it and knows no feature. Markup: classroom/studio/_sheet.html.

import { partsOf, show } from "../engine/parts.js";

class AskingSheet extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);
  /** @type {MutationObserver | undefined} */
  #observer;
  /** Keys of everything that has come up: what comes anew opens the sheet. @type {Set<string>} */
  #seen = new Set();
  #open = false;
  #pending = 0; // number of requests that wait for an answer

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("[data-part=chip], [data-sheet-fold]");
      if (button) this.#set(button.matches("[data-part=chip]"));
    }, { signal });
    this.#observer = new MutationObserver(() => this.#look());
    this.#observer.observe(this, { subtree: true, childList: true, attributes: true, attributeFilter: ["hidden", "data-settled"] });
    this.#look();
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#observer?.disconnect();
  }

  get #asking() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[data-asks]:not([hidden])")]);
  }

  #look() {
    const asking = this.#asking;
    const pending = asking.filter((one) => !one.hasAttribute("data-settled"));
    const fresh = pending.filter((one) => !this.#seen.has(one.dataset.asksKey ?? ""));
    for (const one of fresh) this.#seen.add(one.dataset.asksKey ?? "");
    this.toggleAttribute("data-none", !asking.length);
    this.#name(pending[0] ?? asking[0]);
    const isDone = this.#pending > 0 && !pending.length;
    this.#pending = pending.length;
    this.#set(fresh.length > 0 || (this.#open && !isDone));
  }

  /** @param {HTMLElement | undefined} one about which the line speaks */
  #name(one) {
    const [name, words, left] = ["chip-name", "chip-words", "chip-left"].map((part) => this.#part(part));
    if (!one || !name || !words || !left) return;
    const texts = { name: one.dataset.asks ?? "", words: one.querySelector("[data-asks-words]")?.textContent ?? "" };
    if (name.textContent !== texts.name) name.textContent = texts.name;
    if (words.textContent !== texts.words) words.textContent = texts.words;
    this.#part("chip")?.toggleAttribute("data-done", one.hasAttribute("data-settled"));
    const until = one.querySelector("count-down")?.getAttribute("until") ?? null;
    show(left, until !== null);
    if (until !== null) left.setAttribute("until", until);
  }

  /** @param {boolean} open */
  #set(open) {
    this.#open = open;
    this.toggleAttribute("data-open", open);
    const chip = this.#part("chip");
    if (chip) chip.ariaExpanded = String(open);
    if (chip && chip.hidden !== open) chip.hidden = open;
  }
}

customElements.define("asking-sheet", AskingSheet);
