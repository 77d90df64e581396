// Playback of a lesson: the present, the past or a preview, and the ways from one to another. It knows the video and the
// engine that fills it, and no markup: <lesson-player> shows it and hands over what the viewer asks for.

import { serverClock } from "../../lib/server-clock.js";
import { isOut, isRunning, SHOWN } from "./look.js";

/**
 * @typedef {import("./look.js").Scope} Scope
 * @typedef {import("./look.js").Mode} Mode
 * @typedef {import("./engine-hls.js").HlsEngine | import("./engine-native.js").NativeEngine} Engine
 */

/**
 * @typedef {object} Beginning facts of the lesson when the page came
 * @property {Mode} mode
 * @property {string} state of the lesson
 * @property {number | null} startedAt when the lesson began, epoch ms
 * @property {boolean} kept something of the lesson was recorded, or is being recorded
 */

/**
 * @typedef {object} World
 * @property {HTMLVideoElement} video
 * @property {Pick<import("./freeze.js").Freeze, "hold" | "release">} freeze keeps the last picture while another source is loaded
 * @property {() => void} start play the video, with sound where the browser allows it
 * @property {() => void} onChange a fact has changed: the player is drawn anew
 * @property {() => void} onTimeline the playlist has grown
 */

// What is buffered at a pause is played to its end. That is the last whole piece before the pause: the piece that
// was being captured at that moment is not shown to anybody.
const DRAIN_MS = 4000;
const NEAR_LIVE_S = 5; // closer than this to the newest, going back means going live
const STUCK_MS = 8000;
const PAST_OVER_MS = 2500; // time of standing still at the end of the recording after which it counts as over
const AHEAD_MS = 800; // media that must be there before it goes on from a moment: with less it would stand still again at once
const LOOK_AGAIN_MS = 10_000; // after nothing was found to be kept; a recording may have begun a second ago

export class Playback {
  /** @type {Scope} */
  scope = "live";
  audioOnly = false;
  /** @type {Engine | null} */
  engine = null;
  troubled = false; // pieces of the picture do not arrive
  wanted = false; // the viewer wants it to play
  /** The viewer takes part on the stage: nothing is loaded or played until `release`. */
  held = false;
  onAirAt = -Infinity; // since when, epoch ms; -Infinity means before this page came
  #hasPicture = false; // of a preview: a sender sends, and the first piece is there
  #isWatched = true;
  /** Capture time from which it goes on after `release`, epoch ms. @type {number | null} */
  #resumeFrom = null;
  #nothingKeptUntil = 0; // on this device's clock, ms
  /** Capture time before which nothing is worth showing: what came before a pause has been seen. @type {number | null} */
  #joinAfter = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #drain;
  #movedAt = Date.now();
  #lastTime = -1;

  /**
   * @param {Beginning} beginning
   * @param {World} world
   */
  constructor({ mode, state, startedAt, kept }, world) {
    this.mode = mode;
    this.state = state;
    this.startedAt = startedAt;
    this.kept = kept;
    this.video = world.video;
    this.world = world;
  }

  /** Callbacks for the engine. @returns {Omit<import("./engine-hls.js").Listener, "onPiece">} */
  get listener() {
    return {
      onTimeline: () => this.#grew(),
      onTrouble: (troubled) => { this.troubled = troubled; },
      onNoPast: (empty) => this.#foundNoPast(empty),
    };
  }

  /** The engine is ready. @param {Engine} engine */
  begin(engine) {
    this.engine = engine;
    this.#begin();
  }

  #begin() {
    if (!this.#isWatched || !this.engine) return;
    if (this.mode === "replay") this.#load("full", { position: 0 });
    else if (this.mode === "preview") this.#preview();
    else if (!isOut(this.state)) this.#load("live");
  }

  /** The page goes away. */
  close() {
    clearTimeout(this.#drain);
    this.engine?.destroy();
  }

  /**
   * @param {Scope} scope
   * @param {Partial<import("./engine-hls.js").Wish>} [from]
   */
  #load(scope, from = {}) {
    if (this.held) return;
    this.world.freeze.hold();
    this.scope = scope;
    this.#movedAt = Date.now();
    if (scope === "live") this.video.playbackRate = 1;
    this.engine?.load({ scope, audioOnly: this.audioOnly, ...from });
    this.play();
  }

