// <area-grid name="…" data-folds="…">: areas beside each other, which can be folded away and whose borders can be
// moved. It comes back as it was left. On middling screens the columns are one stack: if that is low, the areas in
// `data-folds` begin folded, and one that is opened takes the room of others. On narrow screens tabs choose the one
// area that is shown.
//
// Children: `[data-area]` anywhere within, each with a head that holds `button[data-fold]`; `button[data-shows]` brings
// an area into sight; `.areas__columns` holds each `.areas__column`, which stacks areas;
// `[role="separator"][data-between="columns"]` stands before the column whose width it sets, under the name of
// `data-sizes`, `[data-between="areas"]` between two areas of one stack; `.areas__tabs button[data-shows]` names an
// area.

import { remember, rememberedFields } from "../../lib/memory.js";

const ROOMY = 1000; // px of height
const STEP = 24; // px that an arrow key moves a border
const LEAST_WIDTHS = { side: 320, talk: 260 }; // px
const LEAST_LEFT = { side: 0.3, talk: 0.4 }; // minimum share on the left of the border
const LEAST_AREA = 96;
const ROOM_TO_READ = 240; // px
const NARROW = matchMedia("(max-width: 1000px)"); // tabs, as in areas.css
const STACKED = matchMedia("(max-width: 1200px)"); // one stack, as in areas.css

/** @typedef {"side" | "talk"} Sized */
/** @typedef {{widths?: Record<string, number>, heights?: Record<string, number>, folded?: string[], shown?: string}} Kept sizes in px */

export class AreaGrid extends HTMLElement {
  /** @type {Kept} */
  #kept = {};
  #leave = new AbortController();

