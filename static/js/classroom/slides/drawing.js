// Draws, erases, undoes and redoes: at once on this desk, and in parts to the server.

import { atOnce, InkLine, partsFrom, touched } from "../../lib/ink.js";
import { UndoStack } from "../../lib/undo-stack.js";
import { newName } from "../engine/names.js";

/**
 * @typedef {import("../../lib/lesson-track.js").Stroke} Stroke
 * @typedef {import("../../lib/lesson-track.js").Spot} Spot
 * @typedef {import("../../lib/lesson-track.js").Tool} Tool
 * @typedef {import("../../lib/lesson-track.js").ShownPage} ShownPage
 * @typedef {{drew: Stroke[]} | {erased: Stroke[]}} Deed
 * @typedef {{tool: Tool, colour: string, width: number}} Ink width: in 1/1000 of the page's width
 */

/**
 * @typedef {object} Going a stroke that is being drawn
 * @property {ShownPage} page
 * @property {Stroke} stroke
 * @property {InkLine | null} line `null` for a shape, which has two points
 * @property {number} sent how many numbers of `stroke.points` are sent
 * @property {number} part number of the next part, from 0
 * @property {number} began the server's clock, epoch ms
 * @property {Promise<any>} last answer to the last part
 */

const SMALLEST = 40; // in 1/10000 of the page: a smaller shape was a slip of the hand
const PART_MS = 400; // between two parts of a stroke that is being drawn
const AT_A_TIME = 100; // maximum number of strokes that one command frame erases

export class Drawing {
  /** @type {Going | null} */
  #going = null;
  /** @type {{page: ShownPage, gone: Map<string, Stroke>, sent: Set<string>} | null} */
  #erasing = null;
  /** @type {Map<string, UndoStack<Deed>>} by page */
  #stacks = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {object} world
   * @param {import("./desk-stage.js").DeskStage} world.stage
   * @param {import("./stage-line.js").StageLine} world.line
   * @param {() => number} world.now the server's clock, epoch ms
   * @param {() => void} world.onChange the page or the stacks have changed
   * @param {(why: any) => void} world.onRefused the server refuses a stroke
   */
  constructor(world) {
    this.world = world;
  }

  /** Whether a stroke or an erasing is under way. */
  get isGoing() {
    return this.#going !== null || this.#erasing !== null;
  }

  /** What can be undone and redone on the shown page. @returns {UndoStack<Deed>} */
  get stack() {
    const page = this.world.stage.page;
    const key = page ? `${page.document} ${page.page}` : "";
    const stack = this.#stacks.get(key) ?? new UndoStack();
    this.#stacks.set(key, stack);
    return stack;
  }

  /** Begin a stroke. @param {ShownPage} page @param {Ink} ink @param {Spot} spot */
  begin(page, ink, spot) {
    this.end();
    const isFree = ink.tool === "pen" || ink.tool === "highlighter";
    const began = this.world.now();
    const points = isFree ? [spot.x, spot.y, 0] : [spot.x, spot.y, 0, spot.x, spot.y, 0];
    const stroke = { id: newName(), ...ink, words: "", at: Math.round(began), points };
    this.#going = { page, stroke, line: isFree ? new InkLine(spot) : null, sent: 0, part: 0, began, last: Promise.resolve(null) };
    if (isFree) this.#timer = setInterval(() => this.#flush(), PART_MS);
    this.#draw();
  }

  /** Lead the stroke on. @param {Spot[]} spots the newest last @param {number[]} ages of the spots, ms */
  move(spots, ages) {
    const going = this.#going;
    if (!going) return;
    const now = this.world.now() - going.began;
    if (going.line) spots.forEach((spot, index) => going.line?.move(spot, now - ages[index]));
    const last = spots[spots.length - 1];
    const points = going.line ? [...going.line.points, ...(last ? [last.x, last.y, Math.round(now)] : [])] : [...going.stroke.points.slice(0, 3), last.x, last.y, Math.round(now)];
    going.stroke = { ...going.stroke, points };
    this.#draw();
  }

