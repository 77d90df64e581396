import assert from "node:assert/strict";
import { test } from "node:test";

/** A canvas that keeps what is drawn on it: pictures with their opacity, and words. */
class Canvas {
  width = 1280;
  height = 720;
  drawn = [];
  getContext() {
    const { drawn } = this;
    const pen = { globalAlpha: 1, measureText: () => ({ width: 10 }), drawImage: (picture) => drawn.push([picture, pen.globalAlpha]), fillText: (words) => drawn.push(words) };
    return new Proxy(pen, { get: (_pen, name) => pen[name] ?? (() => undefined) });
  }
}
globalThis.OffscreenCanvas = Canvas;
const { Composer } = await import("../../static/js/classroom/sending/composer.js");

test("the last picture of a speaker whose line broke stays, darkened behind her name; of one who hides her face nothing stays", () => {
  const canvas = new Canvas();
  const composer = new Composer(canvas, { subject: "", name: "" });
  const draw = (now) => {
    canvas.drawn.length = 0;
    composer.draw(now, true);
    return canvas.drawn;
  };
  const seat = (isLost) => composer.seat([{ page: "one", name: "张三", isLost }], "side");
  seat(false);
  const picture = {};
  composer.show("one", { picture, size: [640, 360], count: 1, at: 1, close: () => undefined });
  for (const now of [0, 1000, 2000]) assert.ok(draw(now).some(([one, opacity]) => one === picture && opacity === 1));
  composer.show("one", null);
  assert.deepEqual(draw(3000).filter(Array.isArray), []);
  seat(true);
  const lost = draw(4000);
  assert.ok(lost.some(([one, opacity]) => one instanceof Canvas && opacity < 0.5), "her last picture");
  assert.ok(lost.includes("张三"));
});
