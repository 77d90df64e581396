// What stands on the stage beside the picture, at the moment of the picture: slides, what is drawn on them, the layout.

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
 * @typedef {import("../../lib/lesson-track.js").Stage} Stage
 * @typedef {import("../../lib/socket.js").LessonEvent} LessonEvent
 */

const SOON = 3; // number of known pages that are fetched before they are due
const OVER = ["ended", "cancelled"];

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

  /**
   * @param {import("./player.js").LessonPlayer} player
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} part
   * @param {AbortSignal} signal
   */
  constructor(player, part, signal) {
    this.player = player;
    this.signal = signal;
    this.video = /** @type {HTMLVideoElement} */ (player.video);
    this.view = /** @type {import("../slides/slide-view.js").SlideView} */ (part("slide"));
    this.layouts = new Layouts(player, part, signal);
    const room = /** @type {HTMLElement | null} */ (player.closest("[data-socket]"));
    this.socket = room?.dataset.socket ?? "";
    this.leaves = new Leaves(this, part);
    room?.addEventListener("lesson:event", (event) => this.#hear(/** @type {CustomEvent<LessonEvent>} */ (event).detail), { signal });
    this.#position = new PicturePosition(this.video, signal, () => this.update());
    const onTrouble = (/** @type {import("../../lib/exchange.js").Trouble} */ trouble) => {
      player.dispatchEvent(new CustomEvent("track:trouble", { bubbles: true, detail: trouble }));
    };
    exchange.track(this.socket, location.href, (events) => { this.#knows = true; this.add(events); }, { signal, naps: this.naps, onTrouble });
  }

  /** Whether there are slides to be seen. */
  get visible() {
    return this.#shown;
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

  /** Now and then, and whenever the player changes: whatever no picture announces. */
  pulse() {
    this.view.sparing = this.player.audioOnly;
    this.update();
    if (!this.#ticking && this.#needsTicks) this.#tick();
  }

  get #needsTicks() {
    const { video } = this;
    const tells = this.#position.isTold && video.videoWidth > 0 && !this.player.audioOnly;
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
    const { player, track } = this;
    const now = serverClock.now();
    const past = player.mode === "replay" || player.scope === "full";
    const moment = this.#clock.moment({
      past, now, curtain: player.state !== "on_air", resumedAt: player.onAirAt, newest: track.newest, wall: player.held ? now : this.#wall,
    });
    if (moment === null || !this.#knows) return;
    const stage = track.at(moment);
    if (stage.version !== this.#version) this.#turn(stage, moment);
    if (!this.leaves.lead(stage)) this.view.show(stage, moment);
  }

  /** Capture time of the picture on the screen. @returns {number | null} epoch ms */
  get #wall() {
    const { video, player } = this;
    const clock = player.engine?.clock;
    if (!clock || video.seeking) return null;
    if (video.readyState < 2 && !(player.mode === "replay" && video.currentTime === 0)) return null;
    return clock.wallAt(this.#position.now);
  }

  /** @param {Stage} stage @param {number} moment */
  #turn(stage, moment) {
    this.#version = stage.version;
    const { player, view } = this;
    const over = player.mode === "live" && player.scope === "live" && OVER.includes(player.state);
    this.#shown = stage.page !== null && !over;
    this.layouts.set(this.#shown, stage.layout);
    this.leaves.follow(stage);
    for (const url of stage.page?.next ?? []) view.preload(url);
    const soon = this.track.after(moment).filter(({ kind }) => kind === "slides.shown").slice(0, SOON);
    for (const { data } of soon) view.preload(data.large, data.medium);
  }

  /** The player has come into another state. */
  refresh() {
    this.#version = NaN;
    this.pulse();
  }
}
