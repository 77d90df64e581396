// Thumbnails of one document's pages. The page that is large is marked and kept in sight.

/** @typedef {import("../../lib/leafing.js").Book} Book */
/** @typedef {import("../../lib/leafing.js").Place} Place */

export class Strip {
  /** @type {HTMLElement} */
  #list;
  #document = "";
  /** @type {Map<number, {key: string, button: HTMLButtonElement}>} */
  #pages = new Map();

  /**
   * @param {HTMLElement} list
   * @param {(page: number) => void} open
   * @param {AbortSignal} signal
   */
  constructor(list, open, signal) {
    this.#list = list;
    list.addEventListener("click", ({ target }) => {
      const button = /** @type {HTMLElement} */ (target).closest("button");
      if (button) open(Number(button.value));
    }, { signal });
  }

  /** @param {Book | null} book @param {number} page that is large */
  show(book, page) {
    if (book?.document !== this.#document) {
      this.#document = book?.document ?? "";
      this.#list.replaceChildren();
      this.#pages.clear();
    }
    for (const leaf of book?.pages ?? []) {
      const key = `${leaf.thumb} ${leaf.steps} ${leaf.shown}`;
      const known = this.#pages.get(leaf.page);
      if (known?.key === key) continue;
      const button = this.#thumb(leaf);
      if (known) known.button.replaceWith(button);
      else {
        const item = document.createElement("li");
        item.append(button);
        this.#list.append(item);
      }
      this.#pages.set(leaf.page, { key, button });
    }
    for (const [number, { button }] of this.#pages) {
      const isHere = number === page;
      if (isHere && button.ariaCurrent !== "page") this.#bringNear(button);
      button.ariaCurrent = isHere ? "page" : null;
      button.tabIndex = isHere ? 0 : -1;
    }
    if (this.#list.contains(document.activeElement)) this.#pages.get(page)?.button.focus({ preventScroll: true });
  }

  /** @param {import("../../lib/leafing.js").Leaf} leaf */
  #thumb({ page, thumb, steps, shown, width, height }) {
    const button = document.createElement("button");
    button.type = "button";
    button.value = String(page);
    button.className = "slide-strip__page";
    button.ariaLabel = (this.#list.dataset.page ?? "").replace("{n}", String(page));
    button.toggleAttribute("data-shown", shown);
    const picture = thumb ? document.createElement("img") : document.createElement("span");
    if (picture instanceof HTMLImageElement) {
      picture.loading = "lazy";
      picture.decoding = "async";
      picture.alt = "";
      picture.src = thumb;
    }
    picture.className = "slide-strip__picture";
    picture.style.aspectRatio = `${width} / ${height}`;
    const number = document.createElement("span");
    number.className = "slide-strip__number figures";
    number.textContent = steps > 1 ? `${page} ·${steps}` : String(page);
    button.append(picture, number);
    return button;
  }

  /** @param {HTMLElement} button */
  #bringNear(button) {
    const list = this.#list;
    requestAnimationFrame(() => {
      const [at, wide] = [button.offsetLeft - list.offsetLeft, button.offsetWidth];
      if (at < list.scrollLeft + wide || at + 2 * wide > list.scrollLeft + list.clientWidth) list.scrollLeft = at - (list.clientWidth - wide) / 2;
    });
  }
}
