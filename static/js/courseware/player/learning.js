// Keeps what a learner has watched and her place in the film: in the LMS, and in this browser as well, because the last report of a
// closed page reaches an LMS a moment after the next page has asked.

import { show } from "../../classroom/engine/parts.js";
import { remember, rememberedFields } from "../../lib/memory.js";
import { Lms, findLms } from "./lms.js";
import { Watched } from "./watched.js";

const EVERY_MS = 30_000;
const LONGEST_STEP_S = 1.5; // between two reports of the position, at normal speed; more is a jump
const VERSION = 1;
const VERSIONS = { scorm12: "1.2", scorm2004: "2004" };

export class Learning {
  #seconds = 0;
  #last = NaN;
  #completed = false;
  #key = "";
  /** @type {Lms | null} */
  #lms = null;

  /**
   * @param {object} world
   * @param {HTMLVideoElement} world.video
   * @param {ReturnType<typeof import("../../classroom/engine/parts.js").partsOf>} world.part
   * @param {import("./player.js").Course} world.course
   * @param {import("./words.js").Words} world.words
   * @param {import("./quiz.js").Quiz} world.quiz whose answers are kept as well
   * @param {(position: number) => void} world.goTo s
   * @param {(text: string) => void} world.note
   * @param {AbortSignal} signal
   */
  constructor(world, signal) {
    this.world = world;
    this.part = world.part;
    this.video = world.video;
    this.watched = new Watched(world.course.film.length_s);
    this.#begin();
    this.#listen(signal);
    this.#show();
  }

  #begin() {
    const { course, quiz, goTo } = this.world;
    const version = VERSIONS[/** @type {keyof VERSIONS} */ (course.form)];
    const found = version ? findLms(window, version) : null;
    const lms = found && new Lms(found);
    if (lms?.begin()) this.#lms = lms;
    show(this.part("untracked"), Boolean(version) && !this.#lms);
    this.#key = ["course", course.id, this.#lms?.learner].filter(Boolean).join(":");
    this.#completed = this.#lms?.completed ?? false;
    const own = rememberedFields(this.#key);
    const kept = this.#read(this.#lms?.state ?? "");
    for (const one of [kept, own]) {
      if (typeof one.b === "string" && one.w > 0) this.watched.join(one.b, one.w);
      if (typeof one.q === "string") quiz.kept = one.q;
    }
    const place = Number(this.#lms?.location || own.p || 0);
    if (place > 1 && place < course.film.length_s - 5) goTo(place);
  }

  /** @param {string} state @returns {any} */
  #read(state) {
    try {
      return JSON.parse(state) ?? {};
    } catch {
      return {};
    }
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const { video } = this;
    video.addEventListener("timeupdate", () => this.#step(), { signal });
    video.addEventListener("seeking", () => { this.#last = NaN; }, { signal });
    for (const name of ["play", "seeked"]) video.addEventListener(name, () => { this.#last = video.currentTime; }, { signal });
    for (const name of ["pause", "ended"]) video.addEventListener(name, () => { this.#step(); this.keep(); }, { signal });
    const timer = setInterval(() => { if (!video.paused) this.keep(true); }, EVERY_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.keep(true); }, { signal });
    // No unload and no beforeunload: browsers keep frames of an LMS from hearing them.
    window.addEventListener("pagehide", () => { this.keep(true); this.#lms?.end(); }, { signal });
    window.addEventListener("pageshow", (event) => {
      if (event.persisted && this.#lms) this.world.note(this.world.words.say("reload"));
    }, { signal });
  }

  /** The film went on. Only played time counts, so that setting a clock brings nothing. */
  #step() {
    const { video } = this;
    const position = video.currentTime;
    const step = position - this.#last;
    if (!video.seeking && step > 0 && step < LONGEST_STEP_S * Math.max(1, video.playbackRate)) {
      this.watched.played(this.#last, position);
      this.#seconds += step / video.playbackRate;
      this.#show();
      if (!this.#completed && this.#isEnough) this.keep(true);
    }
    this.#last = video.seeking ? NaN : position;
  }

  get #isEnough() {
    return this.watched.share >= this.world.course.share - 1e-9;
  }

  #show() {
    const { world, part } = this;
    const text = world.words.say(this.#completed || this.#isEnough ? "done" : "watched", { n: Math.floor(this.watched.share * 100) });
    const line = part("watched");
    if (line && line.textContent !== text) line.textContent = text;
  }

  /** Store the results. @param {boolean} [now] not a little later */
  keep(now = false) {
    const { video, watched } = this;
    const { quiz } = this.world;
    this.#completed ||= this.#isEnough;
    const position = video.ended ? 0 : video.readyState >= 1 ? video.currentTime : 0;
    const fields = { v: VERSION, b: watched.digits, w: watched.width, ...(quiz.kept ? { q: quiz.kept } : {}) };
    if (video.readyState >= 1) remember(this.#key, { ...fields, p: Math.round(position * 10) / 10 });
    this.#lms?.write({
      position: video.readyState >= 1 ? position : Number(this.#lms.location || 0),
      state: JSON.stringify(fields),
      share: watched.share,
      seconds: this.#seconds,
      completed: this.#completed,
      score: quiz.score,
      passed: quiz.passed,
    });
    this.#lms?.commit(now);
  }
}
