// Played pieces that the server has not confirmed. The browser keeps them when their page closes, because a busy browser or a lost
// line drops a closing page's last report. The next page of the same person and lesson reports them. A moment that is reported
// twice counts once.

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
 * @returns {Piece[]} an empty list if the text is too old or malformed
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
