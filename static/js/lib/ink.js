// Strokes of a hand: made smooth, without points that nobody would see, and cut into parts. No DOM in here.

/** @typedef {import("./lesson-track.js").Stroke} Stroke */
/** @typedef {import("./lesson-track.js").Spot} Spot */

const NEAR = 18; // in 1/10000 of the page: closer points become one
const FOLLOW = 0.55; // share of the way to the hand that the line goes at once: less is smoother, and lags more
export const MOST_POINTS = 200; // of a part

/** One line while it is drawn. */
export class InkLine {
  /** @type {number[]} x, y, ms of each */
  points = [];
  /** @type {Spot} */
  #pen;
  /** @type {{x: number, y: number, ms: number}} where the hand is */
  #hand;

  /** @param {Spot} spot where it begins, at 0 ms */
  constructor(spot) {
    this.#pen = spot;
    this.#hand = { ...spot, ms: 0 };
    this.points.push(spot.x, spot.y, 0);
  }

  /** @param {Spot} spot @param {number} ms since the beginning */
  move(spot, ms) {
    this.#hand = { ...spot, ms: Math.max(ms, this.#hand.ms) };
    this.#pen = { x: this.#pen.x + (spot.x - this.#pen.x) * FOLLOW, y: this.#pen.y + (spot.y - this.#pen.y) * FOLLOW };
    const [x, y] = this.points.slice(-3);
    if (Math.hypot(this.#pen.x - x, this.#pen.y - y) >= NEAR) this.#add(this.#pen);
  }

  /** End the line where the hand was lifted. */
  end() {
    const [x, y] = this.points.slice(-3);
    if (x !== this.#hand.x || y !== this.#hand.y) this.#add(this.#hand);
  }

  /** @param {Spot} spot */
  #add({ x, y }) {
    this.points.push(Math.round(x), Math.round(y), Math.round(this.#hand.ms));
  }
}

/**
 * Return the points of a stroke as parts to send: each with the ms of its first point, and its points counted from
 * there.
 * @param {number[]} points
 * @param {number} from index of the first unsent number
 * @returns {{ms: number, points: number[]}[]}
 */
export function partsFrom(points, from) {
  const parts = [];
  for (let index = from; index < points.length; index += 3 * MOST_POINTS) {
    const some = points.slice(index, index + 3 * MOST_POINTS);
    const ms = index === 0 ? 0 : some[2];
    parts.push({ ms, points: some.map((value, at) => (at % 3 === 2 ? value - ms : value)) });
  }
  return parts;
}

/** Return the same stroke, drawn all at once. @param {number[]} points */
export function atOnce(points) {
  return points.map((value, index) => (index % 3 === 2 ? 0 : value));
}

/**
 * Return the strokes that an eraser touches.
 * @param {readonly Stroke[]} strokes
 * @param {Spot} spot
 * @param {number} ratio height of the page divided by its width
 * @param {number} [reach] in 1/10000 of the page's width
 * @returns {string[]} their names
 */
export function touched(strokes, spot, ratio, reach = 110) {
  const at = { x: spot.x, y: spot.y * ratio };
  return strokes.filter((stroke) => distanceTo(stroke, at, ratio) <= reach + 5 * stroke.width * (stroke.tool === "highlighter" ? 4 : 1)).map(({ id }) => id);
}

/** @param {Stroke} stroke @param {Spot} at in units of x @param {number} ratio */
function distanceTo(stroke, at, ratio) {
  const spots = [];
  for (let index = 0; index + 2 < stroke.points.length; index += 3) spots.push({ x: stroke.points[index], y: stroke.points[index + 1] * ratio });
  if (stroke.tool === "text") return distanceToWords(stroke, spots[0], at);
  return distanceToLine(outlineOf(stroke.tool, spots), at);
}

/** @param {Stroke["tool"]} tool @param {Spot[]} spots @returns {Spot[]} */
function outlineOf(tool, spots) {
  const [from, to] = [spots[0], spots[spots.length - 1]];
  if (tool === "rectangle") return [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }, from];
  if (tool !== "ellipse") return spots;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const [rx, ry] = [Math.abs(to.x - from.x) / 2, Math.abs(to.y - from.y) / 2];
  return Array.from({ length: 33 }, (_, index) => {
    const angle = (index * Math.PI) / 16;
    return { x: middle.x + rx * Math.cos(angle), y: middle.y + ry * Math.sin(angle) };
  });
}

/** @param {Spot[]} spots @param {Spot} at */
function distanceToLine(spots, at) {
  let least = Math.hypot(at.x - spots[0].x, at.y - spots[0].y);
  for (let index = 1; index < spots.length; index += 1) {
    const [from, to] = [spots[index - 1], spots[index]];
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy;
    const part = length ? Math.min(1, Math.max(0, ((at.x - from.x) * dx + (at.y - from.y) * dy) / length)) : 0;
    least = Math.min(least, Math.hypot(at.x - from.x - part * dx, at.y - from.y - part * dy));
  }
  return least;
}

/** @param {Stroke} stroke @param {Spot} from @param {Spot} at */
function distanceToWords({ words, width }, from, at) {
  const height = (18 + 3 * width) * 10;
  const wide = [...words].reduce((sum, letter) => sum + (/[\u2e80-\uffef]/u.test(letter) ? 1 : 0.55), 0) * height;
  const dx = Math.max(from.x - at.x, 0, at.x - from.x - wide);
  const dy = Math.max(from.y - at.y, 0, at.y - from.y - 1.3 * height);
  return Math.hypot(dx, dy);
}
