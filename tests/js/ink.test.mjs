import assert from "node:assert/strict";
import { test } from "node:test";

import { atOnce, InkLine, MOST_POINTS, partsFrom, touched } from "../../static/js/lib/ink.js";

const spotsOf = (points) => Array.from({ length: points.length / 3 }, (_, index) => points.slice(3 * index, 3 * index + 3));

test("a trembling hand draws a smoother line than it moved", () => {
  const rough = (points) => points.slice(2).reduce((sum, [, y], index) => sum + Math.abs(y - 2 * points[index + 1][1] + points[index][1]), 0);
  const line = new InkLine({ x: 0, y: 5000 });
  const hand = [[0, 5000, 0]];
  for (let step = 1; step <= 60; step += 1) {
    const spot = { x: 40 * step, y: 5000 + (step % 2 ? 30 : -30) };
    hand.push([spot.x, spot.y, 8 * step]);
    line.move(spot, 8 * step);
  }
  line.end();
  const drawn = spotsOf(line.points);
  assert.ok(rough(drawn) < 0.55 * rough(hand), `${rough(drawn)} of ${rough(hand)}`);
  assert.deepEqual(drawn.at(-1), hand.at(-1), "it ends where the hand was lifted");
  assert.deepEqual(drawn[0], hand[0]);
});

test("a hand that rests leaves no points, and time never goes back", () => {
  const line = new InkLine({ x: 100, y: 100 });
  for (let ms = 0; ms < 1000; ms += 8) line.move({ x: 100 + (ms % 3), y: 100 }, ms);
  assert.equal(line.points.length, 3);
  line.move({ x: 900, y: 900 }, 1000);
  line.move({ x: 1800, y: 900 }, 990);
  const moments = spotsOf(line.points).map(([, , ms]) => ms);
  assert.deepEqual(moments, [...moments].sort((one, other) => one - other));
  assert.ok(line.points.every(Number.isInteger));
});

test("a touch is a dot", () => {
  const line = new InkLine({ x: 5, y: 6 });
  line.end();
  assert.deepEqual(line.points, [5, 6, 0]);
});

test("parts hold every point once, counted from their own first", () => {
  const points = Array.from({ length: 3 * (MOST_POINTS + 5) }, (_, index) => (index % 3 === 2 ? (index - 2) / 3 : index % 7));
  const parts = partsFrom(points, 0);
  assert.deepEqual(parts.map((part) => part.points.length / 3), [MOST_POINTS, 5]);
  assert.deepEqual(parts.map((part) => [part.ms, part.points[2]]), [[0, 0], [MOST_POINTS, 0]]);
  const again = parts.flatMap((part) => part.points.map((value, index) => (index % 3 === 2 ? value + part.ms : value)));
  assert.deepEqual(again, points);
  assert.deepEqual(partsFrom(points, points.length), []);
  assert.deepEqual(atOnce([1, 2, 3, 4, 5, 6]), [1, 2, 0, 4, 5, 0]);
});

const stroke = (id, tool, points, more = {}) => ({ id, tool, colour: "red", width: 3, words: "", at: 0, points, ...more });

test("an eraser takes what it touches: lines, outlines, words, and not what lies within or beside", () => {
  const strokes = [
    stroke("pen", "pen", [1000, 1000, 0, 3000, 1000, 9]),
    stroke("box", "rectangle", [5000, 5000, 0, 9000, 9000, 0]),
    stroke("round", "ellipse", [1000, 5000, 0, 4000, 9000, 0]),
    stroke("words", "text", [6000, 1000, 0], { words: "临界温度" }),
  ];
  const at = (x, y) => touched(strokes, { x, y }, 9 / 16);
  assert.deepEqual(at(2000, 1050), ["pen"]);
  assert.deepEqual(at(2000, 2000), []);
  assert.deepEqual(at(5000, 7000), ["box"]);
  assert.deepEqual(at(7000, 7000), []);
  assert.deepEqual(at(1000, 7000), ["round"]);
  assert.deepEqual(at(2500, 7000), []);
  assert.deepEqual(at(6500, 1200), ["words"]);
  assert.deepEqual(at(8500, 1200), []);
});
