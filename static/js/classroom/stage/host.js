// <stage-host>: the studio as the camera of the stage. While somebody has the floor and this page sends, it connects to the speakers,
// mixes their voices and pictures into the sent picture and sound, and reports to each of them every second whether she is part of it. While
// an encoder sends, the server mixes their voices into its sound, once the presenter has asked for that.

import { pageName } from "../../lib/page-name.js";
import { FULL_LINES, linesAt } from "../../lib/stage-ease.js";
import { whyNot } from "../../lib/stage-lamp.js";
import { ask } from "../engine/lesson-events.js";
import { partsOf, show } from "../engine/parts.js";
import { BesideEncoder } from "./beside-encoder.js";
import { Mesh } from "./mesh.js";
import { followStage, lineOf, roomOf } from "./stage-data.js";

/** @typedef {import("./mesh.js").Member} Member */

const TELL_MS = 1000; // between two reports to a speaker
const LISTEN_MS = 100; // between two looks at the meters, each of which covers 0.17 s
const EMPTY_MS = 5000; // without a speaker, before this page leaves the stage: the next speaker is often called soon
const AGAIN_MS = 2000; // between two tries to enter the stage
const LIVE = ["on_air", "interrupted"]; // states in which a studio must send; in a pause none sends, and that is no fault

