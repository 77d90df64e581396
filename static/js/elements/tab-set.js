// <tab-set>: tabs and their panels (ARIA Authoring Practices, tabs). Arrow keys lead from one to the next. The tab of a
// hidden panel can carry a mark for news. A set with a name comes back with the tab that was chosen last.

import { remember, remembered } from "../lib/memory.js";

class TabSet extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const tab = /** @type {Element} */ (event.target).closest('[role="tab"]');
      if (tab) this.#pick(/** @type {HTMLElement} */ (tab));
    });
    this.addEventListener("keydown", (event) => this.#walk(event));
    this.addEventListener("tab:news", (event) => this.#mark(/** @type {HTMLElement} */ (event.target)));
    const kept = this.#keptAs && remembered(this.#keptAs);
    const chosen = this.#tabs.find((tab) => tab.id === kept) ?? this.#tabs.find((tab) => tab.ariaSelected === "true") ?? this.#tabs[0];
    if (chosen) this.#choose(chosen);
  }

  get #tabs() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll('[role="tab"]')]);
  }

  get #keptAs() {
    const name = this.getAttribute("name");
    return name && `tab:${name}`;
  }

  /** @param {HTMLElement} tab chosen by the person, to be remembered */
  #pick(tab) {
    this.#choose(tab);
    if (this.#keptAs) remember(this.#keptAs, tab.id);
  }

  /** @param {HTMLElement} chosen */
  #choose(chosen) {
    for (const tab of this.#tabs) {
      const isChosen = tab === chosen;
      tab.ariaSelected = String(isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls") ?? "")?.toggleAttribute("hidden", !isChosen);
    }
    chosen.querySelector(".tabs__mark")?.setAttribute("hidden", "");
    const panel = document.getElementById(chosen.getAttribute("aria-controls") ?? "");
    panel?.dispatchEvent(new CustomEvent("tab:shown"));
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const tabs = this.#tabs;
    const at = tabs.indexOf(/** @type {HTMLElement} */ (event.target));
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (at < 0 || !step) return;
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    this.#pick(next);
    next.focus();
  }

  /** @param {HTMLElement} within */
  #mark(within) {
    const panel = within.closest('[role="tabpanel"]');
    if (!panel?.hasAttribute("hidden")) return;
    const tab = this.#tabs.find((one) => one.getAttribute("aria-controls") === panel.id);
    tab?.querySelector(".tabs__mark")?.removeAttribute("hidden");
  }
}

customElements.define("tab-set", TabSet);
