// The words of a lesson, shown again at their times. Of a long list only the end is on the page, as in the live room; the ones
// before are added when the learner asks for them.

import { exchange } from "../lib/exchange.js";
import { FeedLog } from "../lib/feed-log.js";
import { isAtEnd } from "../classroom/engine/fragments.js";

/** @typedef {import("../lib/feed-log.js").Piece} Piece */

const SAID = "chat.said";
const MOST_TOLD = 300;
const VOTED = "questions.voted";
/** Kinds that are not shown again: the present state of the lesson is not its state then, and votes have their final numbers. */
const UNTOLD = new Set(["live.state", VOTED]);

export class Feed {
  #log = new FeedLog();
  #wall = -Infinity;
  /** @type {Map<string, {piece: Piece, element: HTMLElement}>} of lists, by id */
  #shown = new Map();
  /** @type {Map<string, Element>} what the page had in the place of a fragment, by id */
  #own = new Map();

  /** @param {HTMLElement} room within which each event is heard as `lesson:event` */
  constructor(room) {
    this.room = room;
  }

  /**
   * @param {string} address
   * @param {import("../lib/exchange.js").Asking} asking
   */
  fetch(address, asking) {
    return exchange.batches(new URL(address, location.href), (events) => { this.#log.add(events); this.show(this.#wall); }, asking);
  }

  /** @param {number} wall moment of capture (epoch ms) of what is on the screen; what happened until then is shown */
  show(wall) {
    this.#wall = wall;
    const { changed, forward, votes } = this.#log.goTo(wall);
    /** @type {Set<string>} */
    const lists = new Set();
    for (const [id, its] of changed) {
      for (const name of its) lists.add(name);
      if (its.size === 0) this.#replace(id);
    }
    for (const name of lists) this.#draw(name);
    // After a jump over thousands of messages, other elements do not hear of each.
    forward.forEach((event, at) => {
      if (!UNTOLD.has(event.kind) && !(event.kind === SAID && at < forward.length - MOST_TOLD)) this.#tell(event);
    });
    if (Object.keys(votes).length) this.#tell({ kind: VOTED, data: { votes } });
  }

  /** @param {object} detail */
  #tell(detail) {
    this.room.dispatchEvent(new CustomEvent("lesson:event", { detail }));
  }

  /** A fragment that is in no list stands in the place of the page's own, which comes back. @param {string} id */
  #replace(id) {
    const there = document.getElementById(id);
    if (!there) return;
    const own = this.#own.get(id) ?? there;
    this.#own.set(id, own);
    const piece = this.#log.piece(id);
    there.replaceWith(piece ? elementsOf([piece])[0] : own);
  }

  /**
   * @param {string} name of a list that has changed
   * @param {number} [most] so many of its entries are wanted, from its end
   */
  #draw(name, most) {
    const list = document.getElementById(name);
    if (!list) return;
    const all = this.#log.list(name);
    const wanted = all.slice(most ? -most : this.#firstOf(list, all));
    const fresh = wanted.filter((piece) => this.#shown.get(piece.id)?.piece !== piece);
    const elements = elementsOf(fresh);
    const kept = new Set(wanted.map((piece) => piece.id));
    for (const [id, { piece, element }] of this.#shown) {
      if (piece.into !== name || kept.has(id)) continue;
      element.remove();
      this.#shown.delete(id);
    }
    fresh.forEach((piece, at) => {
      this.#shown.get(piece.id)?.element.remove();
      this.#shown.set(piece.id, { piece, element: elements[at] });
    });
    const isFresh = new Set(fresh);
    /** @type {Element | null} */
    let next = null;
    for (const piece of wanted.reverse()) {
      const { element } = /** @type {{element: HTMLElement}} */ (this.#shown.get(piece.id));
      if (isFresh.has(piece)) list.insertBefore(element, next);
      next = element;
    }
    this.#offerEarlier(list, wanted.length < all.length);
  }

  /**
   * The first one that is shown. While somebody reads further up, what she reads stays.
   * @param {HTMLElement} list
   * @param {readonly Piece[]} all
   */
  #firstOf(list, all) {
    const most = Number(list.dataset.most ?? Infinity);
    if (all.length <= most) return 0;
    const top = isAtEnd(list) ? -1 : all.findIndex((piece) => this.#shown.has(piece.id));
    return top >= 0 && all.length - top <= list.childElementCount + most ? top : all.length - most;
  }

  /** @param {HTMLElement} list @param {boolean} are whether there are earlier ones */
  #offerEarlier(list, are) {
    const there = list.querySelector(":scope > .earlier");
    if (!are) there?.remove();
    const words = /** @type {HTMLTemplateElement | null} */ (document.getElementById("chat-earlier"));
    if (!are || there || !words) return;
    list.prepend(words.content.cloneNode(true));
    list.querySelector(":scope > .earlier button")?.addEventListener("click", () => {
      const fromEnd = list.scrollHeight - list.scrollTop;
      const shown = this.#log.list(list.id).filter((piece) => this.#shown.has(piece.id)).length;
      this.#draw(list.id, shown + Number(list.dataset.most));
      list.scrollTop = list.scrollHeight - fromEnd;
    });
  }
}

/** @param {readonly Piece[]} pieces @returns {HTMLElement[]} read by the browser in one go */
function elementsOf(pieces) {
  const box = document.createElement("template");
  box.innerHTML = pieces.map((piece) => piece.html.trim()).join("");
  const elements = /** @type {HTMLElement[]} */ ([...box.content.children]);
  pieces.forEach(({ html }, at) => { if (html.includes("hx-")) /** @type {any} */ (globalThis).htmx?.process(elements[at]); });
  return elements;
}