class StageHost extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);
  /** @type {import("./stage-data.js").Stage | null} */
  #stage = null;
  /** @type {Mesh | null} */
  #mesh = null;
  /** The programme while an encoder sends. `null` means that this page sends its own, or nothing. @type {BesideEncoder | null} */
  #beside = null;
  #isEntering = false;
  #triedAt = -Infinity; // last try to enter, ms of performance.now()
  #emptySince = Infinity; // nobody has needed the stage since then; Infinity means that somebody does
  #lesson = ""; // state of the lesson
  #isRecorded = false;
  /** By page: loudest level at her microphone (said) and in the mixer (heard) since the last report to her, 0 to 1. @type {Map<string, {said: number, heard: number}>} */
  #levels = new Map();
  /** Speakers in the sent picture, as they were last drawn. @type {import("../sending/sending.js").Guest[]} */
  #guests = [];
  /** The element that plays each speaker: a browser gives WebAudio no sound of a voice that no element plays. @type {Map<string, HTMLAudioElement>} */
  #speakers = new Map();
  /** @type {ReturnType<typeof setInterval>[]} */
  #pulses = [];

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const room = roomOf(this);
    this.#lesson = room.dataset.state ?? "";
    this.#isRecorded = this.dataset.recording === "true";
    followStage(this, signal, {
      onStage: (stage) => this.#take(stage),
      onSignal: (said) => this.#mesh?.hear(said),
      onState: (data) => { [this.#lesson, this.#isRecorded] = [data.state, data.recording]; this.#judge(); },
    });
    this.#sender?.addEventListener("sender:change", () => this.#judge(), { signal });
    this.#part("talk-beside")?.addEventListener("click", () => this.#talkBeside(), { signal });
    window.addEventListener("pagehide", () => this.#close(), { signal }); // or speakers would take it for connected for seconds
    for (const button of this.querySelectorAll("[data-takes-over]")) button.addEventListener("click", () => roomOf(this).dispatchEvent(new Event("stage:take-over")), { signal });
    this.#pulses = [
      setInterval(() => { this.#tellAll(); this.#judge(); }, TELL_MS),
      setInterval(() => this.#listen(), LISTEN_MS),
    ];
  }

  disconnectedCallback() {
    this.#leave.abort();
    for (const pulse of this.#pulses) clearInterval(pulse);
    this.#close();
    this.#beside?.close();
    this.#beside = null;
  }

  /** @returns {import("../sending/lesson-sender.js").LessonSender | null} */
  get #sender() {
    return roomOf(this).querySelector("lesson-sender");
  }

  /** The programme that takes the speakers' voices. */
  get #programme() {
    return this.#beside ?? this.#sender?.programme ?? null;
  }

  /** Have the server mix the speakers' voices into the encoder's sound. */
  #talkBeside() {
    this.#beside ??= new BesideEncoder(lineOf(this, true));
    this.#beside.addEventListener("change", () => this.#refresh());
    this.#beside.open(); // now: a browser opens sound only while a press is handled
    this.#judge();
  }

  /** Learners who were called and accepted, or are on the stage already. @returns {Member[]} */
  get #called() {
    return this.#stage?.members.filter(({ host, page, way }) => !host && (page || way)) ?? [];
  }

  get #isOver() {
    return ["ended", "cancelled"].includes(this.#lesson);
  }

  /** @param {import("./stage-data.js").Stage} stage */
  #take(stage) {
    if (stage.version < (this.#stage?.version ?? 0)) return; // overtaken
    this.#stage = stage;
    this.#judge();
  }

  /** Enter the stage, leave it, or connect with those who are there, as members and lesson require. */
  #judge() {
    if (!this.#stage) return;
    const now = performance.now();
    const isCalled = this.#called.length > 0 && !this.#isOver;
    const isWanted = isCalled || (this.#stage.free && LIVE.includes(this.#lesson)); // so that the studio is there before the next speaker
    if (this.#sender?.busy) this.#takeIn();
    const sends = this.#beside !== null || (this.#sender?.busy ?? false);
    show(this.#part("no-sender"), isCalled && !sends && LIVE.includes(this.#lesson));
    this.#describeBeside();
    this.#emptySince = isWanted ? Infinity : Math.min(this.#emptySince, now);
    if (this.#mesh) {
      this.#mesh.meet(this.#stage.members);
      this.#ease(linesAt(this.#sender?.programme?.figures.rung ?? 0));
      const hosts = this.#stage.members.filter(({ host }) => host);
      if (!hosts.some(({ page }) => page === pageName)) this.#close(); // another window is the host, or the server has given this one up
      else if (!sends || this.#isOver || now - this.#emptySince > EMPTY_MS) this.#goOff();
      else this.#refresh();
    } else if (isWanted && sends) this.#enter();
    else if (!isWanted) this.#beside?.rest(); // nobody came
  }

  /** This page sends now: its own mixer takes the speakers' voices. */
  #takeIn() {
    this.#beside?.close();
    this.#beside = null;
  }

  /** Say how the speakers' voices reach the lesson while an encoder sends. */
  #describeBeside() {
    const note = this.#part("beside-words");
    const { isDeaf = false, isApart = false, state = "" } = this.#beside ?? {};
    const words = (isDeaf ? note?.dataset.deaf : isApart ? note?.dataset.apart : state === "sending" ? note?.dataset.mixes : note?.dataset.waits) ?? "";
    if (note && note.textContent !== words) note.textContent = words;
    show(this.#part("beside"), this.#mesh !== null && this.#beside !== null);
  }

  async #enter() {
    const now = performance.now();
    if (this.#isEntering || now - this.#triedAt < AGAIN_MS) return;
    this.#isEntering = true;
    this.#triedAt = now;
    try {
      const entered = await ask(this, "stage.enter", { host: true });
      if (!this.isConnected || !this.#programme) return;
      this.#beside?.begin();
      const say = (/** @type {string} */ to, /** @type {string} */ about) => { ask(this, "stage.signal", { to, about }).catch(() => undefined); };
      this.#mesh = new Mesh({ page: pageName, ice: entered.ice, say, line: lineOf(this), onChange: () => this.#refresh(), onWord: (page, word) => this.#hear(page, word) }, this.#own);
      this.#take(entered);
    } catch {
      // The line is down, or the lesson is over. `#judge` tries again while the studio is needed.
    } finally {
      this.#isEntering = false;
    }
  }

  #goOff() {
    this.#close();
    ask(this, "stage.leave", {}).catch(() => undefined);
  }

  #close() {
    this.#mesh?.close();
    this.#mesh = null;
    this.#programme?.seat([], this.#arrangement);
    this.#beside?.rest();
    this.#guests = [];
    for (const page of [...this.#speakers.keys()]) this.#silence(page);
    this.#levels.clear();
    for (const part of ["by-line", "lost"]) this.#name(part, []);
    this.#ease(FULL_LINES);
  }

  /** Set the height of speakers' pictures that this computer and its line can carry. @param {number} lines */
  #ease(lines) {
    this.#mesh?.limit(this.#beside ? 0 : lines); // an encoder's picture has no place for theirs
    const note = this.#part("eased");
    const words = (lines === 0 ? note?.dataset.voice : note?.dataset.small) ?? "";
    if (note && note.textContent !== words) note.textContent = words;
    show(note, this.#called.length > 0 && lines < FULL_LINES);
  }

  get #arrangement() {
    return this.#stage?.layout ?? "side";
  }

  /** Tracks that this page sends to the speakers: the desktop or else the camera, and all sound except the speakers' own. */
  get #own() {
    const programme = this.#programme;
    const { screen = null, camera = null } = programme?.sources ?? {};
    return { voice: programme?.mixer.talkTrack ?? null, picture: screen ?? camera };
  }

  /** Show and play the connected speakers in the sent picture, and name those who are connecting. */
  #refresh() {
    const programme = this.#programme;
    if (!this.#mesh || !programme || !this.#stage) return;
    this.#mesh.replace(this.#own);
    /** @type {import("../sending/sending.js").Guest[]} */
    const guests = [];
    for (const { page, name, muted } of this.#stage.members) {
      const peer = page ? this.#mesh.peer(page) : null;
      if (!peer) continue;
      const { voice, picture } = peer.tracks;
      guests.push({ page, name, voice, picture, isMuted: muted, isLeaving: false, isLost: !peer.isReached });
      if (voice) this.#play(page, voice, muted);
    }
    for (const before of this.#guests) {
      const peer = this.#mesh.isLeaving(before.page) ? this.#mesh.peer(before.page) : null;
      if (peer) guests.push({ ...before, voice: peer.tracks.voice, picture: null, isLeaving: true });
    }
    this.#guests = guests;
    for (const page of this.#speakers.keys()) if (!guests.some((one) => one.page === page && one.voice)) this.#silence(page);
    programme.seat(guests, this.#arrangement);
    this.#name("by-line", this.#mesh.heardByLine);
    this.#name("lost", this.#mesh.lost);
  }

  /**
   * Say by name of whom a note is true, if of anybody.
   * @param {string} part the note
   * @param {import("./peer.js").Peer[]} peers
   */
  #name(part, peers) {
    const note = this.#part(part);
    const names = new Intl.ListFormat(document.documentElement.lang).format(peers.map(({ who }) => who.name));
    const words = (note?.dataset.words ?? "").replace("{names}", names);
    if (note && note.textContent !== words) note.textContent = words;
    show(note, peers.length > 0);
  }

  /** Play a voice, which WebAudio needs in order to mix it. @param {string} page @param {MediaStreamTrack} voice @param {boolean} isMuted */
  #play(page, voice, isMuted) {
    const speaker = this.#speakers.get(page) ?? new Audio();
    this.#speakers.set(page, speaker);
    speaker.muted = isMuted;
    const playing = /** @type {MediaStream | null} */ (speaker.srcObject)?.getAudioTracks()[0];
    if (playing === voice) return;
    speaker.srcObject = new MediaStream([voice]);
    speaker.play().catch(() => undefined); // not allowed here: the voice is sent all the same
  }

  /** @param {string} page */
  #silence(page) {
    const speaker = this.#speakers.get(page);
    if (speaker) speaker.srcObject = null;
    this.#speakers.delete(page);
  }

  /** Take a message of a speaker. @param {string} page @param {import("./peer.js").Word} word */
  #hear(page, { level }) {
    if (level !== undefined) this.#levelsOf(page).said = level;
  }

  /** @param {string} page */
  #levelsOf(page) {
    const levels = this.#levels.get(page) ?? { said: 0, heard: 0 };
    this.#levels.set(page, levels);
    return levels;
  }

  /** Keep the loudest level of each speaker in the mixer. */
  #listen() {
    const mixer = this.#programme?.mixer;
    if (!this.#mesh || !mixer) return;
    for (const { who: { page } } of this.#mesh.peers) {
      const levels = this.#levelsOf(page);
      levels.heard = Math.max(levels.heard, mixer.heardOf(page));
    }
  }

  /** Send each speaker whether she is part of the sent picture and sound. */
  #tellAll() {
    const programme = this.#programme;
    if (!this.#mesh || !programme || !this.#stage) return;
    for (const peer of this.#mesh.peers) {
      const { page } = peer.who;
      const { said, heard } = this.#levelsOf(page);
      const member = this.#stage.members.find((one) => one.page === page);
      const why = whyNot({
        lesson: this.#lesson, sending: programme.state, isAsleep: programme.mixer.isAsleep, isPlugged: programme.mixer.has(page),
        isMuted: member?.muted ?? false, said, heard,
      });
      peer.tell({ lamp: { why, isRecorded: this.#isRecorded } });
      this.#levels.delete(page);
    }
  }
}

customElements.define("stage-host", StageHost);
