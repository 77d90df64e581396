// Strokes on a page, as SVG over its picture. Strokes that have not changed are left alone.

import { ACROSS, growsAfter, pathOf, textOf, thicknessOf } from "../../lib/strokes.js";

/** @typedef {import("../../lib/lesson-track.js").Stroke} Stroke */

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @param {Record<string, string | number>} [attributes] @returns {SVGElement} */
function make(name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

export class StrokeLayer {
  element = make("svg", { class: "slide__strokes", "aria-hidden": "true", focusable: "false", preserveAspectRatio: "none" });
  /** @type {Map<string, {stroke: Stroke, drawn: SVGElement}>} */
  #drawn = new Map();
  /** @type {Set<string>} strokes that go on growing */
  #growing = new Set();
  #ratio = 0;

  /**
   * @param {readonly Stroke[]} strokes
   * @param {number} wall epoch ms
   * @param {number} ratio height of the page by its width
   */
  set(strokes, wall, ratio) {
    if (ratio !== this.#ratio) {
      this.#ratio = ratio;
      this.element.setAttribute("viewBox", `0 0 ${ACROSS} ${Math.round(ACROSS * ratio)}`);
      this.#clear();
    }
    const wanted = new Set(strokes.map(({ id }) => id));
    for (const [id, { drawn }] of this.#drawn) {
      if (wanted.has(id)) continue;
      drawn.remove();
      this.#drawn.delete(id);
      this.#growing.delete(id);
    }
    for (const stroke of strokes) this.#put(stroke, wall);
  }

  /** Time goes on: strokes grow. @param {number} wall epoch ms */
  grow(wall) {
    for (const id of this.#growing) {
      const { stroke, drawn } = /** @type {{stroke: Stroke, drawn: SVGElement}} */ (this.#drawn.get(id));
      this.#trace(stroke, drawn, wall);
    }
  }

  /** @param {Stroke} stroke @param {number} wall */
  #put(stroke, wall) {
    const known = this.#drawn.get(stroke.id);
    if (known?.stroke === stroke && !this.#growing.has(stroke.id)) return;
    const same = known && known.stroke.tool === stroke.tool && known.stroke.at === stroke.at;
    const drawn = same ? known.drawn : this.#begin(stroke);
    if (known && !same) known.drawn.remove();
    this.#drawn.set(stroke.id, { stroke, drawn });
    this.#trace(stroke, drawn, wall);
  }

  /** @param {Stroke} stroke */
  #begin(stroke) {
    const group = make("g", { class: `stroke stroke--${stroke.tool}`, "data-colour": stroke.colour, "data-stroke": stroke.id });
    if (stroke.tool === "text") group.append(this.#write(stroke));
    else {
      const thickness = thicknessOf(stroke);
      group.append(make("path", { class: "stroke__halo", "stroke-width": thickness + 24 }), make("path", { class: "stroke__ink", "stroke-width": thickness }));
    }
    this.element.append(group);
    return group;
  }

  /** @param {Stroke} stroke */
  #write(stroke) {
    const { x, y, height, lines } = textOf(stroke, this.#ratio);
    const text = make("text", { class: "stroke__words", "font-size": height });
    lines.forEach((line, index) => {
      const row = make("tspan", { x, y: Math.round(y + height * (0.9 + 1.3 * index)) });
      row.textContent = line;
      text.append(row);
    });
    return text;
  }

  /** @param {Stroke} stroke @param {SVGElement} drawn @param {number} wall */
  #trace(stroke, drawn, wall) {
    if (growsAfter(stroke, wall)) this.#growing.add(stroke.id);
    else this.#growing.delete(stroke.id);
    if (stroke.tool === "text") return;
    const path = pathOf(stroke, wall, this.#ratio);
    for (const part of drawn.children) part.setAttribute("d", path);
  }

  #clear() {
    for (const { drawn } of this.#drawn.values()) drawn.remove();
    this.#drawn.clear();
    this.#growing.clear();
  }
}
