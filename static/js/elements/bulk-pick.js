// <bulk-pick>: a list with boxes to tick, and a bar for what is ticked. One box ticks the whole page; the bar says how many.

class BulkPick extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => this.#changed(/** @type {Element} */ (event.target)));
    this.addEventListener("htmx:afterSwap", () => this.#show());
    document.addEventListener("htmx:afterSettle", this.#show);
    this.#show();
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:afterSettle", this.#show);
  }

  get #boxes() {
    return /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll("tbody input.pick"));
  }

  /** @param {Element} target */
  #changed(target) {
    if (target instanceof HTMLInputElement && "all" in target.dataset) {
      for (const box of this.#boxes) box.checked = target.checked;
    }
    this.#show();
  }

  #show = () => {
    const boxes = [...this.#boxes];
    const ticked = boxes.filter((box) => box.checked).length;
    const all = /** @type {HTMLInputElement | null} */ (this.querySelector("[data-all]"));
    if (all) {
      all.hidden = boxes.length === 0;
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    const count = /** @type {HTMLElement | null} */ (this.querySelector("[data-count]"));
    if (!count) return;
    count.dataset.none ??= count.textContent ?? "";
    count.textContent = ticked ? (count.dataset.count ?? "").replace("{n}", String(ticked)) : count.dataset.none;
  };
}

customElements.define("bulk-pick", BulkPick);
