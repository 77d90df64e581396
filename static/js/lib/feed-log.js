// The column beside the picture at a moment of the lesson: the fragments of all events until then. It is a fold over
// the timeline that can also go back, because it remembers the change of each event. No DOM in here.

/**
 * @typedef {import("./socket.js").LessonEvent} LessonEvent
 * @typedef {{id: string, into: string, order: number, html: string}} Piece a fragment, and the list that it belongs to, if any
 * @typedef {{pieces: [string, Piece | undefined][], votes: [string, number | undefined][]}} Before the pieces and votes that an event has changed, by ids, as they were
 * @typedef {{changed: Map<string, Set<string>>, forward: LessonEvent[], votes: Record<string, number>}} Step
 *   `changed`: ids of fragments with their present and former lists; `forward`: events that have come;
 *   `votes`: changed votes of questions, by their ids
 */

export class FeedLog {
  /** @type {LessonEvent[]} in order */
  #events = [];
  /** @type {number[]} the moment of each, epoch ms, never before that of an earlier event */
  #moments = [];
  #end = 0;
  /** @type {Piece[][]} the fragments of each event */
  #brought = [];
  /** @type {Before[]} for each event that has come */
  #befores = [];
  /** @type {Map<string, Piece>} */
  #pieces = new Map();
  /** @type {Map<string, Piece[]>} pieces of each list, in their order */
  #lists = new Map();
  /** @type {Map<string, number>} */
  #votes = new Map();

  /** @param {LessonEvent[]} events later than the known ones */
  add(events) {
    for (const event of events) {
      this.#moments.push(Math.max(event.at, this.#moments.at(-1) ?? -Infinity));
      this.#events.push(event);
      // The lesson's present state was not its state then, but the line that it left is.
      const fragments = Object.entries(event.html ?? {}).filter(([name]) => name !== "state");
      this.#brought.push(fragments.flatMap(([, html]) => pieceOf(html) ?? []));
    }
  }

  /** @param {string} id @returns {Piece | undefined} */
  piece(id) {
    return this.#pieces.get(id);
  }

  /** @param {string} name @returns {readonly Piece[]} */
  list(name) {
    return this.#lists.get(name) ?? [];
  }

  /** @param {number} wall epoch ms; all events until then have come @returns {Step} */
  goTo(wall) {
    /** @type {Step} */
    const step = { changed: new Map(), forward: [], votes: {} };
    while (this.#end > 0 && this.#moments[this.#end - 1] > wall) this.#back(step);
    while (this.#end < this.#events.length && this.#moments[this.#end] <= wall) {
      this.#befores.push(this.#apply(this.#events[this.#end].data, this.#brought[this.#end], step));
      step.forward.push(this.#events[this.#end]);
      this.#end += 1;
    }
    for (const question of Object.keys(step.votes)) step.votes[question] = this.#votes.get(question) ?? 0;
    return step;
  }

  /** @param {any} data of an event @param {Piece[]} pieces in it @param {Step} step @returns {Before} */
  #apply(data, pieces, step) {
    /** @type {Before} */
    const before = { pieces: [], votes: [] };
    for (const piece of pieces) before.pieces.push([piece.id, this.#set(piece.id, piece, step)]);
    if (data.gone) before.pieces.push([data.gone, this.#set(data.gone, undefined, step)]);
    for (const [question, count] of votesIn(data)) {
      before.votes.push([question, this.#votes.get(question)]);
      this.#votes.set(question, count);
      step.votes[question] = count;
    }
    return before;
  }

  /** @param {Step} step */
  #back(step) {
    this.#end -= 1;
    const before = /** @type {Before} */ (this.#befores.pop());
    for (const [id, piece] of before.pieces) this.#set(id, piece, step);
    for (const [question, count] of before.votes) {
      if (count === undefined) this.#votes.delete(question);
      else this.#votes.set(question, count);
      step.votes[question] = count ?? 0;
    }
  }

  /**
   * @param {string} id
   * @param {Piece | undefined} piece
   * @param {Step} step
   * @returns {Piece | undefined} the piece that was there before
   */
  #set(id, piece, step) {
    const old = this.#pieces.get(id);
    const lists = step.changed.get(id) ?? new Set();
    step.changed.set(id, lists);
    for (const one of [old, piece]) if (one?.into) lists.add(one.into);
    if (piece) this.#pieces.set(id, piece);
    else this.#pieces.delete(id);
    if (old?.into) this.#list(old.into).splice(this.#list(old.into).lastIndexOf(old), 1);
    if (piece?.into) insert(this.#list(piece.into), piece);
    return old;
  }

  /** @param {string} name */
  #list(name) {
    let list = this.#lists.get(name);
    if (!list) this.#lists.set(name, list = []);
    return list;
  }
}

/** @param {Piece[]} list in order @param {Piece} piece most often the last one */
function insert(list, piece) {
  let at = list.length;
  while (at > 0 && list[at - 1].order > piece.order) at -= 1;
  list.splice(at, 0, piece);
}

/** Return the votes in an event, which come alone or with a question. @param {any} data @returns {[string, number][]} */
function votesIn({ question, votes }) {
  if (typeof votes === "number") return [[String(question), votes]];
  return votes ? Object.entries(votes) : [];
}

const [ID, INTO, ORDER] = ["id", "data-into", "data-order"].map((name) => new RegExp(`\\s${name}="([^"]*)"`));

/**
 * Return id, list and order from the beginning of a fragment, because a browser would take seconds to parse thousands.
 * @param {string} html one element
 * @returns {Piece | null} null means that it has no id, and so no place
 */
export function pieceOf(html) {
  const head = html.slice(0, html.indexOf(">") + 1);
  const id = head.match(ID)?.[1];
  return id ? { id, into: head.match(INTO)?.[1] ?? "", order: Number(head.match(ORDER)?.[1] ?? 0), html } : null;
}
