import assert from "node:assert/strict";
import { test } from "node:test";

/** As much of the Web Audio API as the way by the server touches before it is open. */
globalThis.AudioContext = class {
  audioWorklet = { addModule: () => new Promise(() => undefined) };
  resume() {}
  close() {}
};
globalThis.BiquadFilterNode = class { connect() {} };

const { Mesh } = await import("../../static/js/classroom/stage/mesh.js");

const member = (page, number, host = false) => ({ page, key: page, name: page, host, number, muted: false, way: "voice", until_ms: 0 });

test("a browser without WebRTC takes the way by the server at once, and asks the other page for it", () => {
  const said = [];
  let addresses = 0;
  const line = { mouth: "", ear: "", address: () => { addresses += 1; return new Promise(() => undefined); } };
  const mesh = new Mesh({ page: "mine", ice: [], line, say: (to, about) => said.push([to, JSON.parse(about).voice]), onChange: () => undefined }, { voice: null, picture: null });
  mesh.meet([member("studio", 1, true), member("mine", 2)]);
  assert.equal(addresses, 1);
  assert.deepEqual(said, [["studio", true]]);
  mesh.close();
});
