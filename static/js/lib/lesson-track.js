// The stage at a moment of the lesson: the page, its step, its drawings, the pointer, the layout. A fold over the
// events of the timeline, the same for studio, live page, rewind and replay. No DOM in here.

/**
 * @typedef {import("./socket.js").LessonEvent} LessonEvent
 * @typedef {"pen" | "highlighter" | "line" | "arrow" | "rectangle" | "ellipse" | "text"} Tool
 * @typedef {{document: string, page: number, step: number, steps: number, of: number, kind: "deck" | "whiteboard", name: string,
 *   width: number, height: number, large: string, medium: string, text: string, next: string[]}} ShownPage
 *   addresses of its pictures, empty for a blank page; `next`: pictures that will be needed soon
 * @typedef {{id: string, tool: Tool, colour: string, width: number, points: number[], words: string, at: number}} Stroke
 *   points: x, y and ms since `at` (epoch ms) of each point; x in 1/10000 of the page's width, y in 1/10000 of its height
 * @typedef {{x: number, y: number}} Spot in 1/10000 of the page
 * @typedef {{page: ShownPage | null, strokes: readonly Stroke[], pointer: Spot | null, layout: string | null, version: number}} Stage
 *   `version` changes with page, strokes and layout; a growing stroke and the pointer depend on `wall`
 */

const POINTER_STAYS_MS = 1500; // a pointer that rests, and was not put away, fades

/** @param {{document: string, page: number}} of */
const keyOf = ({ document, page }) => `${document} ${page}`;

export class LessonTrack {
  /** @type {LessonEvent[]} in order of their moments */
  #events = [];
  /** @type {Set<number>} */
  #known = new Set();
  #folded = 0;
  #version = 0;
  /** @type {ShownPage | null} */
  #page = null;
  /** @type {string | null} */
  #layout = null;
  /** @type {Map<string, Map<string, Stroke>>} strokes by page */
  #drawn = new Map();
  /** @type {LessonEvent | null} */
  #pointed = null;
  /** The pointer event before, of the same page: the pointer rests there until the next points are due. @type {LessonEvent | null} */
  #rested = null;

  /** Kinds of events that lead the stage. */
  static KINDS = new Set(["slides.shown", "slides.cleared", "slides.drawn", "slides.erased", "slides.pointed", "scene.set"]);

