// <credit-meter>: shows whether time counts now, and if not why, and reports the stretches that the player played. It stands below the
// player of the watch page and of the replay (templates/credits/_meter.html).

import { ask } from "../classroom/engine/lesson-events.js";
import { partsOf, show } from "../classroom/engine/parts.js";
import { CHANNEL, takeSeatAnew } from "../classroom/engine/reseating.js";
import { exchange } from "../lib/exchange.js";
import { pageName } from "../lib/page-name.js";
import { Unreported } from "../lib/unreported.js";
import { APART, HIDDEN, MUTED } from "../lib/watched.js";
import { Reporter } from "./reporter.js";
import { meterText, stateOf } from "./states.js";

/** @typedef {import("../classroom/player/player.js").LessonPlayer} LessonPlayer */

const COMMAND = "credits.watched";
const SAMPLE_MS = 250;
const KEEP_MS = 1000;

class CreditMeter extends HTMLElement {
  #reporter = new Reporter((fields) => this.#send(fields), () => performance.now());
  #unreported = new Unreported("", pageName);
  #keptAt = -Infinity; // as `#movedAt`
  #part = partsOf(this);
  #movedAt = -Infinity; // ms, as `performance.now` counts
  #position = -1;
  #leave = new AbortController();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;

  connectedCallback() {
    this.#leave = new AbortController();
    this.#reporter.storedMs = Number(this.dataset.stored ?? 0);
    this.#unreported = new Unreported(this.dataset.keeps ?? "", pageName);
    this.#reporter.takeUp(this.#unreported.take());
    const { signal } = this.#leave;
    const { room } = this;
    const video = room.querySelector("video");
    this.#askRollCall(room.querySelector("roll-call:not([hidden], [data-confirmed])") !== null);
    room.addEventListener("lesson:event", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail), { signal });
    room.addEventListener("lesson:done", (event) => {
      if (/** @type {CustomEvent} */ (event).detail.name === "rollcall.confirm") this.#askRollCall(false);
    }, { signal });
    room.addEventListener("lesson:told", (event) => {
      const { kind, data } = /** @type {CustomEvent} */ (event).detail;
      if (kind === "credits.counted") this.#reporter.learn(data);
    }, { signal });
    for (const name of ["seeking", "emptied"]) video?.addEventListener(name, () => this.#jump(), { signal });
    for (const name of ["pause", "playing"]) video?.addEventListener(name, () => this.#turn(), { signal });
    video?.addEventListener("timeupdate", () => this.#beat(), { signal }); // comes in a hidden tab too, where timers rest
    document.addEventListener("visibilitychange", () => { this.#turn(); if (document.hidden) this.#leaveRest(); }, { signal });
    // A busy browser does not wait for the work of a page in `pagehide`, and drops it.
    for (const name of ["beforeunload", "pagehide"]) window.addEventListener(name, () => this.#leaveRest(), { signal });
    window.addEventListener("online", () => this.#reporter.soon(), { signal });
    this.#pulse = setInterval(() => this.#beat(), SAMPLE_MS);
    this.#beat();
    const way = this.#part("sign-in");
    way?.addEventListener("click", (event) => this.#signIn(event, way), { signal });
  }

  /**
   * In a window beside this one, so that the picture goes on; where there is none, on this page as the link says.
   * @param {Event} event
   * @param {HTMLElement} way
   */
  #signIn(event, way) {
    const beside = window.open(way.dataset.beside, "sign-in", "popup,width=480,height=760");
    if (!beside) return;
    event.preventDefault();
    const channel = new BroadcastChannel(CHANNEL);
    this.#leave.signal.addEventListener("abort", () => channel.close());
    channel.addEventListener("message", () => takeSeatAnew(this.room).catch(() => location.reload()), { signal: this.#leave.signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearInterval(this.#pulse);
  }

  /** The watch page or the replay. */
  get room() {
    return /** @type {HTMLElement} */ (this.closest("[data-socket]"));
  }

  get player() {
    return /** @type {LessonPlayer | null} */ (this.room.querySelector("lesson-player"));
  }

  get counts() {
    return !this.dataset.seat;
  }

  #beat() {
    if (this.counts) {
      this.#sample();
      this.#reporter.beat();
      if (performance.now() - this.#keptAt > KEEP_MS) this.#keep();
    }
    this.#draw();
  }

  #sample() {
    const { player } = this;
    const video = player?.video;
    if (!player || !video || !this.counts) return;
    const now = performance.now();
    if (video.currentTime !== this.#position) this.#movedAt = now;
    this.#position = video.currentTime;
    this.#reporter.watched.sample({
      at: now,
      playing: !video.paused && !video.seeking,
      position: video.currentTime,
      wall: player.wall,
      // Live media arrive no faster than they are captured: a player that catches up a second does not count as fast.
      speed: player.mode === "live" && player.scope === "live" ? 1 : video.playbackRate,
      facts: this.#facts(video),
    });
    if (this.#reporter.watched.waits || player.held) this.#reporter.plays();
  }

  /** @param {HTMLVideoElement} video */
  #facts(video) {
    const isMuted = video.muted || video.volume === 0;
    return (isMuted ? MUTED : 0) | (document.hidden ? HIDDEN : 0) | (document.pictureInPictureElement === video ? APART : 0);
  }

  #jump() {
    this.#reporter.watched.cut();
    this.#reporter.soon();
  }

  #turn() {
    this.#sample();
    this.#reporter.soon();
  }

  /** @param {Record<string, any>} fields */
  #send(fields) {
    const { room } = this;
    if (room.dataset.after !== undefined) return ask(this, COMMAND, fields); // a page with a socket
    return this.#post(fields);
  }

  /**
   * @param {Record<string, any>} fields
   * @param {boolean} [outlives] also when the page goes
   */
  async #post(fields, outlives = false) {
    const frame = { type: "command", name: COMMAND, fields };
    const answer = await exchange.command(this.room.dataset.socket ?? "", location.href, frame, outlives);
    if (answer.type !== "done") throw answer;
    return answer.data;
  }

  /** A page that closes, or that a phone suspends, may never report again: its pieces are sent, and stored as well. */
  #leaveRest() {
    if (!this.counts) return;
    this.#sample();
    const rest = this.#reporter.rest();
    if (rest) this.#post(rest, true).catch(() => {});
    this.#keep();
  }

  /** For the page that comes after this one. */
  #keep() {
    this.#keptAt = performance.now();
    this.#unreported.keep(this.#reporter.unreported);
  }

