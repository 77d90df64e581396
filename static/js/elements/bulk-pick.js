// <bulk-pick>: a list with boxes to tick, and a bar with the number of ticked people. One box ticks the whole page. A
// person stays ticked when the list shows others: then a box in the bar (data-kept) stands for her.

class BulkPick extends HTMLElement {
  /** @type {Map<string, string>} names of ticked people for the bar, by id */
  #ticked = new Map();

  connectedCallback() {
    for (const box of this.#boxes()) this.#note(box);
    this.addEventListener("change", (event) => this.#changed(/** @type {Element} */ (event.target)));
    document.addEventListener("htmx:afterSettle", this.#restore);
    this.#count();
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:afterSettle", this.#restore);
  }

  /**
   * @param {string} [where] place of the boxes: list and bar, or one of them
   * @returns {HTMLInputElement[]}
   */
  #boxes(where = ":is(tbody, [data-kept])") {
    return [...this.querySelectorAll(`${where} input.pick`)].map((box) => /** @type {HTMLInputElement} */ (box));
  }

  /** @param {Element} target */
  #changed(target) {
    if (!(target instanceof HTMLInputElement)) return;
    const all = "all" in target.dataset;
    for (const box of all ? this.#boxes("tbody") : [target]) {
      if (all) box.checked = target.checked;
      if (box.matches(".pick")) this.#note(box);
    }
    this.#count();
  }

  /** @param {HTMLInputElement} box */
  #note(box) {
    if (box.checked) this.#ticked.set(box.value, box.dataset.name ?? "");
    else this.#ticked.delete(box.value);
  }

  /** Move ticked people between list and bar, because the list shows others now. */
  #restore = () => {
    const listed = this.#boxes("tbody");
    for (const box of listed) box.checked = this.#ticked.has(box.value);
    const shown = new Set(listed.map((box) => box.value));
    for (const box of this.#boxes("[data-kept]")) {
      if (shown.has(box.value) || !this.#ticked.has(box.value)) box.closest("li")?.remove();
      else shown.add(box.value);
    }
    for (const [id, name] of this.#ticked) {
      if (!shown.has(id)) this.#keep(id, name);
    }
    this.#count();
  };

  /**
   * @param {string} id
   * @param {string} name
   */
  #keep(id, name) {
    const template = /** @type {HTMLTemplateElement | null} */ (this.querySelector("template[data-chip]"));
    const chip = /** @type {DocumentFragment | undefined} */ (template?.content.cloneNode(true));
    const box = chip?.querySelector("input");
    const words = chip?.querySelector("span");
    if (!chip || !box || !words) return;
    box.value = id;
    box.dataset.name = words.textContent = name;
    this.querySelector("[data-kept] ul")?.append(chip);
  }

  #count() {
    const boxes = this.#boxes("tbody");
    const here = boxes.filter((box) => box.checked).length;
    const all = /** @type {HTMLInputElement | null} */ (this.querySelector("[data-all]"));
    if (all) {
      all.hidden = boxes.length === 0;
      all.checked = here > 0 && here === boxes.length;
      all.indeterminate = here > 0 && here < boxes.length;
    }
    const kept = /** @type {HTMLElement | null} */ (this.querySelector("[data-kept]"));
    if (kept) kept.hidden = !kept.querySelector("li");
    const count = /** @type {HTMLElement | null} */ (this.querySelector("[data-count]"));
    if (!count) return;
    count.dataset.none ??= count.textContent ?? "";
    const { size } = this.#ticked;
    count.textContent = size ? (count.dataset.count ?? "").replace("{n}", String(size)) : count.dataset.none;
  }
}

customElements.define("bulk-pick", BulkPick);
