// Everybody on the stage is connected with everybody else. Whoever came later calls; a page that came back is another page, and
// the connection to the one before is closed at once.

import { Peer } from "./peer.js";

/**
 * @typedef {import("./peer.js").Tracks} Tracks
 * @typedef {{page: string, key: string, name: string, host: boolean, number: number, muted: boolean, way: string, until_ms: number}} Member
 * @typedef {{from: string, key: string, name: string, host: boolean, number: number, about: string}} Signal
 * @typedef {object} World
 * @property {string} page name of this page
 * @property {RTCIceServer[]} ice
 * @property {(to: string, about: string) => void} say
 * @property {() => void} onChange
 * @property {(page: string, word: import("./peer.js").Word) => void} [onWord]
 */

const PATIENCE_MS = 8000; // without a connection for so long: once more, from the beginning
const LOOK_MS = 500;

export class Mesh {
  /** @type {Map<string, {peer: Peer, turn: number, since: number}>} by page; turn: number of the call, later ones are larger */
  #peers = new Map();
  /** @type {Member[]} */
  #members = [];
  #pulse;

  /**
   * @param {World} world
   * @param {Tracks} tracks what the others get of this page
   */
  constructor(world, tracks) {
    this.world = world;
    this.tracks = tracks;
    this.#pulse = setInterval(() => this.#look(), LOOK_MS);
  }

  /** @returns {Peer[]} the host first, then in the order in which they came */
  get peers() {
    const order = (/** @type {Peer} */ { who }) => (who.host ? -1 : who.number);
    return [...this.#peers.values()].map(({ peer }) => peer).sort((one, other) => order(one) - order(other));
  }

  /** @param {string} page */
  peer(page) {
    return this.#peers.get(page)?.peer ?? null;
  }

  get #me() {
    return this.#members.find(({ page }) => page === this.world.page);
  }

  /** Who is on the stage now. @param {Member[]} members */
  meet(members) {
    this.#members = members.filter(({ page }) => page !== "");
    const me = this.#me;
    const pages = new Set(this.#members.map(({ page }) => page));
    for (const page of this.#peers.keys()) if (!pages.has(page)) this.#drop(page);
    if (!me) return;
    for (const member of this.#members) {
      if (member.page !== me.page && !this.#peers.has(member.page) && me.number > member.number) this.#begin(member, null);
    }
  }

  /** What another page on the stage says to this one; the server has made sure that it is there. @param {Signal} signal */
  hear({ from, key, name, host, number, about }) {
    const { turn, ...said } = JSON.parse(about);
    const known = this.#peers.get(from);
    const isNew = !known || (turn > known.turn && !known.peer.world.calls);
    if (isNew && said.sdp?.type !== "offer") return; // of a connection that was given up
    if (isNew) this.#begin({ page: from, key, name, host, number }, turn);
    const its = this.#peers.get(from);
    if (!its || its.turn !== turn) return;
    its.peer.negotiation.take(said).catch(() => { its.since = -Infinity; }); // begun anew at the next look
  }

  /** @param {Tracks} tracks */
  replace(tracks) {
    if (tracks.voice === this.tracks.voice && tracks.picture === this.tracks.picture) return;
    this.tracks = tracks;
    for (const { peer } of this.#peers.values()) peer.replace(tracks);
  }

  /**
   * @param {import("./peer.js").Who} who
   * @param {number | null} theirs number of the call that has come; null: this page calls
   */
  #begin(who, theirs) {
    const calls = theirs === null;
    const turn = theirs ?? Math.max(Date.now(), (this.#peers.get(who.page)?.turn ?? 0) + 1); // also newer than a call of which nothing is known here any more
    this.#drop(who.page);
    const me = this.#me;
    const peer = new Peer(who, {
      calls, ice: this.world.ice, tracks: this.tracks,
      isPolite: who.host || (!me?.host && (me?.number ?? 0) > who.number),
      say: (said) => this.world.say(who.page, JSON.stringify({ turn, ...said })),
      onWord: (word) => this.world.onWord?.(who.page, word),
      onChange: () => this.world.onChange(),
    });
    this.#peers.set(who.page, { peer, turn, since: performance.now() });
    this.world.onChange();
  }

  /** @param {string} page */
  #drop(page) {
    const its = this.#peers.get(page);
    this.#peers.delete(page);
    its?.peer.close();
    if (its) this.world.onChange();
  }

  #look() {
    const now = performance.now();
    for (const its of this.#peers.values()) {
      const { peer } = its;
      if (peer.isConnected) its.since = now;
      else if (now - its.since > PATIENCE_MS && peer.world.calls) this.#begin(peer.who, null);
    }
  }

  close() {
    clearInterval(this.#pulse);
    for (const page of [...this.#peers.keys()]) this.#drop(page);
  }
}
