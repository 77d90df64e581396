// Shapes of strokes as SVG path data, as far as they were drawn at a moment. No DOM in here.

/** @typedef {import("./lesson-track.js").Stroke} Stroke */

export const ACROSS = 10_000; // units across the page, in x; a unit is as long in y
const WIDTH_UNIT = ACROSS / 1000; // the width of a stroke is in thousandths of the page
const ROUND = ["pen", "highlighter"];
const DASH_OF_TEXT = 0.55; // width of a letter that is not Chinese, in heights

/** Return the thickness of the line, in units. @param {Stroke} stroke */
export function thicknessOf({ tool, width }) {
  return width * WIDTH_UNIT * (tool === "highlighter" ? 4 : 1);
}

/** Return the height of the letters, in units. @param {Stroke} stroke */
export function letterHeight({ width }) {
  return (18 + 3 * width) * WIDTH_UNIT;
}

/**
 * Return whether more of the stroke comes after `wall`.
 * @param {Stroke} stroke
 * @param {number} wall epoch ms
 */
export function growsAfter({ points, at }, wall) {
  return points.length > 0 && at + points[points.length - 1] > wall;
}

/**
 * @param {Stroke} stroke
 * @param {number} wall epoch ms
 * @param {number} ratio height of the page divided by its width
 * @returns {string} path data; empty before the first point
 */
export function pathOf(stroke, wall, ratio) {
  const spots = spotsUntil(stroke, wall, ratio);
  if (spots.length === 0) return "";
  if (ROUND.includes(stroke.tool)) return curveThrough(spots);
  const [from] = spots;
  const to = spots[spots.length - 1];
  if (stroke.tool === "rectangle") return `M${from.x} ${from.y}H${to.x}V${to.y}H${from.x}Z`;
  if (stroke.tool === "ellipse") return ellipse(from, to);
  const line = `M${from.x} ${from.y}L${to.x} ${to.y}`;
  return stroke.tool === "arrow" ? line + arrowHead(from, to, thicknessOf(stroke)) : line;
}

/**
 * Return the beginning of a text, and the lines that fit on the page.
 * @param {Stroke} stroke
 * @param {number} ratio
 */
export function textOf(stroke, ratio) {
  const [x = 0, y = 0] = stroke.points;
  const height = letterHeight(stroke);
  return { x, y: Math.round(y * ratio), height, lines: linesOf(stroke.words, Math.max(4, (ACROSS - x) / height)) };
}

/**
 * @param {string} words
 * @param {number} room in heights of a letter: a Chinese one is as wide as it is high
 * @returns {string[]}
 */
export function linesOf(words, room) {
  /** @type {string[]} */
  const lines = [];
  for (const paragraph of words.split("\n")) {
    let line = "";
    let length = 0;
    for (const piece of paragraph.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s/gu) ?? []) {
      const wide = widthOf(piece);
      if (line && length + wide > room) {
        lines.push(line.trimEnd());
        line = "";
        length = 0;
      }
      if (!line && piece === " ") continue;
      line += piece;
      length += wide;
    }
    lines.push(line);
  }
  return lines;
}

/** @param {string} piece */
function widthOf(piece) {
  return /[\u2e80-\uffef]/u.test(piece) ? 1 : piece.length * DASH_OF_TEXT;
}

/** @param {Stroke} stroke @param {number} wall @param {number} ratio */
function spotsUntil({ points, at }, wall, ratio) {
  const spots = [];
  for (let index = 0; index + 2 < points.length && at + points[index + 2] <= wall; index += 3) {
    spots.push({ x: points[index], y: Math.round(points[index + 1] * ratio) });
  }
  return spots;
}

/**
 * Return a smooth line from middle to middle, pulled by each point.
 * @param {{x: number, y: number}[]} spots
 */
function curveThrough(spots) {
  const [first] = spots;
  let path = `M${first.x} ${first.y}`;
  if (spots.length === 1) return `${path}h1`; // a dot: the line's ends are round
  for (let index = 1; index < spots.length - 1; index += 1) {
    const { x, y } = spots[index];
    const next = spots[index + 1];
    path += `Q${x} ${y} ${(x + next.x) / 2} ${(y + next.y) / 2}`;
  }
  const last = spots[spots.length - 1];
  return `${path}L${last.x} ${last.y}`;
}

/** @param {{x: number, y: number}} from @param {{x: number, y: number}} to */
function ellipse(from, to) {
  const [rx, ry] = [Math.abs(to.x - from.x) / 2, Math.abs(to.y - from.y) / 2];
  const left = Math.min(from.x, to.x);
  const middle = (from.y + to.y) / 2;
  return `M${left} ${middle}a${rx} ${ry} 0 1 0 ${2 * rx} 0a${rx} ${ry} 0 1 0 ${-2 * rx} 0Z`;
}

/** @param {{x: number, y: number}} from @param {{x: number, y: number}} to @param {number} thickness */
function arrowHead(from, to, thickness) {
  const length = Math.min(Math.hypot(to.x - from.x, to.y - from.y), 120 + 3 * thickness);
  const turn = Math.atan2(to.y - from.y, to.x - from.x);
  const end = (/** @type {number} */ side) => {
    const angle = turn + Math.PI + side * 0.45;
    return `${Math.round(to.x + length * Math.cos(angle))} ${Math.round(to.y + length * Math.sin(angle))}`;
  };
  return `M${end(1)}L${to.x} ${to.y}L${end(-1)}`;
}
