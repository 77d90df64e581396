// <lesson-player>: the picture of a lesson, whatever happens on the way. The markup is in classroom/player/_player.html.

import { AddressBook } from "../../lib/addresses.js";
import { toggleFullscreen } from "../../lib/fullscreen.js";
import { serverClock } from "../../lib/server-clock.js";
import { Captions } from "./captions.js";
import { ControlBar } from "./control-bar.js";
import { HlsEngine } from "./engine-hls.js";
import { NativeEngine } from "./engine-native.js";
import { Floating } from "./floating.js";
import { Freeze } from "./freeze.js";
import { isOut, isRunning, lookOf, SHOWN } from "./look.js";
import { partsOf } from "../engine/parts.js";
import { Scene } from "./scene.js";
import { SeekMarks } from "./seek-marks.js";
import { Sound } from "./sound.js";
import { Vitals } from "./vitals.js";
import { Voice } from "./voice.js";

/**
 * @typedef {import("./look.js").Scope} Scope
 * @typedef {import("./look.js").Mode} Mode
 */

// What is buffered at a pause is played to its end. That is the last whole piece before the pause: the piece that
// was being captured at that moment is not shown to anybody.
const DRAIN_MS = 4000;
const NEAR_LIVE_S = 5; // closer than this to the newest, going back means going live
const STUCK_MS = 8000;
const PAST_OVER_MS = 2500; // time of standing still at the end of the recording after which it counts as over
const AHEAD_MS = 800; // media that must be there before it goes on from a moment: with less it would stand still again at once
const LOOK_AGAIN_MS = 10_000; // after nothing was found to be kept; a recording may have begun a second ago

export class LessonPlayer extends HTMLElement {
  /** @type {Mode} */
  mode = "live";
  /** @type {Scope} */
  scope = "live";
  audioOnly = false;
  /** @type {HlsEngine | NativeEngine | null} */
  engine = null;
  state = "scheduled";
  /** When the lesson began, epoch ms. @type {number | null} */
  startedAt = null;
  troubled = false;
  wanted = false; // the viewer wants it to play
  kept = false; // something of the lesson was recorded, or is being
  hasPicture = false; // of a preview: somebody sends, and the first piece is there
  watched = true;
  /** What happens is seen and heard in another way: nothing is loaded or played until `release`. */
  held = false;
  /** Capture time from which it goes on after that. @type {number | null} */
  #resumeFrom = null;
  onAirAt = -Infinity; // since when, epoch ms; before this page came: always
  #nothingKeptUntil = 0; // on this device's clock, ms
  /** Capture time before which nothing is worth showing: what came before a pause has been seen. @type {number | null} */
  #joinAfter = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #drain;
  #movedAt = Date.now();
  #lastTime = -1;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;
  #leave = new AbortController();

