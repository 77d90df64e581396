// Draws the buttons under the picture and hears them, and the keys that do the same.

import { clockText } from "../../lib/clock-text.js";
import { keepsToOnePace } from "../../lib/quirks.js";
import { partsOf, show } from "../engine/parts.js";
import { SHOWN } from "./look.js";

/** @typedef {import("./look.js").Look} Look */

/**
 * @typedef {object} Requests callbacks to the player
 * @property {() => void} toggle plays or pauses
 * @property {(seconds: number) => void} skip goes forwards, or backwards when negative
 * @property {() => void} goLive
 * @property {(place: number) => void} goAlong goes to a place of the seek bar, s
 * @property {(muted: boolean) => void} setMuted
 * @property {(volume: number) => void} setVolume 0 to 1
 * @property {(on: boolean) => void} setVoice plays the sound alone, or the picture again
 * @property {() => void} fill fills the screen, or leaves it
 * @property {() => Record<string, () => void>} keys returns the acts of slides, layouts, small window and captions, by key
 */

const LATE_S = 9; // delay below which the viewer counts as watching the present

export class ControlBar {
  #dragging = false;
  /** @type {Look | null} */
  #look = null;

  /**
   * @param {HTMLVideoElement} video
   * @param {ReturnType<typeof partsOf>} part
   * @param {Requests} requests
   */
  constructor(video, part, requests) {
    this.video = video;
    this.requests = requests;
    this.stage = part("stage");
    this.play = part("play");
    this.mute = part("mute");
    this.full = part("fullscreen");
    this.toLive = part("to-live");
    this.seek = /** @type {HTMLInputElement | null} */ (part("seek"));
    this.volume = /** @type {HTMLInputElement | null} */ (part("volume"));
    this.speed = /** @type {HTMLSelectElement | null} */ (part("speed"));
    this.speedBox = keepsToOnePace(navigator.userAgent) ? null : part("speed-box"); // hidden until it is shown
    this.back = part("back10");
    this.time = part("time");
    this.lengthBox = part("length-box");
    this.length = part("length");
    this.noRewind = part("no-rewind");
    this.keys = part("keys");
    this.quality = part("quality");
    this.picture = part("quality-picture");
    this.#listen();
  }