  /** @param {Iterable<LessonEvent>} events in any order; other kinds and known events are ignored */
  add(events) {
    let sorted = true;
    for (const event of events) {
      if (!LessonTrack.KINDS.has(event.kind) || this.#known.has(event.id)) continue;
      this.#known.add(event.id);
      const last = this.#events.at(-1);
      if (last && before(event, last)) sorted = false;
      this.#events.push(event);
    }
    if (sorted) return;
    this.#events.sort((one, other) => (before(one, other) ? -1 : 1));
    this.#forget();
  }

  /** @returns {number} number of known events */
  get length() {
    return this.#events.length;
  }

  /** When another page came, epoch ms; the steps of one page are no turns. @returns {number[]} */
  get turns() {
    const shown = this.#events.filter(({ kind }) => kind === "slides.shown");
    return shown.filter(({ data }, index) => index === 0 || keyOf(shown[index - 1].data) !== keyOf(data)).map(({ at }) => at);
  }

  /** @returns {number | null} moment of the newest event, epoch ms */
  get newest() {
    return this.#events.at(-1)?.at ?? null;
  }

  /** @param {number} wall epoch ms @returns {number | null} moment of the next change after `wall` */
  nextAfter(wall) {
    return this.#events[this.#firstAfter(wall)]?.at ?? null;
  }

  /** Return the events after a moment, next first. @param {number} wall epoch ms @returns {LessonEvent[]} */
  after(wall) {
    return this.#events.slice(this.#firstAfter(wall));
  }

  /** @param {number} wall */
  #firstAfter(wall) {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle].at <= wall) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * @param {number} wall moment of capture, epoch ms; Infinity for the newest
   * @returns {Stage}
   */
  at(wall) {
    if (this.#folded > 0 && this.#events[this.#folded - 1].at > wall) this.#forget();
    while (this.#folded < this.#events.length && this.#events[this.#folded].at <= wall) {
      this.#fold(this.#events[this.#folded]);
      this.#folded += 1;
    }
    const drawn = this.#page ? this.#drawn.get(keyOf(this.#page)) : undefined;
    return { page: this.#page, strokes: drawn ? [...drawn.values()] : [], pointer: this.#pointerAt(wall), layout: this.#layout, version: this.#version };
  }

  /** Return the strokes on a page as of the last `at`. @param {{document: string, page: number}} page @returns {Stroke[]} */
  strokesOn(page) {
    return [...(this.#drawn.get(keyOf(page))?.values() ?? [])];
  }

  #forget() {
    this.#folded = 0;
    this.#version += 1;
    this.#page = this.#layout = this.#pointed = this.#rested = null;
    this.#drawn.clear();
  }

  /** @param {LessonEvent} event */
  #fold({ kind, at, data, ...rest }) {
    if (kind === "slides.pointed") {
      const last = this.#pointed;
      this.#rested = last && !last.data.off && keyOf(last.data) === keyOf(data) ? last : null;
      this.#pointed = { kind, at, data, ...rest };
      return;
    }
    this.#version += 1;
    if (kind === "slides.shown") this.#page = data;
    else if (kind === "slides.cleared") this.#page = null;
    else if (kind === "scene.set") this.#layout = data.layout;
    else if (kind === "slides.drawn") this.#draw(at, data);
    else if (kind === "slides.erased") this.#erase(data);
  }

  /**
   * Add a part of a stroke. A stroke comes in parts while it is drawn, and its first part begins it, or begins it anew.
   * @param {number} at
   * @param {any} data
   */
  #draw(at, data) {
    const page = this.#drawn.get(keyOf(data)) ?? new Map();
    this.#drawn.set(keyOf(data), page);
    const known = page.get(data.stroke);
    if (data.part === 0 || !known) {
      page.set(data.stroke, { id: data.stroke, tool: data.tool, colour: data.colour, width: data.width, points: data.points, words: data.words ?? "", at });
      return;
    }
    const since = at - known.at;
    const later = data.points.map((/** @type {number} */ value, /** @type {number} */ index) => (index % 3 === 2 ? value + since : value));
    page.set(data.stroke, { ...known, points: [...known.points, ...later] });
  }

  /** @param {any} data */
  #erase(data) {
    const page = this.#drawn.get(keyOf(data));
    if (data.all) this.#drawn.delete(keyOf(data));
    else for (const stroke of data.strokes) page?.delete(stroke);
  }

  /** @param {number} wall @returns {Spot | null} */
  #pointerAt(wall) {
    if (!this.#pointed || !this.#page || keyOf(this.#pointed.data) !== keyOf(this.#page)) return null;
    const { at, data } = this.#pointed;
    const found = lastSpot(this.#pointed, wall) ?? (this.#rested && lastSpot(this.#rested, wall));
    const isOver = data.points.length === 0 || at + data.points.at(-1) <= wall;
    if (!found || (isOver && data.off)) return null;
    return Number.isFinite(wall) && wall - found.reached > POINTER_STAYS_MS ? null : found.spot;
  }
}

/**
 * @param {LessonEvent} pointed
 * @param {number} wall
 * @returns {{spot: Spot, reached: number} | null} last place of the pointer, and its beginning there
 */
function lastSpot({ at, data: { points } }, wall) {
  let found = null;
  for (let index = 0; index + 2 < points.length && at + points[index + 2] <= wall; index += 3) {
    found = { spot: { x: points[index], y: points[index + 1] }, reached: at + points[index + 2] };
  }
  return found;
}

/** @param {LessonEvent} one @param {LessonEvent} other */
function before(one, other) {
  return one.at < other.at || (one.at === other.at && one.id < other.id);
}