  connectedCallback() {
    this.#kept = rememberedFields(this.#keptAs);
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    for (const query of [NARROW, STACKED]) query.addEventListener("change", () => this.#apply(), { signal });
    for (const border of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll('[role="separator"]'))) this.#guard(border);
    for (const area of this.areas) area.tabIndex = -1;
    this.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      if (button?.hasAttribute("data-fold")) this.#fold(/** @type {HTMLElement} */ (button.closest("[data-area]")));
      if (button?.dataset.shows) this.show(button.dataset.shows);
    });
    this.addEventListener("tab:news", (event) => this.#mark(/** @type {HTMLElement} */ (event.target)));
    this.#apply();
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /** @returns {HTMLElement[]} */
  get areas() {
    return [...this.querySelectorAll("[data-area]")].filter((one) => one.closest("area-grid") === this).map((one) => /** @type {HTMLElement} */ (one));
  }

  /** Unfold an area, and if only one is shown bring it to the front. @param {string} name */
  show(name) {
    const folded = this.#folded;
    const wasFolded = folded.includes(name);
    this.#kept.shown = name;
    if (wasFolded) this.#kept.folded = folded.filter((one) => one !== name);
    this.#keep();
    const area = this.#named(name);
    if (wasFolded && area && !NARROW.matches) this.#makeRoom(area);
  }

  /** Bring an area into sight, and the focus into it. @param {string} name @returns {boolean} whether there is one */
  go(name) {
    const area = this.#named(name);
    if (!area) return false;
    this.show(name);
    area.focus({ preventScroll: true });
    return true;
  }

  /** Fold or open the area of an element. @param {Element | null} element @returns {boolean} whether it can be */
  foldAt(element) {
    const area = /** @type {HTMLElement | null | undefined} */ (element?.closest("[data-area]"));
    if (!area?.querySelector("button[data-fold]")?.checkVisibility()) return false;
    this.#fold(area);
    if (area.hasAttribute("data-folded")) area.focus({ preventScroll: true }); // the focused element is out of sight
    return true;
  }

  /** @param {string} name @returns {HTMLElement | undefined} */
  #named(name) {
    return this.areas.find((one) => one.dataset.area === name);
  }

  /** Mark an area out of sight in which there is news. @param {HTMLElement} within */
  #mark(within) {
    const area = /** @type {HTMLElement | null} */ (within.closest("[data-area]"));
    if (!area || isInSight(area)) return;
    for (const mark of this.#marksOf(area)) mark.hidden = false;
  }

  /** @param {HTMLElement} area */
  #see(area) {
    for (const mark of this.#marksOf(area)) mark.hidden = true;
    if ("seen" in area.dataset) return;
    area.dataset.seen = "";
    area.querySelector("[data-panel]")?.dispatchEvent(new CustomEvent("tab:shown"));
  }

  /** @param {HTMLElement} area @returns {HTMLElement[]} */
  #marksOf(area) {
    const tab = `.areas__tabs button[data-shows="${area.dataset.area}"] .tabs__mark`;
    return [...this.querySelectorAll(tab), ...area.querySelectorAll(":scope > .area__head .area__mark")].map((one) => /** @type {HTMLElement} */ (one));
  }

  /** @param {HTMLElement} area */
  #fold(area) {
    const name = area.dataset.area ?? "";
    const folded = new Set(this.#folded);
    const opens = folded.delete(name);
    if (!opens) folded.add(name);
    this.#kept.folded = [...folded];
    this.#keep();
    if (opens) this.#makeRoom(area);
  }

  /** Fold others beneath the first area, if an opened one in the stack has too little room to read. @param {HTMLElement} area */
  #makeRoom(area) {
    if (!STACKED.matches) return;
    const stack = stackOf(area);
    for (const other of this.#openIn(stack).slice(1).reverse()) {
      if (stack.scrollHeight <= stack.clientHeight && area.clientHeight >= ROOM_TO_READ) return;
      if (other === area) continue;
      this.#kept.folded = [...this.#folded, other.dataset.area ?? ""];
      this.#keep();
    }
  }

  #apply() {
    const { widths = {}, heights = {}, shown } = this.#kept;
    const folded = this.#folded;
    for (const name of Object.keys(LEAST_WIDTHS)) {
      const width = widths[keyOf(/** @type {Sized} */ (name))];
      if (width) this.style.setProperty(`--${name}`, `${width}px`);
      else this.style.removeProperty(`--${name}`);
    }
    const first = this.areas[0]?.dataset.area;
    for (const area of this.areas) {
      const name = area.dataset.area ?? "";
      const isFolded = folded.includes(name);
      area.toggleAttribute("data-folded", isFolded);
      area.toggleAttribute("data-shown", name === (shown ?? first));
      if (isInSight(area)) this.#see(area);
      else delete area.dataset.seen;
      area.querySelector("button[data-fold]")?.setAttribute("aria-expanded", String(!isFolded));
      area.toggleAttribute("data-sized", Boolean(heights[name]));
      if (heights[name]) area.style.setProperty("--share", String(heights[name]));
      else area.style.removeProperty("--share");
    }
    for (const tab of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll(".areas__tabs button"))) {
      tab.ariaPressed = String(tab.dataset.shows === (shown ?? first));
    }
    for (const border of this.querySelectorAll('[role="separator"]')) this.#describe(/** @type {HTMLElement} */ (border));
    this.dispatchEvent(new Event("areas:changed"));
  }

  /** @param {HTMLElement} border */
  #guard(border) {
    border.tabIndex = 0;
    border.addEventListener("pointerdown", (event) => this.#drag(border, event));
    border.addEventListener("dblclick", () => { // back to the first layout
      if (border.dataset.between === "columns") delete this.#kept.widths?.[keyOf(sizedBy(border))];
      else this.#kept.heights = {};
      this.#keep();
    });
    border.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -STEP, ArrowLeft: -STEP, ArrowDown: STEP, ArrowRight: STEP }[event.key];
      if (!by) return;
      event.preventDefault();
      this.#move(border, this.#startOf(border), by);
      this.#keep();
    });
  }

  /**
   * @param {HTMLElement} border
   * @param {PointerEvent} event
   */
  #drag(border, event) {
    if (event.button !== 0) return;
    event.preventDefault();
    border.setPointerCapture(event.pointerId);
    const start = this.#startOf(border);
    const across = border.dataset.between === "columns";
    const done = new AbortController();
    const { signal } = done;
    border.addEventListener("pointermove", (move) => {
      this.#move(border, start, across ? move.clientX - event.clientX : move.clientY - event.clientY);
    }, { signal });
    for (const end of ["pointerup", "pointercancel"]) {
      border.addEventListener(end, () => { done.abort(); this.#keep(); }, { signal });
    }
  }

  /** Return the sizes on both sides of a border, px. @param {HTMLElement} border */
  #startOf(border) {
    if (border.dataset.between === "columns") return { width: border.nextElementSibling?.getBoundingClientRect().width ?? 0, heights: [] };
    const open = this.#openIn(stackOf(border));
    return { width: 0, heights: open.map((area) => ({ area, height: area.getBoundingClientRect().height })) };
  }

  /**
   * @param {HTMLElement} border
   * @param {{width: number, heights: {area: HTMLElement, height: number}[]}} start
   * @param {number} by px, to the right or down
   */
  #move(border, start, by) {
    if (border.dataset.between === "columns") {
      const name = sizedBy(border);
      const most = (border.parentElement?.clientWidth ?? 0) * (1 - LEAST_LEFT[name]);
      const width = Math.round(Math.max(LEAST_WIDTHS[name], Math.min(most, start.width - by)));
      this.#kept.widths = { ...this.#kept.widths, [keyOf(name)]: width };
    } else {
      const below = start.heights.findIndex(({ area }) => border.compareDocumentPosition(area) & Node.DOCUMENT_POSITION_FOLLOWING);
      if (below < 1) return;
      const [over, under] = [start.heights[below - 1], start.heights[below]];
      const moved = Math.min(under.height - LEAST_AREA, Math.max(LEAST_AREA - over.height, by));
      const moving = start.heights.map(({ area, height }) => {
        const its = area === over.area ? height + moved : area === under.area ? height - moved : height;
        return [area.dataset.area, Math.max(1, Math.round(its))];
      });
      this.#kept.heights = { ...this.#kept.heights, ...Object.fromEntries(moving) };
    }
    this.#apply();
  }

  /** Names of the folded areas: the person's choice, by default the usual ones if room is small. */
  get #folded() {
    return this.#kept.folded ?? (STACKED.matches && innerHeight < ROOMY ? (this.dataset.folds ?? "").split(" ") : []);
  }

  /** @param {Element} stack */
  #openIn(stack) {
    return this.areas.filter((area) => stackOf(area) === stack && !area.hasAttribute("data-folded"));
  }

  /** @param {HTMLElement} border */
  #describe(border) {
    border.ariaOrientation = border.dataset.between === "columns" ? "vertical" : "horizontal";
    const size = border.nextElementSibling?.getBoundingClientRect();
    if (size) border.ariaValueNow = String(Math.round(border.dataset.between === "columns" ? size.width : size.height));
  }

  #keep() {
    remember(this.#keptAs, this.#kept);
    this.#apply();
  }

  get #keptAs() {
    return `areas:${this.getAttribute("name")}`;
  }
}

/** @param {HTMLElement} area */
function isInSight(area) {
  return NARROW.matches ? area.hasAttribute("data-shown") : !area.hasAttribute("data-folded");
}

/** Return the stack of an area, or of a border between areas. @param {Element} one @returns {Element} */
function stackOf(one) {
  return /** @type {Element} */ (one.closest(STACKED.matches ? ".areas__columns" : ".areas__column") ?? one.parentElement);
}

/** @param {HTMLElement} border */
function sizedBy(border) {
  return /** @type {Sized} */ (border.dataset.sizes ?? "side");
}

/** Return the key of a width, which is kept for each layout. @param {Sized} name */
function keyOf(name) {
  return STACKED.matches ? `stacked-${name}` : name;
}

customElements.define("area-grid", AreaGrid);
