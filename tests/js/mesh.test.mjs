import assert from "node:assert/strict";
import { test } from "node:test";

/** A connection that only keeps whether it was closed: which ones there are is what the mesh decides. */
class Connection {
  static all = [];
  connectionState = "new";
  isClosed = false;
  constructor() { Connection.all.push(this); }
  createDataChannel() { return {}; }
  addTransceiver() { return { sender: {} }; }
  getReceivers() { return []; }
  close() { this.isClosed = true; }
}
globalThis.RTCPeerConnection = Connection;
const { Mesh } = await import("../../static/js/classroom/stage/mesh.js");

const member = (page, number, host = false) => ({ page, key: page, name: page, host, number, muted: false, way: "voice", until_ms: 0 });
const open = () => Connection.all.filter(({ isClosed }) => !isClosed).length;

function meshOf(page) {
  Connection.all = [];
  return new Mesh({ page, ice: [], say: () => undefined, line: {}, onChange: () => undefined }, { voice: null, picture: null });
}

test("the page that came later calls, once", () => {
  const mesh = meshOf("learner");
  for (let times = 0; times < 3; times += 1) mesh.meet([member("studio", 1, true), member("learner", 2)]);
  assert.deepEqual([open(), Connection.all.length, mesh.peer("studio").world.calls], [1, 1, true]);
  mesh.close();
  assert.equal(open(), 0);
});

test("a page that left and came back is met anew, also where its absence was never told", () => {
  const mesh = meshOf("learner");
  mesh.meet([member("studio", 1, true), member("learner", 2)]);
  mesh.meet([member("studio", 3, true), member("learner", 2)]);
  assert.deepEqual([open(), mesh.peer("studio")], [0, null], "the studio is the later one now, and calls");
  mesh.hear({ from: "studio", key: "studio", name: "studio", host: true, number: 3, about: JSON.stringify({ turn: 1, sdp: { type: "offer" } }) });
  mesh.meet([member("studio", 1, true), member("learner", 2)]); // what was known before is looked at once more
  assert.deepEqual([open(), mesh.peer("studio").world.calls], [1, false]);
  mesh.close();
});

test("a studio that comes back calls everybody anew", () => {
  const mesh = meshOf("studio");
  mesh.meet([member("studio", 1, true), member("learner", 2)]);
  mesh.hear({ from: "learner", key: "learner", name: "learner", host: false, number: 2, about: JSON.stringify({ turn: 1, sdp: { type: "offer" } }) });
  mesh.meet([member("studio", 3, true), member("learner", 2)]);
  assert.deepEqual([open(), Connection.all.length, mesh.peer("learner").world.calls], [1, 2, true]);
  mesh.close();
});
