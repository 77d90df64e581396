// What pages have played and were not told to be stored, kept beyond them: a browser that is busy drops what a page says while it
// goes, and so does a line that is lost just then. The next page of the same person and lesson reports it. A moment that was
// stored all the same counts once, so it does no harm to report too much.

/** @typedef {import("./watched.js").Piece} Piece */

const PREFIX = "unreported:";
const MOST_MS = 60_000; // the server pays 75 s after the event, to who was heard of within them

export class Unreported {
  #isKept = false;

  /**
   * @param {string} name of the person and the lesson; without one nothing is kept
   * @param {string} page name of this page
   */
  constructor(name, page) {
    this.pages = name && `${PREFIX}${name}:`;
    this.place = this.pages + page;
  }

  /** @param {readonly Piece[]} pieces all that this page was not told to be stored */
  keep(pieces) {
    if (!this.pages || (!pieces.length && !this.#isKept)) return;
    this.#isKept = pieces.length > 0;
    try {
      if (this.#isKept) localStorage.setItem(this.place, JSON.stringify({ at: Date.now(), pieces }));
      else localStorage.removeItem(this.place);
    } catch { /* a full or closed storage: what the page says while it goes is all there is */ }
  }

  /** Take what pages before this one have left; a page that is still open leaves it again. @returns {Piece[]} */
  take() {
    if (!this.pages) return [];
    try {
      const places = Object.keys(localStorage).filter((place) => place.startsWith(PREFIX));
      const pieces = places.filter((place) => place.startsWith(this.pages)).flatMap((place) => left(localStorage.getItem(place)));
      for (const place of places) if (place.startsWith(this.pages) || !left(localStorage.getItem(place)).length) localStorage.removeItem(place);
      this.keep(pieces);
      return pieces;
    } catch {
      return [];
    }
  }
}

/**
 * @param {string | null} text
 * @returns {Piece[]} none when it is too old, or not what was written here
 */
function left(text) {
  try {
    const { at, pieces } = JSON.parse(text ?? "{}");
    const isFresh = Math.abs(Date.now() - at) < MOST_MS;
    return isFresh ? pieces.filter((/** @type {Piece} */ { from, to, speed, facts }) => [from, to, speed, facts].every(Number.isFinite)) : [];
  } catch {
    return [];
  }
}
