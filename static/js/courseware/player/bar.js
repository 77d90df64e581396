// The buttons under the film, the keys that do the same, chapters and gaps on the bar, and what is under the cursor.

import { show } from "../../classroom/engine/parts.js";
import { clockText } from "../../lib/clock-text.js";
import { remember, remembered } from "../../lib/memory.js";

const SPEED_KEY = "course-speed";
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5];
const FRAME_S = 0.04;

export class Bar {
  #dragging = false;

  /**
   * @param {object} world
   * @param {HTMLVideoElement} world.video
   * @param {ReturnType<typeof import("../../classroom/engine/parts.js").partsOf>} world.part
   * @param {import("./player.js").Course} world.course
   * @param {import("./words.js").Words} world.words
   * @param {(position: number) => void} world.goTo s
   * @param {() => void} world.play
   * @param {() => void} world.fill the screen, or leave it
   * @param {() => void} world.swap what is large and what is small on the stage
   * @param {AbortSignal} signal
   */
  constructor(world, signal) {
    const { part } = world;
    this.world = world;
    this.part = part;
    this.video = world.video;
    this.length = world.course.film.length_s;
    this.seek = /** @type {HTMLInputElement} */ (part("seek"));
    this.speed = /** @type {HTMLSelectElement} */ (part("speed"));
    this.volume = /** @type {HTMLInputElement} */ (part("volume"));
    this.seek.max = String(Math.ceil(this.length));
    this.#fill();
    this.#listen(signal);
    this.update();
  }

