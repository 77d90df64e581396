// Drawing, erasing, taking back: at once on this desk, and in parts to the server.

import { atOnce, InkLine, partsFrom, touched } from "../../lib/ink.js";
import { UndoStack } from "../../lib/undo-stack.js";
import { newName } from "../engine/names.js";

/**
 * @typedef {import("../../lib/lesson-track.js").Stroke} Stroke
 * @typedef {import("../../lib/lesson-track.js").Spot} Spot
 * @typedef {import("../../lib/lesson-track.js").Tool} Tool
 * @typedef {import("../../lib/lesson-track.js").ShownPage} ShownPage
 * @typedef {{drew: Stroke[]} | {erased: Stroke[]}} Deed
 * @typedef {{tool: Tool, colour: string, width: number}} Ink
 * @typedef {{page: ShownPage, stroke: Stroke, line: InkLine | null, sent: number, part: number, began: number, last: Promise<any>}} Going
 */

const SMALLEST = 40; // a shape that is smaller was a slip of the hand
const PART_MS = 400;
const AT_A_TIME = 100; // names in one frame

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
   * @param {() => void} world.onChange
   * @param {(why: any) => void} world.onRefused
   */
  constructor(world) {
    this.world = world;
  }

  get isGoing() {
    return this.#going !== null || this.#erasing !== null;
  }

  /** @returns {UndoStack<Deed>} of the page that is large */
  get stack() {
    const page = this.world.stage.page;
    const key = page ? `${page.document} ${page.page}` : "";
    const stack = this.#stacks.get(key) ?? new UndoStack();
    this.#stacks.set(key, stack);
    return stack;
  }

  /** @param {ShownPage} page @param {Ink} ink @param {Spot} spot */
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

  /** @param {Spot[]} spots @param {number[]} ages how long ago each was, ms */
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

  /** The hand is lifted. */
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

  /** @param {ShownPage} page @param {Ink} ink @param {Spot} spot @param {string} words */
  write(page, ink, spot, words) {
    const stroke = { id: newName(), ...ink, tool: /** @type {Tool} */ ("text"), words, at: Math.round(this.world.now()), points: [spot.x, spot.y, 0] };
    this.#redraw(page, [stroke]);
    this.stack.push({ drew: [stroke] });
    this.world.onChange();
  }

  /** @param {ShownPage} page @param {Spot} spot @param {number} ratio */
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

  rubbed() {
    if (this.#erasing && this.#erasing.gone.size > 0) this.stack.push({ erased: [...this.#erasing.gone.values()] });
    this.#erasing = null;
    this.world.onChange();
  }

  /** @param {ShownPage} page */
  clear(page) {
    const strokes = this.world.stage.strokes;
    if (strokes.length === 0) return;
    this.#erase(page, strokes);
    this.stack.push({ erased: strokes });
    this.world.onChange();
  }

  /** @param {ShownPage} page */
  undo(page) {
    const deed = this.stack.undo();
    if (deed && "drew" in deed) this.#erase(page, deed.drew);
    else if (deed) this.#redraw(page, deed.erased);
    this.world.onChange();
  }

  /** @param {ShownPage} page */
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

  #flush() {
    if (this.#going) this.#sendParts(this.#going).catch(() => undefined); // the end of the stroke says what is wrong
  }

  /** @param {Going} going @returns {Promise<any>} of its last part */
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
   * @param {ShownPage} page
   * @param {Stroke} stroke
   * @param {number} part
   * @param {number[]} points
   * @param {number} at
   */
  #sendPart({ document, page }, { id, tool, colour, width, words }, part, points, at) {
    const first = part === 0 ? { tool, colour, width, ...(tool === "text" ? { words } : {}) } : {};
    return this.world.line.send("slides.draw", { document, page, stroke: id, part, points, ...first }, at);
  }

  /** @param {ShownPage} page @param {Stroke[]} strokes that are to be there again, all at once */
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

  /** @param {ShownPage} page @param {Stroke[]} strokes */
  #erase(page, strokes) {
    const ids = strokes.map(({ id }) => id);
    this.world.stage.erase(ids);
    this.#tellErased(page, ids);
  }

  /** @param {ShownPage} page @param {string[]} ids */
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

  /** @param {string} id @param {Promise<any>} last */
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
