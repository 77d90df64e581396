// Applies the chosen tool where the presenter's hand moves on the page.

import { Drawing } from "./drawing.js";
import { Laser } from "./laser.js";
import { Pad } from "./pad.js";
import { ToolBar } from "./tool-bar.js";
import { WordsField } from "./words-field.js";

/** @typedef {import("../../lib/lesson-track.js").Spot} Spot */

const FORGOTTEN_MS = 1000; // time after the pointer was put away in which events about it may still arrive

export class Hand {
  #pointed = false; // the newest word about the pointer is this desk's

  /**
   * @param {object} world
   * @param {import("./slide-view.js").SlideView} world.view
   * @param {HTMLElement} world.tools
   * @param {string} world.label of the field for words
   * @param {import("./desk-stage.js").DeskStage} world.stage
   * @param {import("./stage-line.js").StageLine} world.line
   * @param {() => number} world.now the server's clock, epoch ms
   * @param {() => boolean} world.mayDraw
   * @param {(way: 1 | -1) => void} world.turn
   * @param {() => void} world.onChange
   * @param {(why: any) => void} world.onRefused
   * @param {AbortSignal} signal
   */
  constructor(world, signal) {
    this.world = world;
    const { view, stage, now, onChange } = world;
    this.drawing = new Drawing(world);
    this.words = new WordsField(view, world.label);
    this.bar = new ToolBar(world.tools, (deed) => this.deed(deed), () => { this.finish(); onChange(); }, signal);
    this.laser = new Laser({ now, point: (points, off, at) => this.#tellPoint(points, off, at), onMove: (spot) => {
      stage.pointer = spot;
      stage.pointsHere = true;
      onChange();
    } });
    new Pad(view, {
      tool: () => (world.mayDraw() ? this.bar.tool : null), mayPoint: world.mayDraw, laser: this.laser, turn: world.turn,
      begin: (spot) => this.#begin(spot), move: (spots, ages) => this.#move(spots, ages), end: () => this.#end(),
    }, signal);
    window.addEventListener("blur", () => this.laser.off(), { signal });
  }

  /** End a stroke or an erasing that is under way, before another page comes. */
  finish() {
    this.words.close();
    if (this.drawing.isGoing) this.#end();
    this.laser.off();
  }

  /** Somebody's pointer is told: another desk's, unless this one points. */
  hearPointer() {
    if (!this.laser.isOn && !this.#pointed) this.world.stage.pointsHere = false;
  }

  /** @param {string} deed undo, redo, clear */
  deed(deed) {
    const page = this.world.stage.page;
    if (!page || !this.world.mayDraw() || this.drawing.isGoing) return;
    if (deed === "undo") this.drawing.undo(page);
    else if (deed === "redo") this.drawing.redo(page);
    else if (deed === "clear") this.drawing.clear(page);
  }

  /** @param {Spot} spot */
  #begin(spot) {
    const [page, { tool, ink }] = [this.world.stage.page, this.bar];
    if (!page || !tool || tool === "laser") return;
    if (tool === "eraser") this.drawing.rub(page, spot, page.height / page.width);
    else if (tool !== "text") this.drawing.begin(page, { tool, ...ink }, spot);
    else if (this.words.isOpen) this.words.close();
    else this.words.open(spot, ink, (words) => this.drawing.write(page, { tool, ...ink }, spot, words));
  }

  /** @param {Spot[]} spots @param {number[]} ages */
  #move(spots, ages) {
    const page = this.world.stage.page;
    if (this.bar.tool !== "eraser") this.drawing.move(spots, ages);
    else if (page) for (const spot of spots) this.drawing.rub(page, spot, page.height / page.width);
  }

  #end() {
    this.drawing.end();
    this.drawing.rubbed();
  }

  /** @param {number[]} points @param {boolean} off @param {number} at */
  async #tellPoint(points, off, at) {
    const page = this.world.stage.page;
    if (!page || !this.world.mayDraw()) return;
    this.#pointed = true;
    await this.world.line.send("slides.point", { document: page.document, page: page.page, points, off }, at).catch(() => undefined);
    if (off) setTimeout(() => { this.#pointed = this.laser.isOn; }, FORGOTTEN_MS);
  }
}