  #fill() {
    const { speed, video, part } = this;
    speed.append(...SPEEDS.map((one) => new Option(`${one}×`, String(one))));
    video.defaultPlaybackRate = Number(remembered(SPEED_KEY) ?? 1) || 1;
    video.playbackRate = video.defaultPlaybackRate;
    speed.value = String(video.playbackRate);
    video.preservesPitch = true;
    const marks = part("marks");
    const { chapters, gaps, polls } = this.world.course;
    const all = [...chapters.map(({ at_s: at }) => ["chapter", at]), ...gaps.map(({ at_s: at }) => ["gap", at]), ...polls.map(({ at_s: at }) => ["poll", at])];
    for (const [kind, at] of /** @type {[string, number][]} */ (all)) {
      const mark = document.createElement("i");
      mark.className = `course__mark course__mark--${kind}`;
      mark.style.setProperty("left", `${(at / this.length) * 100}%`);
      marks?.append(mark);
    }
    const length = part("length");
    if (length) length.textContent = clockText(this.length);
    show(part("picture-in-picture"), "pictureInPictureEnabled" in document && document.pictureInPictureEnabled);
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const { video, part, seek } = this;
    const { goTo, fill, words } = this.world;
    /** @type {Record<string, () => void>} */
    const presses = {
      play: () => this.#toggle(),
      big: () => this.#toggle(),
      back10: () => goTo(video.currentTime - 10),
      mute: () => { video.muted = !video.muted; },
      fullscreen: fill,
      "picture-in-picture": () => { this.#apart(); },
      language: () => words.turn(),
    };
    for (const [name, act] of Object.entries(presses)) part(name)?.addEventListener("click", act, { signal });
    this.volume.addEventListener("input", () => { video.volume = Number(this.volume.value); video.muted = false; }, { signal });
    this.speed.addEventListener("change", () => this.#pace(Number(this.speed.value)), { signal });
    seek.addEventListener("input", () => { this.#dragging = true; this.#time(Number(seek.value)); }, { signal });
    seek.addEventListener("change", () => { this.#dragging = false; goTo(Number(seek.value)); }, { signal });
    seek.addEventListener("pointermove", (event) => this.#look(event), { signal });
    seek.addEventListener("pointerleave", () => show(part("look"), false), { signal });
    part("stage")?.addEventListener("click", (event) => this.#tap(event), { signal });
    for (const name of ["play", "pause", "timeupdate", "seeked", "volumechange", "ratechange", "ended", "loadedmetadata", "error"]) {
      video.addEventListener(name, () => this.update(), { signal });
    }
    video.addEventListener("timeupdate", () => this.#sayGap(), { signal });
    document.addEventListener("fullscreenchange", () => this.update(), { signal });
  }

  #toggle() {
    if (this.video.ended) this.world.goTo(0);
    if (this.video.paused) this.world.play();
    else this.video.pause();
  }

  /** @param {MouseEvent} event */
  #tap({ target }) {
    const element = /** @type {Element} */ (target);
    if (element.closest("button") || element.closest("[data-small]")) return;
    if (this.video.paused || matchMedia("(hover: hover)").matches) this.#toggle();
  }

  /** @param {number} speed */
  #pace(speed) {
    this.video.playbackRate = this.video.defaultPlaybackRate = speed;
    remember(SPEED_KEY, String(speed));
  }

  /** @param {number} steps */
  #faster(steps) {
    const at = SPEEDS.findIndex((one) => one >= this.video.playbackRate);
    this.#pace(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + steps))]);
  }

  async #apart() {
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await this.video.requestPictureInPicture();
    } catch { /* the frame around us does not allow it */ }
  }

  /** A key was pressed somewhere in the player. @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (target.matches("select, [role=tab], input:not([type=range])") || (target === this.volume && key.startsWith("Arrow"))) return;
    if (key === " " && target.matches("button, summary, a")) return;
    const { video, part } = this;
    const { goTo, fill, swap } = this.world;
    /** @type {Record<string, () => void>} */
    const acts = {
      " ": () => this.#toggle(),
      k: () => this.#toggle(),
      j: () => goTo(video.currentTime - 10),
      l: () => goTo(video.currentTime + 10),
      ArrowLeft: () => goTo(video.currentTime - 5),
      ArrowRight: () => goTo(video.currentTime + 5),
      ArrowUp: () => { video.volume = Math.min(1, video.volume + 0.1); },
      ArrowDown: () => { video.volume = Math.max(0, video.volume - 0.1); },
      Home: () => goTo(0),
      End: () => goTo(this.length),
      m: () => { video.muted = !video.muted; },
      f: fill,
      c: () => part("captions-switch")?.click(),
      s: swap,
      ",": () => goTo(video.currentTime - FRAME_S),
      ".": () => goTo(video.currentTime + FRAME_S),
      "<": () => this.#faster(-1),
      ">": () => this.#faster(1),
    };
    const act = acts[key] ?? (/^\d$/.test(key) ? () => goTo((Number(key) / 10) * this.length) : null);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** Show what stands at the place under the cursor. @param {PointerEvent} event */
  #look({ clientX }) {
    const { part, seek } = this;
    const { left, width } = seek.getBoundingClientRect();
    const at = Math.max(0, Math.min(1, (clientX - left) / width)) * this.length;
    const chapter = this.world.course.chapters.filter(({ at_s: begins }) => begins <= at).at(-1);
    const look = part("look");
    const picture = /** @type {HTMLImageElement | null} */ (part("look-picture"));
    const words = part("look-words");
    if (!look || !words) return;
    look.style.setProperty("left", `${(at / this.length) * 100}%`);
    words.textContent = [clockText(at), chapter?.title].filter(Boolean).join(" · ");
    show(picture, Boolean(chapter?.thumb));
    if (picture && chapter?.thumb && picture.getAttribute("src") !== chapter.thumb) picture.src = chapter.thumb;
    show(look, true);
  }

  /** Gaps of the recording are named where they are. */
  #sayGap() {
    const { video, world } = this;
    const gap = world.course.gaps.find(({ at_s: at }) => video.currentTime >= at && video.currentTime < at + 3);
    const text = gap ? world.words.say(`gap_${gap.why}`, { t: clockText(gap.missing_ms / 1000) }) : "";
    const line = this.part("gap");
    if (line && line.textContent !== text) line.textContent = text;
    show(line, text !== "");
  }

  update() {
    const { video, part } = this;
    const plays = !video.paused && !video.ended;
    this.#face("play", plays, ["play", "pause"]);
    this.#face("mute", video.muted || video.volume === 0, ["mute", "sound_on"]);
    this.#face("fullscreen", document.fullscreenElement !== null, ["fullscreen", "shrink"]);
    show(part("big"), !plays && video.error === null);
    this.speed.value = String(video.playbackRate);
    this.volume.value = String(video.muted ? 0 : video.volume);
    if (!this.#dragging) this.#time(video.currentTime, true);
  }

  /** @param {number} seconds @param {boolean} [moves] the bar, too */
  #time(seconds, moves = false) {
    const { seek, part } = this;
    const text = clockText(seconds);
    const time = part("time");
    if (time && time.textContent !== text) time.textContent = text;
    if (moves) seek.value = String(seconds);
    seek.setAttribute("aria-valuetext", text);
    seek.style.setProperty("--share", `${(Number(seek.value) / Number(seek.max)) * 100}%`);
  }

  /** A button with two drawings and two names. @param {string} name @param {boolean} second @param {[string, string]} words */
  #face(name, second, words) {
    const button = this.part(name);
    if (!button) return;
    button.dataset.second = String(second);
    button.dataset.labelWord = words[Number(second)];
    const label = this.world.words.say(words[Number(second)]);
    if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
  }
}