  #listen() {
    const { requests } = this;
    this.play?.addEventListener("click", () => requests.toggle());
    this.back?.addEventListener("click", () => requests.skip(-10));
    this.mute?.addEventListener("click", () => requests.setMuted(!this.video.muted));
    this.toLive?.addEventListener("click", () => requests.goLive());
    this.full?.addEventListener("click", () => requests.fill());
    this.volume?.addEventListener("input", () => requests.setVolume(Number(this.volume?.value)));
    this.speed?.addEventListener("change", () => this.#keepPace());
    this.seek?.addEventListener("input", () => { this.#dragging = true; this.#showTime(Number(this.seek?.value)); });
    this.seek?.addEventListener("change", () => this.#seekTo(Number(this.seek?.value)));
    this.stage?.addEventListener("click", (event) => this.#tapStage(event));
    this.stage?.addEventListener("dblclick", (event) => { if (event.target === this.video && !this.#look?.hasSlides) requests.fill(); });
    this.quality?.addEventListener("change", (event) => requests.setVoice(/** @type {HTMLInputElement} */ (event.target).value === "sound"));
  }

  /** @param {MouseEvent} event */
  #tapStage(event) {
    if (event.target !== this.video && event.target !== this.stage) return;
    if (this.#look?.mode !== "preview" && this.#look?.isRunning && matchMedia("(hover: hover)").matches) this.requests.toggle();
  }

  /** Do what a key stands for; _player_controls.html lists the keys. @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (target === this.volume && key.startsWith("Arrow")) return;
    if (target.matches("select") && key !== "f" && key !== "m") return;
    if (target.closest(".popup[open], [data-own-keys]")) return; // arrows choose there, letters are written
    // Which sign a digit gives with Shift depends on the keyboard; the key itself does not.
    const digit = event.shiftKey ? /^Digit(\d)$/.exec(event.code)?.[1] : undefined;
    const act = digit === undefined ? this.#acts(target.matches("button, a, select, summary"))[key] : this.requests.keys()[digit];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * Return the acts by key.
   * @param {boolean} onButton the focus is on a button, which a space presses
   * @returns {Record<string, () => void>}
   */
  #acts(onButton) {
    const { requests } = this;
    const acts = { m: () => requests.setMuted(!this.video.muted), f: requests.fill };
    if (this.#look?.mode === "preview") return acts;
    const skip = (/** @type {number} */ seconds) => () => requests.skip(seconds);
    const moves = { k: requests.toggle, j: skip(-10), l: skip(10), ArrowLeft: skip(-5), ArrowRight: skip(5), "<": () => this.#changePace(-1), ">": () => this.#changePace(1) };
    /** @type {Record<string, () => void>} */
    const space = onButton ? {} : { " ": requests.toggle };
    const tenths = Object.fromEntries([...Array(10).keys()].map((tenth) => [String(tenth), () => this.#goToTenth(tenth)]));
    return { ...requests.keys(), ...acts, ...moves, ...space, ...tenths, End: requests.goLive, "?": () => this.keys?.toggleAttribute("open") };
  }

  /** Play at the chosen pace, at which voices keep their pitch. */
  #keepPace() {
    const video = /** @type {any} */ (this.video);
    video.preservesPitch = video.webkitPreservesPitch = true;
    video.playbackRate = Number(this.speed?.value);
  }

  /** Choose the next pace. @param {1 | -1} way faster or slower */
  #changePace(way) {
    const { speed } = this;
    const next = speed?.options[speed.selectedIndex + way];
    if (!speed || !next || this.speedBox?.hidden !== false) return;
    speed.value = next.value;
    this.#keepPace();
  }

  /** Go to a tenth of the bar's length. @param {number} tenth 0 to 9 */
  #goToTenth(tenth) {
    const { seek } = this;
    if (seek && !seek.disabled) this.#seekTo(Number(seek.max) * tenth / 10);
  }

  /** The handle was let go. @param {number} value of the seek bar, s */
  #seekTo(value) {
    this.#dragging = false;
    this.requests.goAlong(value);
  }

  /** @param {Look} look */
  draw(look) {
    this.#look = look;
    this.#twoFaces(this.play, !look.isPaused && look.wanted);
    this.#twoFaces(this.mute, look.isSilent);
    this.#twoFaces(this.full, look.isFull);
    this.play?.toggleAttribute("disabled", !look.isRunning);
    this.#sayQuality(look);
    if (this.volume && document.activeElement !== this.volume) this.volume.value = String(this.video.muted ? 0 : this.video.volume);
    show(this.speedBox, !look.isPresent);
    if (look.isPresent && this.speed) this.speed.value = "1";
    const isBehind = look.scope === "full" || (look.isPaused && look.isRunning && !look.wanted) || (look.delay ?? 0) > LATE_S;
    show(this.toLive, look.mode === "live" && isBehind && SHOWN.has(look.state));
    show(this.lengthBox, look.mode === "replay");
    this.#drawSeek(look);
  }

  /** Mark the choice between picture and sound alone, and name the picture's size. @param {Look} look */
  #sayQuality({ audioOnly }) {
    const { picture, video, quality } = this;
    if (!picture || !quality) return;
    const size = video.videoWidth ? ` ${video.videoWidth}×${video.videoHeight}` : "";
    if (picture.textContent !== size && !audioOnly) picture.textContent = size;
    for (const input of quality.querySelectorAll("input")) input.checked = (input.value === "sound") === audioOnly;
  }

  /** @param {Look} look */
  #drawSeek({ mode, scope, delay, bar }) {
    const { seek } = this;
    if (!seek) return;
    show(this.noRewind, bar.isLost);
    seek.disabled = bar.isDead;
    this.back?.toggleAttribute("disabled", bar.isDead);
    seek.max = String(Math.max(1, Math.floor(bar.length)));
    if (this.length) this.length.textContent = clockText(bar.length);
    if (this.#dragging) return;
    const value = Math.max(0, bar.at ?? 0);
    seek.value = String(scope === "live" && mode !== "replay" && (delay ?? Infinity) < LATE_S ? bar.length : value);
    this.#showTime(value);
  }

  /** Show a place of the seek bar as a time. @param {number} seconds */
  #showTime(seconds) {
    const text = clockText(seconds);
    if (this.time && this.time.textContent !== text) this.time.textContent = text;
    const { seek } = this;
    if (!seek) return;
    seek.setAttribute("aria-valuetext", text);
    seek.style.setProperty("--share", `${(Number(seek.value) / Number(seek.max)) * 100}%`);
  }

  /**
   * Give a button one of its two icons and names.
   * @param {HTMLElement | null} button
   * @param {boolean} second whether the second one
   */
  #twoFaces(button, second) {
    if (!button || button.dataset.second === String(second)) return;
    button.dataset.second = String(second);
    const label = second ? button.dataset.secondLabel : button.dataset.label;
    if (label) button.setAttribute("aria-label", label);
  }
}
