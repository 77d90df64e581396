import assert from "node:assert/strict";
import { test } from "node:test";
import { Negotiation } from "../../static/js/lib/negotiation.js";

/** A connection that knows no more than the states of JSEP. */
class Connection {
  signalingState = "stable";
  localDescription = null;
  remote = null;
  candidates = [];
  number = 0;

  constructor(name) {
    this.name = name;
  }

  async setLocalDescription() {
    await undefined;
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.localDescription = { type, sdp: `${this.name}${(this.number += 1)}` };
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
  }

  async setRemoteDescription(description) {
    await undefined;
    if (description.type === "answer" && this.signalingState !== "have-local-offer") throw new Error("an answer to nothing");
    this.remote = description; // an own offer is rolled back
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
  }

  async addIceCandidate(candidate) {
    if (!this.remote) throw new Error("candidates before any description");
    this.candidates.push(candidate);
  }

  close() {
    this.signalingState = "closed";
  }
}

function pair(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const line = { toA: [], toB: [], first: [] };
  const [a, b] = [new Connection("a"), new Connection("b")];
  const one = new Negotiation(a, { isPolite: false, say: (said) => line.toB.push(structuredClone(said)), onFirstOffer: () => line.first.push("a") });
  const other = new Negotiation(b, { isPolite: true, say: (said) => line.toA.push(structuredClone(said)), onFirstOffer: () => line.first.push("b") });
  const carry = async () => {
    for (let turn = 0; turn < 30; turn += 1) {
      await new Promise((resolve) => { setImmediate(resolve); });
      const [forB, forA] = [line.toB.splice(0), line.toA.splice(0)];
      for (const said of forB) await other.take(said);
      for (const said of forA) await one.take(said);
    }
  };
  return { a, b, one, other, line, carry };
}

test("an offer is answered, and the tracks of the one who answers join before", async (t) => {
  const { a, b, line, carry } = pair(t);
  a.onnegotiationneeded();
  await carry();
  assert.deepEqual([a.signalingState, b.signalingState], ["stable", "stable"]);
  assert.deepEqual([a.remote, b.remote], [{ type: "answer", sdp: "b1" }, { type: "offer", sdp: "a1" }]);
  a.onnegotiationneeded();
  await carry();
  assert.deepEqual(line.first, ["b"], "once");
});

test("when both offer at the same moment, the polite one gives way and both are connected", async (t) => {
  const { a, b, carry } = pair(t);
  a.onnegotiationneeded();
  b.onnegotiationneeded();
  await carry();
  assert.deepEqual([a.signalingState, b.signalingState], ["stable", "stable"]);
  assert.equal(b.remote.type, "offer");
  assert.equal(a.remote.type, "answer");
});

test("candidates of a moment go as one, and after the description that they belong to", async (t) => {
  const { a, b, line, carry } = pair(t);
  a.onnegotiationneeded();
  for (const candidate of ["host", "relay"]) a.onicecandidate({ candidate });
  a.onicecandidate({ candidate: null });
  await new Promise((resolve) => { setImmediate(resolve); });
  t.mock.timers.tick(100);
  assert.deepEqual(line.toB.map((said) => Object.keys(said)), [["sdp"], ["candidates"]]);
  await carry();
  assert.deepEqual(b.candidates, ["host", "relay"]);
});

test("a connection that was closed says nothing any more", async (t) => {
  const { a, one, line, carry } = pair(t);
  const offers = a.onnegotiationneeded;
  a.onicecandidate({ candidate: "late" });
  one.close();
  offers();
  t.mock.timers.tick(1000);
  await carry();
  assert.deepEqual(line.toB, []);
});