  /** Tell whether anybody looks at a preview; while nobody does, nothing is fetched. @param {boolean} looks */
  setWatched(looks) {
    if (looks === this.#isWatched) return;
    this.#isWatched = looks;
    if (looks) this.#begin();
    else {
      this.pause();
      this.engine?.destroy();
    }
  }

  /** Tell whether there is something to preview. @param {boolean} hasPicture */
  setPicture(hasPicture) {
    if (hasPicture === this.#hasPicture) return;
    this.#hasPicture = hasPicture;
    this.#begin();
  }

  /** Nothing is asked for before it is there, and no old picture stays when it is gone. */
  #preview() {
    if (this.#hasPicture) this.#load("preview");
    else {
      this.engine?.destroy();
      this.play();
    }
  }

  play() {
    if (this.held) return;
    this.wanted = true;
    if (this.#resumeFrom === null) this.world.start();
    this.world.onChange();
  }

  pause() {
    this.wanted = false;
    this.video.pause();
    this.world.onChange();
  }

  togglePlay() {
    if (this.wanted && !this.video.paused) {
      this.pause();
      return;
    }
    if (this.mode === "live" && this.scope === "live") this.goLive();
    else if (this.video.ended) this.goToPosition(0);
    this.play();
  }

  /** The viewer takes part on the stage now: stop, and load nothing more. */
  hold() {
    if (this.held) return;
    this.pause();
    this.world.freeze.release();
    this.engine?.destroy();
    this.video.removeAttribute("autoplay");
    this.held = true;
    this.#joinAfter = this.#resumeFrom = null;
    this.world.onChange();
  }

  /** Watch again. @param {number} wall epoch ms: nothing that was captured before is heard */
  release(wall) {
    if (!this.held) return;
    this.held = false;
    if (!SHOWN.has(this.state)) return;
    this.#resumeFrom = wall;
    this.#load("live");
  }

  /** Go on from `#resumeFrom`, once enough of the media from there is known. */
  #resume() {
    const { clock } = this.engine ?? {};
    if (this.#resumeFrom === null || !clock?.known || (clock.edge ?? 0) < this.#resumeFrom + AHEAD_MS || this.video.readyState < 2) return;
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
    clearTimeout(this.#drain);
    if (state === "on_air") this.onAirAt = at;
    if (!this.held) {
      if (state === "on_air" || (state === "interrupted" && before !== "on_air")) this.#join(at);
      else if (this.scope === "live") this.#drain = setTimeout(() => this.#restNow(), DRAIN_MS);
    }
    this.world.onChange();
  }

  /** @param {number} at epoch ms */
  #join(at) {
    if (this.scope === "full") return;
    this.startedAt ??= at;
    const shown = this.wall;
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
    this.video.pause();
    if (this.state !== "interrupted") this.engine?.rest();
    this.world.onChange();
  }

  /** The playlist has grown. */
  #grew() {
    this.#resume();
    this.world.onChange();
    this.world.onTimeline();
    if (this.#joinAfter === null || this.scope !== "live") return;
    const start = this.engine?.clock.firstFrom(this.#joinAfter);
    if (start === null || start === undefined) return;
    this.#joinAfter = null;
    if (start > this.video.currentTime) this.video.currentTime = start + 0.02;
    this.world.start();
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
    this.leavePast();
    return true;
  }

  /** Play the present, because the past is over or there is none. */
  leavePast() {
    if (this.mode !== "live" || this.scope !== "full") return;
    if (SHOWN.has(this.state)) {
      this.#load("live");
      return;
    }
    this.engine?.destroy(); // the curtain says what happens now
    this.scope = "live";
    this.world.onChange();
  }

  get #atEndOfPast() {
    const { edge } = this.engine?.clock ?? {};
    return this.mode === "live" && this.scope === "full" && edge != null && this.wall !== null && this.wall > edge - 1500;
  }

  /** Capture time of what is shown now. @returns {number | null} epoch ms */
  get wall() {
    return this.engine?.clock.wallAt(this.video.currentTime) ?? null;
  }

  /** Time between capture and now. @returns {number | null} seconds */
  get #delay() {
    const { wall } = this;
    return wall === null ? null : (serverClock.now() - wall) / 1000;
  }

  goLive() {
    if (this.mode !== "live") return;
    if (this.scope !== "live") this.#load("live");
    else this.video.currentTime = this.engine?.liveEdge ?? this.video.currentTime;
    this.play();
  }

  /**
   * Go to what was captured at a moment.
   * @param {number} wall epoch ms
   * @param {import("../../lib/media-clock.js").GapEdge} [edge] to which edge, when nothing was kept of that moment
   */
  goTo(wall, edge = "after") {
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
  goAlong(place) {
    if (this.mode === "replay") this.goToPosition(place);
    else if (this.startedAt !== null) this.goTo(this.startedAt + place * 1000, "nearest");
  }

  /** @param {number} seconds position in the media */
  goToPosition(seconds) {
    this.#movedAt = Date.now();
    this.video.currentTime = Math.max(0, seconds);
    this.world.onChange();
  }

  /** @param {number} seconds forwards, or backwards when negative */
  skip(seconds) {
    if (this.mode === "replay") this.goToPosition(this.video.currentTime + seconds);
    else if (this.wall !== null) this.goTo(this.wall + seconds * 1000, seconds < 0 ? "before" : "after");
  }

  /** @param {boolean} audioOnly */
  setAudioOnly(audioOnly) {
    if (audioOnly === this.audioOnly) return;
    this.audioOnly = audioOnly;
    const position = this.mode === "replay" ? this.video.currentTime : undefined;
    const wall = this.scope === "full" && this.mode === "live" ? this.wall : null;
    if (this.engine && isRunning(this)) this.#load(this.scope, { wall, position });
    this.world.onChange();
  }

  /** Return what is known at this moment. @returns {Omit<import("./look.js").Facts, "isFull" | "hasSlides">} */
  facts() {
    const { mode, scope, state, wanted, held, audioOnly, troubled, canRewind, startedAt, onAirAt, video } = this;
    return {
      mode, scope, state, wanted, held, audioOnly, troubled, canRewind, startedAt, onAirAt,
      isPaused: video.paused,
      isSeeking: video.seeking,
      isSilent: video.muted || video.volume === 0,
      still: this.#stillFor(),
      position: video.currentTime,
      length: lengthOf(video),
      now: serverClock.now(),
      clock: this.engine?.clock ?? null,
    };
  }

  /** Return the time for which the picture has not moved, although it should. @returns {number} ms */
  #stillFor() {
    const { video } = this;
    if (video.currentTime !== this.#lastTime || !this.wanted || !isRunning(this) || video.ended || document.hidden) {
      this.#lastTime = video.currentTime;
      this.#movedAt = Date.now();
    }
    return Date.now() - this.#movedAt;
  }

  /** Several times a second: mend what stands still, and go over to the present once the picture has caught up. */
  tick() {
    if (!this.engine) return;
    this.#resume();
    const still = this.#stillFor();
    this.world.onChange();
    if (still > PAST_OVER_MS && this.#atEndOfPast) this.leavePast();
    if (still > STUCK_MS) this.#unstick();
    if (this.scope === "full" && this.mode === "live" && this.state === "on_air" && this.video.playbackRate > 1 && (this.#delay ?? 99) < NEAR_LIVE_S) this.goLive();
  }

  /** The picture stands still although media are there: load anew at the same place. */
  #unstick() {
    const { edge } = this.engine?.clock ?? {};
    const fresh = edge != null && serverClock.now() - edge < STUCK_MS;
    this.#movedAt = Date.now();
    if (this.mode === "replay") this.#load("full", { position: this.video.currentTime });
    else if (this.scope === "full") this.#load("full", { wall: this.wall ?? this.startedAt });
    else if (fresh) this.#load(this.scope);
  }

  /** The page was hidden or is looked at again: one who comes back sees the present. */
  lookedAt() {
    if (document.hidden || this.scope !== "live" || !this.wanted || !isRunning(this)) return;
    if ((this.#delay ?? 0) > NEAR_LIVE_S) this.goLive();
    else if (this.video.paused) this.play();
  }
}

/** @param {HTMLVideoElement} video @returns {number} length of a recording as far as it is known, s */
function lengthOf({ duration, seekable }) {
  if (Number.isFinite(duration)) return duration;
  return seekable.length ? seekable.end(seekable.length - 1) : 0;
}
