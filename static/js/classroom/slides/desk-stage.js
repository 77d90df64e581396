// The stage on the desk: the shared stage, and over it this desk's own deeds that the server has not confirmed yet.

import { LessonTrack } from "../../lib/lesson-track.js";

/**
 * @typedef {import("../../lib/lesson-track.js").Stage} Stage
 * @typedef {import("../../lib/lesson-track.js").ShownPage} ShownPage
 * @typedef {import("../../lib/lesson-track.js").Stroke} Stroke
 * @typedef {import("../../lib/lesson-track.js").Spot} Spot
 * @typedef {import("../../lib/socket.js").LessonEvent} LessonEvent
 * @typedef {{document: string, page: number}} On
 */

const TURNS = ["slides.shown", "slides.cleared"];

export class DeskStage {
  /** Only looked at here, while learners see none, or another one. @type {ShownPage | null} */
  browsed = null;
  /** The pointer of this desk. @type {Spot | null} */
  pointer = null;
  /** The events tell of this desk's own pointer, which is shown without the way there and back. */
  pointsHere = false;
  #track = new LessonTrack();
  /** Page that learners were shown last. @type {{id: number, page: ShownPage | null}} */
  #told = { id: 0, page: null };
  /** @type {ShownPage | null} the page that stood there before it was cleared */
  #before = null;
  /** @type {{page: ShownPage | null} | null} what was turned here, and is not back from the server */
  #turned = null;
  /** @type {Map<string, {on: On, stroke: Stroke, event: number}>} drawn here */
  #drawn = new Map();
  /** @type {Map<string, number>} erased here: the event that will say so; Infinity while nobody knows */
  #erased = new Map();
  #newest = 0;
  #awaited = 0; // the event that will say what was turned here
  #version = 0;

  /** @param {LessonEvent[]} events of any kind, from the track or the socket */
  hear(events) {
    this.#track.add(events);
    for (const { id, kind, data } of events) {
      this.#newest = Math.max(this.#newest, id);
      if (!TURNS.includes(kind) || id < this.#told.id) continue;
      this.#told = { id, page: kind === "slides.shown" ? data : null };
      if (!this.#told.page) continue;
      this.#before = this.#told.page;
      this.browsed = null;
    }
    this.#tidy();
  }

  /** Page that learners see, as far as the server has answered. @returns {ShownPage | null} */
  get told() {
    return this.#told.page;
  }

  /** Page that learners will see once everything has arrived. @returns {ShownPage | null} */
  get shown() {
    return this.#turned ? this.#turned.page : this.#told.page;
  }

  /** The page that is large on the desk. @returns {ShownPage | null} */
  get page() {
    return this.shown ?? this.browsed ?? this.#before;
  }

  get wasEverShown() {
    return this.#before !== null;
  }

  /** @returns {string | null} the layout that is proposed */
  get layout() {
    return this.#track.at(Infinity).layout;
  }

  /** @param {ShownPage | null} page `null` clears the stage @returns {object} the turn, for `turned` when the server has answered */
  turn(page) {
    this.#before = page ?? this.shown ?? this.#before;
    this.#turned = { page };
    this.#awaited = 0;
    this.browsed = null;
    this.#version += 1;
    return this.#turned;
  }

  /** The server has answered to a turn. @param {object} turn @param {number | null} event id. `null` means that the turn was refused */
  turned(turn, event) {
    if (turn !== this.#turned) return; // one has turned on meanwhile
    if (event === null || event <= this.#newest) this.#turned = null;
    else this.#awaited = event;
    this.#version += 1;
  }

  /** @param {On} on @param {Stroke} stroke as far as it is drawn */
  draw(on, stroke) {
    this.#drawn.set(stroke.id, { on: { document: on.document, page: on.page }, stroke, event: Infinity });
    this.#erased.delete(stroke.id);
    this.#version += 1;
  }

  /** The server has answered to a whole stroke. @param {string} id @param {number | null} event that ends it. `null` means that it was refused */
  drawn(id, event) {
    const drawn = this.#drawn.get(id);
    if (drawn) drawn.event = event ?? 0;
    this.#tidy();
  }

  /** @param {string[]} ids */
  erase(ids) {
    for (const id of ids) this.#erased.set(id, Infinity);
    this.#version += 1;
  }

  /** The server has answered to an erasing. @param {string[]} ids @param {number | null} event id. `null` means that it was refused */
  erased(ids, event) {
    for (const id of ids) if (this.#erased.has(id)) this.#erased.set(id, event ?? 0);
    this.#tidy();
  }

  /** Drop own deeds whose events have come back from the server. */
  #tidy() {
    for (const [id, { event }] of this.#drawn) if (event <= this.#newest) this.#drawn.delete(id);
    for (const [id, event] of this.#erased) if (event <= this.#newest) this.#erased.delete(id);
    if (this.#awaited && this.#awaited <= this.#newest) {
      this.#awaited = 0;
      this.#turned = null;
    }
    this.#version += 1;
  }

  /** @returns {Stroke[]} what is drawn on the page that is large */
  get strokes() {
    const page = this.page;
    if (!page) return [];
    this.#track.at(Infinity);
    const strokes = new Map(this.#track.strokesOn(page).map((stroke) => [stroke.id, stroke]));
    for (const { on, stroke } of this.#drawn.values()) {
      if (on.document === page.document && on.page === page.page) strokes.set(stroke.id, stroke);
    }
    for (const id of this.#erased.keys()) strokes.delete(id);
    return [...strokes.values()];
  }

  /** @returns {Stage} for the view, as of now */
  get now() {
    const others = this.#track.at(Infinity);
    const page = this.page;
    return { page, strokes: this.strokes, pointer: this.pointer ?? this.#pointerOfOthers(others, page), layout: others.layout, version: this.#version };
  }

  /** @param {Stage} others @param {ShownPage | null} page */
  #pointerOfOthers(others, page) {
    const same = others.page && page && others.page.document === page.document && others.page.page === page.page;
    return same && !this.pointsHere ? others.pointer : null;
  }
}
