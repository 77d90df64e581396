// The stage beside the picture, at the moment of the picture: slides, strokes, pointer and layout.

import { Naps } from "../../lib/backoff.js";
import { exchange } from "../../lib/exchange.js";
import { LessonTrack } from "../../lib/lesson-track.js";
import { PicturePosition } from "../../lib/picture-position.js";
import { serverClock } from "../../lib/server-clock.js";
import { StageClock } from "../../lib/stage-clock.js";
import { Layouts } from "./layouts.js";
import { Leaves } from "../slides/leaves.js";
import "../slides/slide-view.js";

/**
 * @typedef {import("./look.js").Look} Look
 * @typedef {import("../../lib/lesson-track.js").Stage} Stage
 * @typedef {import("../../lib/socket.js").LessonEvent} LessonEvent
 */

const SOON = 3; // number of known pages that are fetched before they are due
const OVER = new Set(["ended", "cancelled"]);

export class Scene {
  track = new LessonTrack();
  #knows = false; // what has led the stage has come; until then it stands as the server wrote it
  /** Waits between two tries to fetch what has led the stage. */
  naps = new Naps();
  /** @type {LessonEvent[]} come, and not looked at yet */
  #heard = [];
  #clock = new StageClock();
  #version = NaN;
  #ticking = false;
  #shown = false;
  #position;
  /** @type {Look | null} */
  #look = null;
  #isOver = false;

  /**
   * @param {object} world
   * @param {HTMLVideoElement} world.video
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} world.part
   * @param {DOMStringMap} world.marks by which styles lay out the stage
   * @param {HTMLElement | null} world.room which hears what happens in the lesson
   * @param {(trouble: import("../../lib/exchange.js").Trouble) => void} world.onTrouble what has led the stage does not arrive, or does again
   * @param {AbortSignal} signal
   */
  constructor({ video, part, marks, room, onTrouble }, signal) {
    this.signal = signal;
    this.video = video;
    this.view = /** @type {import("../slides/slide-view.js").SlideView} */ (part("slide"));
    this.layouts = new Layouts(part, marks, signal);
    const socket = room?.dataset.socket ?? "";
    this.leaves = new Leaves({ part, view: this.view, track: this.track, shelf: () => exchange.shelf(socket, location.href), onTurn: () => this.update() });
    room?.addEventListener("lesson:event", (event) => this.#hear(/** @type {CustomEvent<LessonEvent>} */ (event).detail), { signal });
    this.#position = new PicturePosition(video, signal, () => this.update());
    exchange.track(socket, location.href, (events) => { this.#knows = true; this.add(events); }, { signal, naps: this.naps, onTrouble });
  }

  /** Whether there are slides to be seen. */
  get visible() {
    return this.#shown;
  }

  /** Keys that turn pages and choose how they lie. @returns {Record<string, () => void>} */
  get keys() {
    return { ...(this.#shown ? this.leaves.keys : {}), ...this.layouts.keys };
  }

  /** @param {LessonEvent} event */
  #hear(event) {
    if (event.kind === "slides.rules") this.leaves.allow(event.data.look_ahead);
    if (!LessonTrack.KINDS.has(event.kind)) return;
    // All that comes at once is drawn once.
    if (this.#heard.push(event) === 1) queueMicrotask(() => this.add(this.#heard.splice(0)));
  }

  /** @param {LessonEvent[]} events */
  add(events) {
    this.track.add(events);
    this.#knows ||= events.some(({ kind }) => kind === "slides.shown" || kind === "slides.cleared");
    this.#version = NaN;
    this.update();
  }

  /** Now and then, and whenever the player changes: whatever no picture announces. @param {Look} look */
  draw(look) {
    const isOver = look.isPresent && OVER.has(look.state);
    if (isOver !== this.#isOver) this.#version = NaN;
    this.#isOver = isOver;
    this.#look = look;
    this.view.sparing = look.audioOnly;
    this.layouts.setAudioOnly(look.audioOnly);
    this.leaves.lookAgain();
    this.update();
    if (!this.#ticking && this.#needsTicks) this.#tick();
  }

  get #needsTicks() {
    const { video } = this;
    const tells = this.#position.isTold && video.videoWidth > 0 && !this.#look?.audioOnly;
    return !tells && !video.paused && !this.signal.aborted;
  }

  #tick() {
    this.#ticking = true;
    requestAnimationFrame(() => {
      this.#ticking = false;
      this.update();
      if (this.#needsTicks) this.#tick();
    });
  }

  update() {
    const { track } = this;
    const look = this.#look;
    if (!look) return;
    const now = serverClock.now();
    const moment = this.#clock.moment({
      past: !look.isPresent, now, curtain: look.state !== "on_air", resumedAt: look.onAirAt, newest: track.newest, wall: look.held ? now : this.#wallOf(look),
    });
    if (moment === null || !this.#knows) return;
    const stage = track.at(moment);
    if (stage.version !== this.#version) this.#turn(stage, moment);
    if (!this.leaves.lead(stage)) this.view.show(stage, moment);
  }

  /** Capture time of the picture on the screen. @param {Look} look @returns {number | null} epoch ms */
  #wallOf({ clock, mode }) {
    const { video } = this;
    if (!clock || video.seeking) return null;
    if (video.readyState < 2 && !(mode === "replay" && video.currentTime === 0)) return null;
    return clock.wallAt(this.#position.now);
  }

  /** @param {Stage} stage @param {number} moment */
  #turn(stage, moment) {
    this.#version = stage.version;
    const { view } = this;
    this.#shown = stage.page !== null && !this.#isOver;
    this.layouts.set(this.#shown, stage.layout);
    this.leaves.follow(stage);
    for (const url of stage.page?.next ?? []) view.preload(url);
    const soon = this.track.after(moment).filter(({ kind }) => kind === "slides.shown").slice(0, SOON);
    for (const { data } of soon) view.preload(data.large, data.medium);
  }
}
