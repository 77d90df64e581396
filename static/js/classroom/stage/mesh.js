// Every page on the stage is connected with every other one. The page that came later calls. A reloaded page counts as another page, and
// the connection to the page before it is closed at once. So does a page that left and came back: its number is another one, and that it was
// away may never be told here.

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
 * @property {(to: string, about: string) => void} say
 * @property {{address: () => Promise<string>, mouth: string, ear: string}} line the way of voices by the server, and its worklets
 * @property {() => void} onChange
 * @property {(page: string, word: import("./peer.js").Word) => void} [onWord]
 */

const PATIENCE_MS = 8000; // time without a connection after which the call begins anew
const PATIENCE_BY_LINE_MS = 20_000; // she is heard meanwhile
const LOOK_MS = 500;
const LAST_WORDS_MS = 600; // what somebody said before she was put down takes 0.1 to 0.4 s to get here

export class Mesh {
  /** @type {Map<string, {peer: Peer, turn: number, since: number}>} by page; turn: number of the call, later ones are larger */
  #peers = new Map();
  /** Whether there is another way than by the server, by page. @type {Map<string, VoiceNeed>} */
  #needs = new Map();
  /** Pages that have left the stage and whose last words are on their way. @type {Map<string, ReturnType<typeof setTimeout>>} */
  #leaving = new Map();
  /** @type {VoiceLine | null} */
  #line = null;
  #lines = FULL_LINES;
  /** @type {Member[]} */
  #members = [];
  /** Number by which this page came. */
  #number = 0;
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

  /** What another page on the stage says to this one; the server has made sure that it is there. @param {Signal} signal */
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
    if (isNew && said.sdp?.type !== "offer") return; // of a connection that was given up
    if (isNew) this.#begin({ page: from, key, name, host, number }, turn);
    const its = this.#peers.get(from);
    if (!its || its.turn !== turn) return;
    its.peer.negotiation?.take(said).catch(() => { its.since = -Infinity; }); // begun anew at the next look
  }

  /** @param {Tracks} tracks */
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
   * @param {import("./peer.js").Who} who
   * @param {number | null} theirs number of the call that has come; null: this page calls
   */
  #begin(who, theirs) {
    const calls = theirs === null;
    const turn = theirs ?? Math.max(Date.now(), (this.#peers.get(who.page)?.turn ?? 0) + 1); // also newer than a call of which nothing is known here any more
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

  /** Her page has left the stage. @param {string} page */
  #hearOut(page) {
    if (!this.#leaving.has(page)) this.#leaving.set(page, setTimeout(() => this.#forget(page), LAST_WORDS_MS));
  }

  /** @param {string} page @returns {boolean} whether only her last words are waited for */
  isLeaving(page) {
    return this.#leaving.has(page);
  }

  /** @param {string} page */
  #forget(page) {
    clearTimeout(this.#leaving.get(page));
    this.#leaving.delete(page);
    this.#drop(page);
    this.#needs.delete(page);
    this.#turnTo(this.#byLine.filter((one) => one !== page));
  }

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

  get #byLine() {
    return [...this.#peers].filter(([, { peer }]) => peer.line).map(([page]) => page);
  }

  /** Talk with these pages by way of the server, and with no others. @param {string[]} pages */
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