  async connectedCallback() {
    if (this.engine || this.#pulse) return;
    const part = partsOf(this);
    const config = JSON.parse(part("config")?.textContent ?? "{}");
    this.mode = /** @type {Mode} */ (this.dataset.mode ?? "live");
    this.state = this.dataset.state ?? "scheduled";
    this.startedAt = config.started;
    this.kept = config.kept;
    this.book = new AddressBook(config, config.source);
    this.video = /** @type {HTMLVideoElement} */ (part("video"));
    const { video } = this;
    const { signal } = this.#leave;
    const play = () => this.play();
    this.freeze = new Freeze(video, part("freeze"));
    this.sound = new Sound({ video, part, muted: this.mode === "preview", play, playOn: () => { if (this.wanted) play(); } });
    this.bar = new ControlBar(video, part, {
      toggle: () => this.togglePlay(),
      skip: (seconds) => this.skip(seconds),
      goLive: () => this.goLive(),
      goAlong: (place) => this.#goAlong(place),
      setMuted: (muted) => this.sound?.setMuted(muted),
      setVolume: (volume) => this.sound?.setVolume(volume),
      setVoice: (on) => this.voice?.set(on),
      fill: () => { toggleFullscreen(this, video); },
      keys: () => ({ ...this.scene?.keys, i: () => this.floating?.toggle(), c: () => this.captions?.toggle() }),
    });
    this.vitals = new Vitals(part);
    if (this.mode !== "preview") {
      const room = /** @type {HTMLElement | null} */ (this.closest("[data-socket]"));
      const onTrouble = (/** @type {import("../../lib/exchange.js").Trouble} */ trouble) => {
        this.dispatchEvent(new CustomEvent("track:trouble", { bubbles: true, detail: trouble }));
      };
      this.captions = new Captions(video.textTracks, part);
      this.voice = new Voice(part, (on) => this.setAudioOnly(on));
      this.audioOnly = this.voice.isOn;
      this.toggleAttribute("data-audio-only", this.audioOnly);
      this.scene = new Scene({ video, part, marks: this.dataset, room, onTrouble }, signal);
      this.marks = new SeekMarks({ part, room, rests: config.rests, cuts: config.cuts, turns: () => this.scene?.track.turns ?? [] }, signal);
      this.floating = new Floating({ video, part, play, onTap: () => this.togglePlay(), onKey: (event) => this.bar?.press(event) });
    }
    this.#listen(signal);
    this.#pulse = setInterval(() => this.#tick(), 250);
    this.refresh();
    this.engine = await this.#makeEngine();
    if (this.isConnected) this.#begin();
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    for (const name of ["playing", "pause", "waiting", "seeked", "volumechange", "ended", "timeupdate"]) {
      this.video?.addEventListener(name, () => this.refresh(), { signal });
    }
    this.video?.addEventListener("ended", () => this.#leavePast(), { signal });
    document.addEventListener("visibilitychange", () => this.#lookedAt(), { signal });
    document.addEventListener("fullscreenchange", () => this.refresh(), { signal });
    // Keys work wherever nothing else on the page has the focus; in the studio they are the slides'.
    const heard = this.mode === "preview" ? this : document;
    heard.addEventListener("keydown", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (target === document.body || this.contains(target)) this.bar?.press(/** @type {KeyboardEvent} */ (event));
    }, { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearInterval(this.#pulse);
    clearTimeout(this.#drain);
    this.engine?.destroy();
  }

  async #makeEngine() {
    const listener = {
      onTimeline: () => this.#grew(),
      onTrouble: (/** @type {boolean} */ troubled) => { this.troubled = troubled; },
      onNoPast: (/** @type {boolean} */ empty) => this.#foundNoPast(empty),
      onPiece: (/** @type {number} */ seconds, /** @type {number} */ took) => this.voice?.line.came(seconds, took),
    };
    const video = /** @type {HTMLVideoElement} */ (this.video);
    const book = /** @type {AddressBook} */ (this.book);
    const { default: library } = await import(/** @type {string} */ (this.dataset.hls)).catch(() => ({ default: null }));
    if (library?.isSupported()) return new HlsEngine(video, library, this.dataset.worker ?? "", book, () => serverClock.now(), listener);
    return new NativeEngine(video, book, listener);
  }

  #begin() {
    if (!this.watched || !this.engine) return;
    if (this.mode === "replay") this.#load("full", { position: 0 });
    else if (this.mode === "preview") this.#preview();
    else if (!isOut(this.state)) this.#load("live");
  }

  /**
   * @param {Scope} scope
   * @param {Partial<import("./engine-hls.js").Wish>} [from]
   */
  #load(scope, from = {}) {
    if (this.held) return;
    this.freeze?.hold();
    this.scope = scope;
    this.dataset.scope = scope;
    this.#movedAt = Date.now();
    if (scope === "live" && this.video) this.video.playbackRate = 1;
    this.engine?.load({ scope, audioOnly: this.audioOnly, ...from });
    this.play();
  }

  /** Whether anybody looks at a preview; while nobody does, nothing is fetched. @param {boolean} looks */
  setWatched(looks) {
    if (looks === this.watched) return;
    this.watched = looks;
    if (looks) this.#begin();
    else {
      this.pause();
      this.engine?.destroy();
    }
  }

  play() {
    if (this.held) return;
    this.wanted = true;
    if (this.#resumeFrom === null) this.sound?.start();
    this.refresh();
  }

  pause() {
    this.wanted = false;
    this.video?.pause();
    this.refresh();
  }

  togglePlay() {
    if (this.wanted && !this.video?.paused) {
      this.pause();
      return;
    }
    if (this.mode === "live" && this.scope === "live") this.goLive();
    else if (this.video?.ended) this.goToPosition(0);
    this.play();
  }

  /** The viewer takes part on the stage now: stop, and load nothing more. */
  hold() {
    if (this.held) return;
    this.pause();
    this.freeze?.release();
    this.engine?.destroy();
    this.video?.removeAttribute("autoplay");
    this.held = true;
    this.#joinAfter = this.#resumeFrom = null;
    this.refresh();
  }

  /** Watch again. @param {number} wall epoch ms: nothing that was captured before is heard */
  release(wall) {
    if (!this.held) return;
    this.held = false;
    if (!SHOWN.has(this.state)) return;
    this.#resumeFrom = wall;
    this.#load("live");
  }

  /** The moment from which it is to go on has come. */
  #resume() {
    const { clock } = this.engine ?? {};
    if (this.#resumeFrom === null || !this.video || !clock?.known || (clock.edge ?? 0) < this.#resumeFrom + AHEAD_MS || this.video.readyState < 2) return;
    const position = clock.positionAt(this.#resumeFrom);
    this.#resumeFrom = null;
    if (position !== null && position > this.video.currentTime) this.video.currentTime = position;
    this.play();
  }

  /**
   * The lesson has come into another state.
   * @param {string} state
   * @param {number} at epoch ms
   */
  setState(state, at) {
    if (state === this.state || this.mode !== "live") return;
    const before = this.state;
    this.state = state;
    this.dataset.state = state;
    clearTimeout(this.#drain);
    if (state === "on_air") this.onAirAt = at;
    if (!this.held) {
      if (state === "on_air" || (state === "interrupted" && before !== "on_air")) this.#join(at);
      else if (this.scope === "live") this.#drain = setTimeout(() => this.#restNow(), DRAIN_MS);
    }
    this.refresh();
  }

  /** @param {number} at */
  #join(at) {
    if (this.scope === "full") return;
    this.startedAt ??= at;
    const shown = this.engine?.clock.wallAt(this.video?.currentTime ?? 0) ?? null;
    if (!this.engine?.clock.known || shown === null) {
      this.#load("live");
      return;
    }
    this.#joinAfter = Math.max(at - 2500, shown + 500);
    this.engine.wake(); // it plays on as soon as there is something new: see #grew
    this.wanted = true;
    this.#movedAt = Date.now();
  }

  #restNow() {
    if (this.scope !== "live" || this.state === "on_air") return;
    this.video?.pause();
    if (this.state !== "interrupted") this.engine?.rest();
    this.refresh();
  }

  /** The playlist has grown. */
  #grew() {
    this.#resume();
    this.refresh();
    this.dispatchEvent(new Event("timeline"));
    if (this.#joinAfter === null || this.scope !== "live") return;
    const start = this.engine?.clock.firstFrom(this.#joinAfter);
    if (start === null || start === undefined || !this.video) return;
    this.#joinAfter = null;
    if (start > this.video.currentTime) this.video.currentTime = start + 0.02;
    this.sound?.start();
  }

  /** Whether there is something to preview. @param {boolean} hasPicture */
  setPicture(hasPicture) {
    if (hasPicture === this.hasPicture) return;
    this.hasPicture = hasPicture;
    this.#begin();
  }

  /** Nothing is asked for before it is there, and no old picture stays when it is gone. */
  #preview() {
    if (this.hasPicture) this.#load("preview");
    else {
      this.engine?.destroy();
      this.play();
    }
  }

  /** Whether one can go back in time. */
  get canRewind() {
    return this.mode === "replay" || (this.kept && Date.now() > this.#nothingKeptUntil);
  }

  /**
   * @param {boolean} empty nothing at all is kept, not only nothing from there on
   * @returns {boolean} whether that is no reason to wait
   */
  #foundNoPast(empty) {
    if (this.mode !== "live") return false;
    if (empty) this.#nothingKeptUntil = Date.now() + LOOK_AGAIN_MS;
    this.#leavePast();
    return true;
  }

  /** The past is over, or there is none: on with the present. */
  #leavePast() {
    if (this.mode !== "live" || this.scope !== "full") return;
    if (SHOWN.has(this.state)) {
      this.#load("live");
      return;
    }
    this.engine?.destroy(); // the curtain says what happens now
    this.scope = this.dataset.scope = "live";
    this.refresh();
  }

  get #atEndOfPast() {
    const { edge } = this.engine?.clock ?? {};
    return this.mode === "live" && this.scope === "full" && edge != null && this.wall !== null && this.wall > edge - 1500;
  }

  /** Capture time of what is shown now. @returns {number | null} epoch ms */
  get wall() {
    return this.engine?.clock.wallAt(this.video?.currentTime ?? 0) ?? null;
  }

  /** Seconds between capture and now. @returns {number | null} */
  get delay() {
    const { wall } = this;
    return wall === null ? null : (serverClock.now() - wall) / 1000;
  }

  /** Whether there is a picture of this lesson to watch now. */
  get running() {
    return isRunning(this);
  }

  goLive() {
    if (this.mode !== "live") return;
    if (this.scope !== "live") this.#load("live");
    else if (this.video) this.video.currentTime = this.engine?.liveEdge ?? this.video.currentTime;
    this.play();
  }

  /**
   * Go to what was captured at a moment.
   * @param {number} wall epoch ms
   * @param {import("../../lib/media-clock.js").GapEdge} [edge] to which edge, when nothing was kept of that moment
   */
  goTo(wall, edge = "after") {
    if (!this.video) return;
    const newest = this.engine?.clock.edge ?? serverClock.now();
    if (this.mode === "live" && this.state === "on_air" && wall > newest - NEAR_LIVE_S * 1000) this.goLive();
    else if (this.mode === "live" && this.scope === "live") {
      if (this.canRewind) this.#load("full", { wall: Math.max(wall, this.startedAt ?? wall), edge });
    } else {
      const position = this.engine?.clock.positionAt(wall, edge);
      if (position != null) this.goToPosition(position);
    }
  }

  /** @param {number} place on the seek bar, s */
  #goAlong(place) {
    if (this.mode === "replay") this.goToPosition(place);
    else if (this.startedAt !== null) this.goTo(this.startedAt + place * 1000, "nearest");
  }

  /** @param {number} seconds position in the media */
  goToPosition(seconds) {
    if (!this.video) return;
    this.#movedAt = Date.now();
    this.video.currentTime = Math.max(0, seconds);
    this.refresh();
  }

  /** @param {number} seconds forwards, or backwards when negative */
  skip(seconds) {
    if (this.mode === "replay") this.goToPosition((this.video?.currentTime ?? 0) + seconds);
    else if (this.wall !== null) this.goTo(this.wall + seconds * 1000, seconds < 0 ? "before" : "after");
  }

  /** @param {boolean} audioOnly */
  setAudioOnly(audioOnly) {
    if (audioOnly === this.audioOnly) return;
    this.audioOnly = audioOnly;
    this.toggleAttribute("data-audio-only", audioOnly);
    const position = this.mode === "replay" ? this.video?.currentTime : undefined;
    const wall = this.scope === "full" && this.mode === "live" ? this.wall : null;
    if (this.engine && this.running) this.#load(this.scope, { wall, position });
    this.refresh();
  }

  /** Hand the present state to every helper that shows it. */
  refresh() {
    if (!this.video) return;
    const look = this.#lookAt(this.video);
    for (const helper of [this.bar, this.vitals, this.voice, this.scene, this.marks, this.floating]) helper?.draw(look);
  }

  /** @param {HTMLVideoElement} video */
  #lookAt(video) {
    const { mode, scope, state, wanted, held, audioOnly, troubled, canRewind, startedAt, onAirAt } = this;
    return lookOf({
      mode, scope, state, wanted, held, audioOnly, troubled, canRewind, startedAt, onAirAt,
      isFull: document.fullscreenElement === this,
      isPaused: video.paused,
      isSeeking: video.seeking,
      isSilent: video.muted || video.volume === 0,
      hasSlides: this.scene?.visible ?? false,
      still: this.#stillFor(video),
      position: video.currentTime,
      length: lengthOf(video),
      now: serverClock.now(),
      clock: this.engine?.clock ?? null,
    });
  }

