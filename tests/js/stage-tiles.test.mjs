import assert from "node:assert/strict";
import { test } from "node:test";
import { tilesFor } from "../../static/js/lib/stage-tiles.js";

const [WIDTH, HEIGHT] = [1280, 720];
const overlaps = (one, other) => one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;

test("without speakers the presenter fills the picture", () => {
  for (const name of ["side", "large", "strip"]) assert.deepEqual(tilesFor(name, 0, WIDTH, HEIGHT), { main: { x: 0, y: 0, width: WIDTH, height: HEIGHT }, tiles: [] });
});

test("everybody has a place within the picture, and beside the others where nobody is large", () => {
  for (const name of ["side", "large", "strip"]) {
    for (const count of [1, 2, 3, 5]) {
      const { main, tiles } = tilesFor(name, count, WIDTH, HEIGHT);
      assert.equal(tiles.length, count);
      const all = [main, ...tiles];
      for (const { x, y, width, height } of all) assert.ok(x >= 0 && y >= 0 && x + width <= WIDTH && y + height <= HEIGHT, `${name} ${count}`);
      const small = name === "large" ? [main, ...tiles.slice(1)] : all;
      small.forEach((one, at) => small.slice(at + 1).forEach((other) => assert.ok(!overlaps(one, other), `${name} ${count}`)));
    }
  }
});

test("side by side two get half of the width each, and the large one everything", () => {
  assert.deepEqual(tilesFor("side", 1, WIDTH, HEIGHT).tiles, [{ x: 640, y: 180, width: 640, height: 360 }]);
  assert.deepEqual(tilesFor("large", 2, WIDTH, HEIGHT).tiles[0], { x: 0, y: 0, width: WIDTH, height: HEIGHT });
});
