// Connects this page with every other page on the stage. The page that came later calls. A page that is reloaded, or leaves and comes
// back, gets another number and counts as another page: the connection to the page before is closed at once. A larger number alone must
// decide that, because the news that the page was away may never arrive here.

import { FULL_LINES } from "../../lib/stage-ease.js";
import { VoiceNeed } from "../../lib/voice-need.js";
import { Peer, canConnect } from "./peer.js";
import { VoiceLine } from "./voice-line.js";

/**
 * @typedef {import("./peer.js").Tracks} Tracks
 * @typedef {{page: string, key: string, name: string, host: boolean, number: number, muted: boolean, way: string, until_ms: number}} Member
 * @typedef {{from: string, key: string, name: string, host: boolean, number: number, about: string}} Signal
 * @typedef {object} World
 * @property {string} page name of this page
 * @property {RTCIceServer[]} ice
 * @property {(to: string, about: string) => void} say sends a signal to a page, by the server
 * @property {{address: () => Promise<string>, mouth: string, ear: string}} line address of voices by the server, and of its two worklets
 * @property {() => void} onChange a peer came, left, or has other tracks
 * @property {(page: string, word: import("./peer.js").Word) => void} [onWord] a message of another page
 */

const PATIENCE_MS = 8000; // time without a connection after which the call begins anew
const PATIENCE_BY_LINE_MS = 20_000; // the same while her voice comes by the server
const LOOK_MS = 500; // between two looks at the connections
const LAST_WORDS_MS = 600; // a speaker's last words arrive 0.1 to 0.4 s after the news that her turn has ended
const LOST_MS = 2500; // a first connection takes 0.6 s, and a look comes twice a second

export class Mesh {
  /** @type {Map<string, {peer: Peer, turn: number, since: number}>} by page; turn: number of the call, later ones are larger */
  #peers = new Map();
  /** By page: whether voices must go by the server, because there is no direct way. @type {Map<string, VoiceNeed>} */
  #needs = new Map();
  /** Pages that have left the stage and whose last words are on their way. @type {Map<string, ReturnType<typeof setTimeout>>} */
  #leaving = new Map();
  /** @type {VoiceLine | null} */
  #line = null;
  #lines = FULL_LINES;
  /** @type {Member[]} */
  #members = [];
  #number = 0; // of this page on the stage; 0 means that it is not there yet
  #pulse;