  /** Return the time for which the picture has not moved, although it should. @param {HTMLVideoElement} video @returns {number} ms */
  #stillFor(video) {
    if (video.currentTime !== this.#lastTime || !this.wanted || !this.running || video.ended || document.hidden) {
      this.#lastTime = video.currentTime;
      this.#movedAt = Date.now();
    }
    return Date.now() - this.#movedAt;
  }

  #tick() {
    const { video } = this;
    if (!video || !this.engine) return;
    this.#resume();
    const still = this.#stillFor(video);
    this.dataset.still = String(still > 600);
    this.refresh();
    if (still > PAST_OVER_MS && this.#atEndOfPast) this.#leavePast();
    if (still > STUCK_MS) this.#unstick();
    if (this.scope === "full" && this.mode === "live" && this.state === "on_air" && video.playbackRate > 1 && (this.delay ?? 99) < NEAR_LIVE_S) this.goLive();
  }

  /** The picture stands still although media are there: load anew at the same place. */
  #unstick() {
    const { edge } = this.engine?.clock ?? {};
    const fresh = edge != null && serverClock.now() - edge < STUCK_MS;
    this.#movedAt = Date.now();
    if (this.mode === "replay") this.#load("full", { position: this.video?.currentTime });
    else if (this.scope === "full") this.#load("full", { wall: this.wall ?? this.startedAt });
    else if (fresh) this.#load(this.scope);
  }

  #lookedAt() {
    if (document.hidden || this.scope !== "live" || !this.wanted || !this.running) return;
    if ((this.delay ?? 0) > NEAR_LIVE_S) this.goLive();
    else if (this.video?.paused) this.play();
  }
}

/** @param {HTMLVideoElement} video @returns {number} length of a recording as far as it is known, s */
function lengthOf({ duration, seekable }) {
  if (Number.isFinite(duration)) return duration;
  return seekable.length ? seekable.end(seekable.length - 1) : 0;
}

customElements.define("lesson-player", LessonPlayer);
