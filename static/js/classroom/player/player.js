// <lesson-player>: the picture of a lesson and all that stands around it. The markup is in classroom/player/_player.html.

import { AddressBook } from "../../lib/addresses.js";
import { toggleFullscreen } from "../../lib/fullscreen.js";
import { serverClock } from "../../lib/server-clock.js";
import { Captions } from "./captions.js";
import { ControlBar } from "./control-bar.js";
import { HlsEngine } from "./engine-hls.js";
import { NativeEngine } from "./engine-native.js";
import { Floating } from "./floating.js";
import { Freeze } from "./freeze.js";
import { lookOf } from "./look.js";
import { partsOf } from "../engine/parts.js";
import { Playback } from "./playback.js";
import { Scene } from "./scene.js";
import { SeekMarks } from "./seek-marks.js";
import { Sound } from "./sound.js";
import { Vitals } from "./vitals.js";
import { Voice } from "./voice.js";

/** @typedef {import("./look.js").Mode} Mode */

const PULSE_MS = 250; // between two looks at a picture that may stand still

export class LessonPlayer extends HTMLElement {
  /** @type {Mode} */
  mode = "live";
  /** From the moment at which the element stands in a page. @type {Playback | undefined} */
  #playback;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;
  #leave = new AbortController();

  async connectedCallback() {
    if (this.#playback) return;
    const part = partsOf(this);
    const config = JSON.parse(part("config")?.textContent ?? "{}");
    this.mode = /** @type {Mode} */ (this.dataset.mode ?? "live");
    this.video = /** @type {HTMLVideoElement} */ (part("video"));
    const { video, mode } = this;
    const { signal } = this.#leave;
    const play = () => this.play();
    this.sound = new Sound({ video, part, muted: mode === "preview", play, playOn: () => { if (this.wanted) play(); } });
    const playback = this.#playback = new Playback({ mode, state: this.dataset.state ?? "scheduled", startedAt: config.started, kept: config.kept }, {
      video,
      freeze: new Freeze(video, part("freeze")),
      start: () => { this.sound?.start(); },
      onChange: () => this.refresh(),
      onTimeline: () => this.dispatchEvent(new Event("timeline")),
    });
    this.bar = new ControlBar(video, part, {
      toggle: () => playback.togglePlay(),
      skip: (seconds) => playback.skip(seconds),
      goLive: () => playback.goLive(),
      goAlong: (place) => playback.goAlong(place),
      setMuted: (muted) => this.sound?.setMuted(muted),
      setVolume: (volume) => this.sound?.setVolume(volume),
      setVoice: (on) => this.voice?.set(on),
      fill: () => { toggleFullscreen(this, video); },
      keys: () => ({ ...this.scene?.keys, i: () => this.floating?.toggle(), c: () => this.captions?.toggle() }),
    });
    this.vitals = new Vitals(part);
    if (mode !== "preview") {
      const room = /** @type {HTMLElement | null} */ (this.closest("[data-socket]"));
      const onTrouble = (/** @type {import("../../lib/exchange.js").Trouble} */ trouble) => {
        this.dispatchEvent(new CustomEvent("track:trouble", { bubbles: true, detail: trouble }));
      };
      this.captions = new Captions(video.textTracks, part);
      this.voice = new Voice(part, (on) => playback.setAudioOnly(on));
      playback.audioOnly = this.voice.isOn;
      this.scene = new Scene({ video, part, marks: this.dataset, room, onTrouble }, signal);
      this.marks = new SeekMarks({ part, room, rests: config.rests, cuts: config.cuts, turns: () => this.scene?.track.turns ?? [] }, signal);
      this.floating = new Floating({ video, part, play, onTap: () => playback.togglePlay(), onKey: (event) => this.bar?.press(event) });
    }
    this.#listen(playback, signal);
    this.#pulse = setInterval(() => playback.tick(), PULSE_MS);
    this.refresh();
    const engine = await this.#makeEngine(playback, new AddressBook(config, config.source));
    if (this.isConnected) playback.begin(engine);
  }

  /**
   * @param {Playback} playback
   * @param {AbortSignal} signal
   */
  #listen(playback, signal) {
    for (const name of ["playing", "pause", "waiting", "seeked", "volumechange", "ended", "timeupdate"]) {
      playback.video.addEventListener(name, () => this.refresh(), { signal });
    }
    playback.video.addEventListener("ended", () => playback.leavePast(), { signal });
    document.addEventListener("visibilitychange", () => playback.lookedAt(), { signal });
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
    this.#playback?.close();
  }

  /**
   * @param {Playback} playback
   * @param {AddressBook} book
   */
  async #makeEngine({ video, listener }, book) {
    const onPiece = (/** @type {number} */ seconds, /** @type {number} */ took) => this.voice?.line.came(seconds, took);
    const { default: library } = await import(/** @type {string} */ (this.dataset.hls)).catch(() => ({ default: null }));
    if (library?.isSupported()) return new HlsEngine(video, library, this.dataset.worker ?? "", book, () => serverClock.now(), { ...listener, onPiece });
    return new NativeEngine(video, book, { ...listener, onPiece });
  }

  /** Hand the present state to every helper that shows it, and to the style sheets. */
  refresh() {
    if (!this.#playback) return;
    const look = lookOf({ ...this.#playback.facts(), isFull: document.fullscreenElement === this, hasSlides: this.scene?.visible ?? false });
    for (const helper of [this.bar, this.vitals, this.voice, this.scene, this.marks, this.floating]) helper?.draw(look);
    this.toggleAttribute("data-audio-only", look.audioOnly);
    if (this.dataset.scope !== look.scope) this.dataset.scope = look.scope;
    if (this.dataset.state !== look.state) this.dataset.state = look.state;
  }

  // What the page, the stage and the studio ask for and ask about.

  get engine() { return this.#playback?.engine ?? null; }

  get state() { return this.#playback?.state ?? ""; }

  get scope() { return this.#playback?.scope ?? "live"; }

  /** The viewer wants it to play. */
  get wanted() { return this.#playback?.wanted ?? false; }

  /** The viewer takes part on the stage: nothing is played. */
  get held() { return this.#playback?.held ?? false; }

  get canRewind() { return this.#playback?.canRewind ?? false; }

  /** Capture time of what is shown now. @returns {number | null} epoch ms */
  get wall() { return this.#playback?.wall ?? null; }

  play() { this.#playback?.play(); }

  pause() { this.#playback?.pause(); }

  togglePlay() { this.#playback?.togglePlay(); }

  goLive() { this.#playback?.goLive(); }

  /** Go to what was captured at a moment. @param {number} wall epoch ms */
  goTo(wall) { this.#playback?.goTo(wall); }

  /** @param {number} seconds position in the media */
  goToPosition(seconds) { this.#playback?.goToPosition(seconds); }

  /** @param {number} seconds forwards, or backwards when negative */
  skip(seconds) { this.#playback?.skip(seconds); }

  /** The viewer takes part on the stage now: stop, and load nothing more. */
  hold() { this.#playback?.hold(); }

  /** Watch again. @param {number} wall epoch ms: nothing that was captured before is heard */
  release(wall) { this.#playback?.release(wall); }

  /** Tell whether anybody looks at a preview; while nobody does, nothing is fetched. @param {boolean} looks */
  setWatched(looks) { this.#playback?.setWatched(looks); }

  /** Tell whether there is something to preview. @param {boolean} hasPicture */
  setPicture(hasPicture) { this.#playback?.setPicture(hasPicture); }

  /**
   * The lesson has come into another state.
   * @param {{state: string, started_at?: number | null, recording?: boolean}} news
   * @param {number} at epoch ms
   */
  setState({ state, started_at: startedAt, recording }, at) {
    const playback = this.#playback;
    if (!playback) return;
    if (startedAt) playback.startedAt = startedAt;
    if (recording && state === "on_air") playback.kept = true;
    playback.setState(state, at);
  }
}

customElements.define("lesson-player", LessonPlayer);
