// The buttons under the picture, and the keys that do the same.

import { clockText } from "../../lib/clock-text.js";
import { keepsToOnePace } from "../../lib/quirks.js";
import { serverClock } from "../../lib/server-clock.js";
import { partsOf, show } from "../engine/parts.js";

export class ControlBar {
  #dragging = false;

  /**
   * @param {import("./player.js").LessonPlayer} player
   * @param {ReturnType<typeof partsOf>} part
   */
  constructor(player, part) {
    this.player = player;
    this.video = /** @type {HTMLVideoElement} */ (player.video);
    this.play = part("play");
    this.mute = part("mute");
    this.full = part("fullscreen");
    this.toLive = part("to-live");
    this.seek = /** @type {HTMLInputElement | null} */ (part("seek"));
    this.volume = /** @type {HTMLInputElement | null} */ (part("volume"));
    this.speed = /** @type {HTMLSelectElement | null} */ (part("speed"));
    this.speedBox = keepsToOnePace(navigator.userAgent) ? null : part("speed-box"); // hidden until it is shown
    this.audioSwitch = part("audio-switch");
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
    const { player } = this;
    this.play?.addEventListener("click", () => this.togglePlay());
    this.back?.addEventListener("click", () => player.skip(-10));
    this.mute?.addEventListener("click", () => player.sound?.setMuted(!this.video.muted));
    this.toLive?.addEventListener("click", () => player.goLive());
    this.full?.addEventListener("click", () => this.#toggleFullscreen());
    this.volume?.addEventListener("input", () => player.sound?.setVolume(Number(this.volume?.value)));
    this.speed?.addEventListener("change", () => this.#keepPace());
    this.seek?.addEventListener("input", () => { this.#dragging = true; this.#showTime(Number(this.seek?.value)); });
    this.seek?.addEventListener("change", () => this.#seekTo(Number(this.seek?.value)));
    player.stage?.addEventListener("click", (event) => this.#tapStage(event));
    player.stage?.addEventListener("dblclick", (event) => { if (event.target === this.video && !player.scene?.visible) this.#toggleFullscreen(); });
    this.quality?.addEventListener("change", (event) => player.voice?.set(/** @type {HTMLInputElement} */ (event.target).value === "sound"));
    // Keys work wherever nothing else on the page has the focus; in the studio they are the slides'.
    const heard = player.mode === "preview" ? player : document;
    heard.addEventListener("keydown", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (target === document.body || player.contains(target)) this.press(/** @type {KeyboardEvent} */ (event));
    }, { signal: player.leaving });
    document.addEventListener("fullscreenchange", () => this.update());
  }

  /** What the button for it does. */
  togglePlay() {
    const { player } = this;
    if (this.video.paused || !player.wanted) {
      if (player.mode === "live" && player.scope === "live") player.goLive();
      else if (this.video.ended) player.goToPosition(0);
      player.play();
    } else player.pause();
  }

  /** @param {MouseEvent} event */
  #tapStage(event) {
    if (event.target !== this.video && event.target !== this.player.stage) return;
    if (this.player.mode !== "preview" && this.player.running && matchMedia("(hover: hover)").matches) this.togglePlay();
  }

  #toggleFullscreen() {
    const video = /** @type {any} */ (this.video);
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.player.requestFullscreen) this.player.requestFullscreen();
    else video.webkitEnterFullscreen?.(); // iPhones give the full screen to videos only
  }

  /** A key, as _player_controls.html lists them. @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (target === this.volume && key.startsWith("Arrow")) return;
    if (target.matches("select") && key !== "f" && key !== "m") return;
    if (target.closest(".popup[open], [data-own-keys]")) return; // arrows choose there, letters are written
    // Which sign a digit gives with Shift depends on the keyboard; the key itself does not.
    const digit = event.shiftKey ? /^Digit(\d)$/.exec(event.code)?.[1] : undefined;
    const layouts = digit === undefined ? undefined : this.player.scene?.layouts.keys;
    const act = layouts ? layouts[digit ?? ""] : this.#acts(target.matches("button, a, select, summary"))[key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * @param {boolean} onButton a space presses it
   * @returns {Record<string, () => void>}
   */
  #acts(onButton) {
    const { player } = this;
    const acts = { m: () => player.sound?.setMuted(!this.video.muted), f: () => this.#toggleFullscreen() };
    if (player.mode === "preview") return acts;
    const skip = (/** @type {number} */ seconds) => () => player.skip(seconds);
    const moves = { k: () => this.togglePlay(), j: skip(-10), l: skip(10), ArrowLeft: skip(-5), ArrowRight: skip(5), i: () => player.floating?.toggle(), c: () => player.captions?.toggle(), "<": () => this.#changePace(-1), ">": () => this.#changePace(1) };
    /** @type {Record<string, () => void>} */
    const space = onButton ? {} : { " ": () => this.togglePlay() };
    const tenths = Object.fromEntries([...Array(10).keys()].map((tenth) => [String(tenth), () => this.#goToTenth(tenth)]));
    return { ...player.scene?.leaves.keys, ...player.scene?.layouts.keys, ...acts, ...moves, ...space, ...tenths, End: () => player.goLive(), "?": () => this.keys?.toggleAttribute("open") };
  }

  /** Voices keep their pitch at every pace. */
  #keepPace() {
    const video = /** @type {any} */ (this.video);
    video.preservesPitch = video.webkitPreservesPitch = true;
    video.playbackRate = Number(this.speed?.value);
  }

  /** @param {1 | -1} way to the next faster or slower pace */
  #changePace(way) {
    const { speed } = this;
    const next = speed?.options[speed.selectedIndex + way];
    if (!speed || !next || this.speedBox?.hidden !== false) return;
    speed.value = next.value;
    this.#keepPace();
  }

  /** @param {number} tenth of the length that there is */
  #goToTenth(tenth) {
    const { seek } = this;
    if (seek && !seek.disabled) this.#seekTo(Number(seek.max) * tenth / 10);
  }

  /** @param {number} value of the seek bar, s */
  #seekTo(value) {
    this.#dragging = false;
    const { player } = this;
    if (player.mode === "replay") player.goToPosition(value);
    else if (player.startedAt !== null && player.startedAt !== undefined) player.goTo(player.startedAt + value * 1000, "nearest");
  }

  update() {
    const { player } = this;
    const replay = player.mode === "replay";
    const live = player.mode === "live" && player.scope === "live";
    this.#twoFaces(this.play, !this.video.paused && player.wanted);
    this.#twoFaces(this.mute, this.video.muted || this.video.volume === 0);
    this.#twoFaces(this.full, document.fullscreenElement === player);
    this.play?.toggleAttribute("disabled", !player.running);
    this.audioSwitch?.setAttribute("aria-pressed", String(player.audioOnly));
    player.voice?.name(player.scene?.visible ?? false);
    this.#sayQuality();
    if (this.volume && document.activeElement !== this.volume) this.volume.value = String(this.video.muted ? 0 : this.video.volume);
    show(this.speedBox, !live);
    if (live && this.speed) this.speed.value = "1";
    const behind = player.scope === "full" || (this.video.paused && player.running && player.wanted === false) || (player.delay ?? 0) > 9;
    show(this.toLive, player.mode === "live" && behind && ["on_air", "interrupted"].includes(player.state));
    show(this.lengthBox, replay);
    this.#updateSeek(replay);
  }

  /** What the menu has: the picture, with the size in which it comes, and the sound alone. */
  #sayQuality() {
    const { picture, video, player, quality } = this;
    if (!picture || !quality) return;
    const size = video.videoWidth ? ` ${video.videoWidth}×${video.videoHeight}` : "";
    if (picture.textContent !== size && !player.audioOnly) picture.textContent = size;
    for (const input of quality.querySelectorAll("input")) input.checked = (input.value === "sound") === player.audioOnly;
  }

  /** @param {boolean} replay */
  #updateSeek(replay) {
    const { seek, player } = this;
    if (!seek) return;
    const started = player.startedAt ?? null;
    const now = replay ? this.video.currentTime : player.wall !== null && started !== null ? (player.wall - started) / 1000 : null;
    const last = replay ? this.#replayLength() : started !== null ? (serverClock.now() - started) / 1000 : 0;
    const lost = player.mode === "live" && player.scope === "live" && !player.canRewind;
    show(this.noRewind, lost && !["scheduled", "ended", "cancelled"].includes(player.state));
    const dead = lost || now === null || last <= 0 || (player.mode === "live" && player.scope === "live" && ["scheduled", "ended", "cancelled"].includes(player.state));
    seek.disabled = dead;
    this.back?.toggleAttribute("disabled", dead);
    seek.max = String(Math.max(1, Math.floor(last)));
    player.marks?.update(dead ? 0 : last);
    if (this.length) this.length.textContent = clockText(last);
    if (this.#dragging) return;
    const value = Math.max(0, now ?? 0);
    seek.value = String(player.scope === "live" && !replay && (player.delay ?? 99) < 9 ? last : value);
    this.#showTime(value);
  }

  #replayLength() {
    const { duration, seekable } = this.video;
    if (Number.isFinite(duration)) return duration;
    return seekable.length ? seekable.end(seekable.length - 1) : 0;
  }

  /** @param {number} seconds */
  #showTime(seconds) {
    const text = clockText(seconds);
    if (this.time && this.time.textContent !== text) this.time.textContent = text;
    const { seek } = this;
    if (!seek) return;
    seek.setAttribute("aria-valuetext", text);
    seek.style.setProperty("--share", `${(Number(seek.value) / Number(seek.max)) * 100}%`);
  }

  /**
   * A button with two drawings and two names.
   * @param {HTMLElement | null} button
   * @param {boolean} second
   */
  #twoFaces(button, second) {
    if (!button || button.dataset.second === String(second)) return;
    button.dataset.second = String(second);
    const label = second ? button.dataset.secondLabel : button.dataset.label;
    if (label) button.setAttribute("aria-label", label);
  }
}
