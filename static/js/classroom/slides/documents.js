// Tabs of the desk: opened, closed and brought back, whiteboards, and who may see what.

import { sayRefusal } from "../engine/lesson-events.js";

export class Documents {
  #closed = "";

  /**
   * @param {object} world
   * @param {import("./documents-door.js").DocumentsDoor} world.door
   * @param {import("./turning.js").Turning} world.turning
   * @param {import("./face.js").Face} world.face
   * @param {() => boolean} world.leads
   * @param {() => void} world.onListed
   */
  constructor(world) {
    this.world = world;
  }

  /** Fetch the list anew. */
  async list() {
    this.world.turning.shelf = await this.world.door.shelf();
    this.world.onListed();
  }

  /** @param {string} document */
  open(document) {
    const { turning, leads } = this.world;
    if (leads()) turning.open(turning.placeIn(document));
  }

  async openWhiteboard() {
    const { turning } = this.world;
    const before = new Set(turning.shelf.books.map((book) => book.document));
    if (!await this.#do("POST", "/whiteboards")) return;
    const board = turning.shelf.books.find((book) => !before.has(book.document));
    if (board) this.open(board.document);
  }

  async addPage() {
    const { turning, leads } = this.world;
    const place = turning.place;
    if (!place || !await this.#do("POST", `/${place.document}/pages`)) return;
    const added = turning.shelf.book(place.document)?.pages.at(-1);
    if (added && leads()) turning.open({ document: place.document, page: added.page, step: 0 });
  }

  /** @param {string} document @param {string} name */
  async close(document, name) {
    const { turning, face, leads } = this.world;
    const isLarge = turning.place?.document === document;
    const other = turning.shelf.books.find((book) => book.document !== document && book.pages.length > 0);
    if (!await this.#do("DELETE", `/${document}`)) return;
    this.#closed = document;
    face.sayClosed(name);
    if (!isLarge || !leads()) return;
    if (other) this.open(other.document);
    else if (turning.isLive) await turning.blank();
  }

  async bringBack() {
    if (!await this.#do("POST", `/${this.#closed}/return`)) return;
    this.world.face.sayClosed(null);
    this.open(this.#closed);
  }

  /** Hide the pages of the large document until each is shown, or stop hiding them. */
  async cover() {
    const { turning } = this.world;
    const book = turning.place && turning.shelf.book(turning.place.document);
    if (book) await this.#do(book.hidden ? "DELETE" : "POST", `/${book.document}/cover`);
  }

  /** @param {"POST" | "DELETE"} method @param {string} path @returns {Promise<boolean>} whether it was done */
  async #do(method, path) {
    try {
      await this.world.door.ask(method, path);
      await this.list();
      return true;
    } catch (why) {
      sayRefusal(/** @type {any} */ (why));
      return false;
    }
  }
}
