// From page to page: at once on this desk, then on the stage. What is refused is taken back.

import { Shelf } from "../../lib/leafing.js";
import { pictures } from "../../lib/pictures.js";

/** @typedef {import("../../lib/leafing.js").Place} Place */
/** @typedef {import("../../lib/lesson-track.js").ShownPage} ShownPage */

export class Turning {
  shelf = new Shelf();
  /** Last place in each document. @type {Map<string, Place>} */
  #places = new Map();

  /**
   * @param {object} world
   * @param {import("./desk-stage.js").DeskStage} world.stage
   * @param {import("./stage-line.js").StageLine} world.line
   * @param {() => void} world.onChange
   * @param {(why: any) => void} world.onRefused
   */
  constructor(world) {
    this.world = world;
  }

  /** The page that is large. @returns {Place | null} */
  get place() {
    const page = this.world.stage.page;
    return page ? { document: page.document, page: page.page, step: page.step } : null;
  }

  /** Learners see what is large. */
  get isLive() {
    return this.world.stage.shown !== null;
  }

  /** @param {1 | -1} way */
  turn(way) {
    const place = this.place;
    if (!place) return;
    const isFirst = !this.world.stage.wasEverShown;
    const next = isFirst ? place : this.shelf.walk(place, way);
    if (next) this.show(next);
    else if (!this.isLive) this.show(place);
  }

  /** @param {Place} place */
  async show(place) {
    const page = this.shelf.shown(place);
    if (!page) return;
    this.#places.set(place.document, place);
    const turn = this.world.stage.turn(page);
    this.prepare();
    this.world.onChange();
    await this.#tell(turn, "slides.show", { ...place });
  }

  /** Take the page off the stage, or put it back. */
  async blank() {
    if (!this.isLive) {
      if (this.place) await this.show(this.place);
      return;
    }
    const turn = this.world.stage.turn(null);
    this.world.onChange();
    await this.#tell(turn, "slides.clear", {});
  }

  /**
   * Open another page: on the stage if one stands there, else only here.
   * @param {Place | null} place
   */
  open(place) {
    if (!place) return;
    if (this.isLive) void this.show(place);
    else this.browse(place);
  }

  /** Look at a page that learners do not see. @param {Place | null} place */
  browse(place) {
    const page = place && this.shelf.shown(place);
    if (!place || !page) return;
    this.#places.set(place.document, place);
    this.world.stage.browsed = page;
    this.world.onChange();
  }

  /** @param {string} document @returns {Place | null} where one was in it */
  placeIn(document) {
    const known = this.#places.get(document);
    return known && this.shelf.leaf(known) ? known : this.shelf.near(document, 1);
  }

  /** Note where others have turned to. */
  follow() {
    const place = this.place;
    if (place) this.#places.set(place.document, place);
  }

  /** Fetch the pictures of the next and the last page. */
  prepare() {
    const place = this.place;
    for (const next of place ? [this.shelf.walk(place, 1), this.shelf.walk(place, -1)] : []) {
      const page = next && this.shelf.shown(next);
      if (page?.large) pictures.want(page.large);
    }
  }

  /** @param {object} turn @param {string} name @param {Record<string, any>} fields */
  async #tell(turn, name, fields) {
    try {
      const done = await this.world.line.send(name, fields);
      if (done) this.world.stage.turned(turn, done.event);
    } catch (why) {
      this.world.stage.turned(turn, null);
      this.world.onRefused(why);
    }
    this.world.onChange();
  }
}