  /** @param {import("../lib/socket.js").LessonEvent} event */
  #hear({ kind }) {
    if (kind === "rollcall.began") this.#askRollCall(true);
    if (kind === "rollcall.closed") this.#askRollCall(false);
    if (kind === "live.state") this.#reporter.soon();
  }

  /** @param {boolean} asks */
  #askRollCall(asks) {
    show(this.#part("rollcall"), asks && this.counts);
  }

  #draw() {
    const { player } = this;
    const still = performance.now() - this.#movedAt;
    const state = stateOf({
      seat: this.dataset.seat ?? "",
      why: this.#reporter.why,
      lesson: player?.mode === "replay" ? "replay" : player?.state ?? "",
      present: player?.scope === "live" && player.mode === "live",
      speaks: Boolean(player?.held),
      wanted: Boolean(player?.wanted),
      still,
      unheard: this.#reporter.unheard,
      again: this.#reporter.isAgain,
    });
    if (this.dataset.state !== state) {
      this.dataset.state = state;
      for (const line of this.querySelectorAll("[data-of]")) show(line, /** @type {HTMLElement} */ (line).dataset.of === state);
    }
    const sum = this.#part("sum");
    const text = meterText(this.#reporter.sumMs);
    if (sum && sum.textContent !== text) sum.textContent = text;
  }
}

customElements.define("credit-meter", CreditMeter);