  /**
   * @param {World} world
   * @param {Tracks} tracks of this page, sent to all others
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

  /** @returns {Peer[]} those whose voices come by way of the server now, and nothing else of them */
  get heardByLine() {
    const now = performance.now();
    return this.peers.filter(({ line, who }) => line && this.#needs.get(who.page)?.isHeard(now));
  }

  /** @returns {Peer[]} those on the stage who are not connected by any way, and have not been for a while */
  get lost() {
    const now = performance.now();
    return this.peers.filter(({ who: { page } }) => !this.isLeaving(page) && (this.#needs.get(page)?.silentMs(now) ?? 0) > LOST_MS);
  }

  /** @param {string} page */
  peer(page) {
    return this.#peers.get(page)?.peer ?? null;
  }

  get #me() {
    return this.#members.find(({ page }) => page === this.world.page);
  }

  /** Connect with the members of the stage, and let go of those who have left. @param {Member[]} members all of them */
  meet(members) {
    this.#members = members.filter(({ page }) => page !== "");
    const me = this.#me;
    const pages = new Set(this.#members.map(({ page }) => page));
    for (const page of [...this.#leaving.keys()]) if (pages.has(page)) this.#forget(page); // she is back, and begins anew
    for (const page of this.#peers.keys()) if (!pages.has(page)) this.#hearOut(page);
    if (!me) return;
    const isBack = this.#number !== 0 && me.number > this.#number;
    this.#number = me.number;
    for (const { page, number } of this.#members) {
      const known = this.peer(page);
      if (known && (isBack || number > known.who.number)) this.#forget(page);
    }
    for (const member of this.#members) {
      if (member.page !== me.page && !this.#peers.has(member.page) && me.number > member.number) this.#begin(member, null);
    }
    if (!canConnect) this.#look(); // by the server from the beginning
  }

  /** Take a signal of another page. The server passes on only signals between pages on the stage. @param {Signal} signal */
  hear({ from, key, name, host, number, about }) {
    const { turn, voice, ...said } = JSON.parse(about);
    const known = this.#peers.get(from);
    if (voice) {
      if (!known) this.#begin({ page: from, key, name, host, number }, turn); // a browser without WebRTC makes no offer
      this.#needs.get(from)?.asked(performance.now());
      this.#look();
      return;
    }
    const isNew = !known || number > known.peer.who.number || (turn > known.turn && !known.peer.world.calls);
    if (isNew && said.sdp?.type !== "offer") return; // it belongs to a connection that was given up
    if (isNew) this.#begin({ page: from, key, name, host, number }, turn);
    const its = this.#peers.get(from);
    if (!its || its.turn !== turn) return;
    its.peer.negotiation?.take(said).catch(() => { its.since = -Infinity; }); // the next look begins the call anew
  }

  /** Send other tracks to all. @param {Tracks} tracks */
  replace(tracks) {
    if (tracks.voice === this.tracks.voice && tracks.picture === this.tracks.picture) return;
    this.tracks = tracks;
    for (const { peer } of this.#peers.values()) peer.replace(tracks);
    this.#line?.replace(tracks.voice);
  }

  /** Set the maximum height of pictures between this page and the others; 0 sends voices alone. @param {number} lines */
  limit(lines) {
    this.#lines = lines;
    for (const { peer } of this.#peers.values()) peer.limit(lines);
  }

  /**
   * Begin a call, in place of the one before.
   * @param {import("./peer.js").Who} who the other page
   * @param {number | null} theirs number of the call that has come. `null` means that this page calls
   */
  #begin(who, theirs) {
    const calls = theirs === null;
    const turn = theirs ?? Math.max(Date.now(), (this.#peers.get(who.page)?.turn ?? 0) + 1); // the time, because this page may have forgotten an earlier call
    const line = this.#peers.get(who.page)?.peer.line ?? null;
    this.#drop(who.page);
    const me = this.#me;
    const peer = new Peer(who, {
      calls, ice: this.world.ice, tracks: this.tracks, lines: this.#lines,
      isPolite: who.host || (!me?.host && (me?.number ?? 0) > who.number),
      say: (said) => this.world.say(who.page, JSON.stringify({ turn, ...said })),
      onWord: (word) => this.world.onWord?.(who.page, word),
      onChange: () => this.world.onChange(),
    });
    const now = performance.now();
    if (!this.#needs.has(who.page)) this.#needs.set(who.page, new VoiceNeed(now, canConnect));
    peer.line = line;
    this.#peers.set(who.page, { peer, turn, since: now });
    this.world.onChange();
  }

  /** @param {string} page */
  #drop(page) {
    const its = this.#peers.get(page);
    this.#peers.delete(page);
    its?.peer.close();
    if (its) this.world.onChange();
  }

  /** Keep the connection of a page that has left the stage until her last words are here. @param {string} page */
  #hearOut(page) {
    if (!this.#leaving.has(page)) this.#leaving.set(page, setTimeout(() => this.#forget(page), LAST_WORDS_MS));
  }

  /** Return whether a page has left and its connection is kept for her last words. @param {string} page */
  isLeaving(page) {
    return this.#leaving.has(page);
  }

  /** Close the connection with a page, and its way by the server. @param {string} page */
  #forget(page) {
    clearTimeout(this.#leaving.get(page));
    this.#leaving.delete(page);
    this.#drop(page);
    this.#needs.delete(page);
    this.#turnTo(this.#byLine.filter((one) => one !== page));
  }

  /** Call again where there is no connection, and choose for each page whether voices go by the server. */
  #look() {
    const now = performance.now();
    for (const its of [...this.#peers.values()]) {
      const { peer } = its;
      if (peer.isConnected) its.since = now;
      else if (!this.isLeaving(peer.who.page) && now - its.since > (peer.line ? PATIENCE_BY_LINE_MS : PATIENCE_MS) && peer.world.calls && canConnect) this.#begin(peer.who, null);
    }
    const byLine = [];
    for (const [page, { peer, turn }] of this.#peers) {
      const need = /** @type {VoiceNeed} */ (this.#needs.get(page));
      if (need.look(peer.isConnected, now)) byLine.push(page);
      if (need.asks(now)) this.world.say(page, JSON.stringify({ turn, voice: true }));
    }
    this.#turnTo(byLine);
  }

  /** Pages whose voices go by the server. */
  get #byLine() {
    return [...this.#peers].filter(([, { peer }]) => peer.line).map(([page]) => page);
  }

  /** Talk by the server with these pages and with no others. @param {string[]} pages */
  #turnTo(pages) {
    const before = this.#byLine;
    if (pages.length > 0) this.#line ??= this.#openLine();
    this.#line?.name(pages);
    for (const [page, { peer }] of this.#peers) peer.line = pages.includes(page) ? this.#line : null;
    if (pages.length === 0) {
      this.#line?.close();
      this.#line = null;
    }
    if (before.join() !== pages.join()) this.world.onChange();
  }

  #openLine() {
    const { line, onChange, onWord } = this.world;
    return new VoiceLine({
      ...line, onChange,
      onPiece: (page) => this.#needs.get(page)?.heard(performance.now()),
      onWord: (page, word) => { if (this.#peers.get(page)?.peer.line) onWord?.(page, word); },
    }, this.tracks.voice);
  }

  close() {
    clearInterval(this.#pulse);
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    for (const page of [...this.#peers.keys()]) this.#drop(page);
    this.#line?.close();
    this.#line = null;
  }
}