  /** End the stroke. A shape that is too small is taken away. */
  end() {
    clearInterval(this.#timer);
    const going = this.#going;
    if (!going) return;
    this.#going = null;
    going.line?.end();
    const points = going.line ? going.line.points : going.stroke.points;
    const [x, y] = points;
    const isNothing = !going.line && Math.hypot(points[3] - x, points[4] - y) < SMALLEST;
    if (isNothing) {
      this.world.stage.drawn(going.stroke.id, null);
      this.world.onChange();
      return;
    }
    going.stroke = { ...going.stroke, points };
    this.world.stage.draw(going.page, going.stroke);
    this.stack.push({ drew: [going.stroke] });
    this.#settle(going.stroke.id, this.#sendParts(going));
    this.world.onChange();
  }

  /** Write a text. @param {ShownPage} page @param {Ink} ink @param {Spot} spot its beginning @param {string} words */
  write(page, ink, spot, words) {
    const stroke = { id: newName(), ...ink, tool: /** @type {Tool} */ ("text"), words, at: Math.round(this.world.now()), points: [spot.x, spot.y, 0] };
    this.#redraw(page, [stroke]);
    this.stack.push({ drew: [stroke] });
    this.world.onChange();
  }

  /** Erase the strokes at a spot. @param {ShownPage} page @param {Spot} spot @param {number} ratio height of the page over its width */
  rub(page, spot, ratio) {
    this.#erasing ??= { page, gone: new Map(), sent: new Set() };
    const here = this.world.stage.strokes;
    const ids = touched(here, spot, ratio);
    if (ids.length === 0) return;
    for (const id of ids) this.#erasing.gone.set(id, /** @type {Stroke} */ (here.find((stroke) => stroke.id === id)));
    this.world.stage.erase(ids);
    this.#tellErased(page, ids);
    this.world.onChange();
  }

  /** End the erasing: it is undone as one deed. */
  rubbed() {
    if (this.#erasing && this.#erasing.gone.size > 0) this.stack.push({ erased: [...this.#erasing.gone.values()] });
    this.#erasing = null;
    this.world.onChange();
  }

  /** Erase all strokes of the page. @param {ShownPage} page */
  clear(page) {
    const strokes = this.world.stage.strokes;
    if (strokes.length === 0) return;
    this.#erase(page, strokes);
    this.stack.push({ erased: strokes });
    this.world.onChange();
  }

  /** Undo the last deed. @param {ShownPage} page */
  undo(page) {
    const deed = this.stack.undo();
    if (deed && "drew" in deed) this.#erase(page, deed.drew);
    else if (deed) this.#redraw(page, deed.erased);
    this.world.onChange();
  }

  /** Do again what was undone last. @param {ShownPage} page */
  redo(page) {
    const deed = this.stack.redo();
    if (deed && "drew" in deed) this.#redraw(page, deed.drew);
    else if (deed) this.#erase(page, deed.erased);
    this.world.onChange();
  }

  #draw() {
    if (this.#going) this.world.stage.draw(this.#going.page, this.#going.stroke);
    this.world.onChange();
  }

  /** Send the points that are new. */
  #flush() {
    if (this.#going) this.#sendParts(this.#going).catch(() => undefined); // `#settle` reports a refusal at the end of the stroke
  }

  /** Send the points that are new. @param {Going} going @returns {Promise<any>} answer to the last part */
  #sendParts(going) {
    const { page, stroke } = going;
    const points = going.line ? going.line.points : stroke.points;
    for (const { ms, points: some } of partsFrom(points, going.sent)) {
      going.last = this.#sendPart(page, stroke, going.part, some, going.began + ms);
      going.part += 1;
    }
    going.sent = points.length;
    return going.last;
  }

  /**
   * Send one part of a stroke.
   * @param {ShownPage} page
   * @param {Stroke} stroke its tool and ink go with the first part
   * @param {number} part number, from 0
   * @param {number[]} points x, y, and ms since the part began, for each point
   * @param {number} at moment of the part, epoch ms
   */
  #sendPart({ document, page }, { id, tool, colour, width, words }, part, points, at) {
    const first = part === 0 ? { tool, colour, width, ...(tool === "text" ? { words } : {}) } : {};
    return this.world.line.send("slides.draw", { document, page, stroke: id, part, points, ...first }, at);
  }

  /** Draw strokes again, all at once. @param {ShownPage} page @param {Stroke[]} strokes */
  #redraw(page, strokes) {
    for (const stroke of strokes) {
      const again = { ...stroke, at: Math.round(this.world.now()), points: atOnce(stroke.points) };
      this.world.stage.draw(page, again);
      /** @type {Promise<any>} */
      let last = Promise.resolve(null);
      partsFrom(again.points, 0).forEach((one, part) => { last = this.#sendPart(page, again, part, one.points, again.at); });
      this.#settle(stroke.id, last);
    }
  }

  /** Erase here, and tell the server. @param {ShownPage} page @param {Stroke[]} strokes */
  #erase(page, strokes) {
    const ids = strokes.map(({ id }) => id);
    this.world.stage.erase(ids);
    this.#tellErased(page, ids);
  }

  /** Send what was erased. A refused stroke comes back. @param {ShownPage} page @param {string[]} ids of strokes */
  async #tellErased({ document, page }, ids) {
    for (let index = 0; index < ids.length; index += AT_A_TIME) {
      const some = ids.slice(index, index + AT_A_TIME);
      try {
        const done = await this.world.line.send("slides.erase", { document, page, strokes: some });
        this.world.stage.erased(some, done?.event ?? null);
      } catch (why) {
        this.world.stage.erased(some, null);
        this.world.onRefused(why);
      }
    }
    this.world.onChange();
  }

  /** Keep a stroke once the server has it, or take it away when the server refuses it. @param {string} id @param {Promise<any>} last answer to its last part */
  async #settle(id, last) {
    try {
      const done = await last;
      this.world.stage.drawn(id, done?.event ?? 0);
    } catch (why) {
      this.world.stage.drawn(id, null);
      this.world.onRefused(why);
    }
    this.world.onChange();
  }
}
