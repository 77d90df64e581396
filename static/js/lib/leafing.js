// Leafing from page to page, build by build. No DOM in here.

/**
 * @typedef {{large: string, medium: string}} Picture
 * @typedef {import("./lesson-track.js").ShownPage & {thumb: string, notes: string, shown: boolean, pictures: Picture[]}} Leaf a page with
 *   all that the desk knows of it
 * @typedef {{document: string, kind: "deck" | "whiteboard", name: string, of: number, state: string, problem: string, ready: number, hidden: boolean, pages: Leaf[]}} Book
 * @typedef {{document: string, page: number, step: number}} Place
 */

/** @param {Place | null} one @param {Place | null} other */
export function isSame(one, other) {
  return one?.document === other?.document && one?.page === other?.page && one?.step === other?.step;
}

export class Shelf {
  /** @param {Book[]} [books] */
  constructor(books = []) {
    this.books = books;
  }

  /** @param {string} document @returns {Book | null} */
  book(document) {
    return this.books.find((book) => book.document === document) ?? null;
  }

  /** @param {Place} place @returns {Leaf | null} */
  leaf({ document, page }) {
    return this.book(document)?.pages.find((leaf) => leaf.page === page) ?? null;
  }

  /**
   * Return the page as the stage shows it.
   * @param {Place} place
   * @returns {import("./lesson-track.js").ShownPage | null}
   */
  shown(place) {
    const leaf = this.leaf(place);
    if (!leaf) return null;
    const { thumb: _thumb, notes: _notes, shown: _shown, pictures, ...page } = leaf;
    const { large, medium } = pictures[place.step] ?? { large: "", medium: "" };
    return { ...page, step: place.step, large, medium, next: [] };
  }

  /**
   * Return the next or the last build or page. The way back leads to a page as it was left, with all its builds.
   * @param {Place} place
   * @param {1 | -1} way
   * @returns {Place | null} `null` means that there is none, or that it is not ready
   */
  walk(place, way) {
    const leaf = this.leaf(place);
    if (!leaf) return null;
    const step = place.step + way;
    if (step >= 0 && step < leaf.steps) return { ...place, step };
    const other = this.leaf({ ...place, page: place.page + way });
    return other ? { document: place.document, page: other.page, step: way > 0 ? 0 : other.steps - 1 } : null;
  }

  /** @param {string} document @param {number} page @returns {Place | null} the nearest page that is ready, before its builds */
  near(document, page) {
    const pages = this.book(document)?.pages ?? [];
    const last = pages.at(-1);
    if (!last) return null;
    const wanted = Math.min(Math.max(1, page), last.page);
    return { document, page: wanted, step: 0 };
  }
}
