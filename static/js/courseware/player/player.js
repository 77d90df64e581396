// The portable player of a course: a film, the slides at its moments, chapters and what was said beside it. It is put
// together as one classic script (setup/bundle.sh) and plays from a file, from any web server and in an LMS.
// Markup: templates/courseware/player/index.html. Data: course.js, which is course.json as window.COURSE.

import "../../classroom/slides/slide-view.js";
import "../../elements/tab-set.js";
import { partsOf, show } from "../../classroom/engine/parts.js";
import { Captions } from "../../classroom/player/captions.js";
import { Layouts } from "../../classroom/player/layouts.js";
import { LessonTrack } from "../../lib/lesson-track.js";
import { MediaClock } from "../../lib/media-clock.js";
import { PicturePosition } from "../../lib/picture-position.js";
import { Bar } from "./bar.js";
import { Learning } from "./learning.js";
import { Quiz } from "./quiz.js";
import { Side } from "./side.js";
import { Source } from "./source.js";
import { Words } from "./words.js";

/**
 * @typedef {import("../../lib/socket.js").LessonEvent} LessonEvent
 * @typedef {{at_s: number, title: string, page: number | null, thumb: string}} Chapter
 * @typedef {{at_s: number, missing_ms: number, why: string}} Gap
 * @typedef {{at_s: number, name: string, part: string, text: string, picture: string, answers: string}} Said
 * @typedef {{at_s: number, name: string, part: string, text: string, votes: number, answer: string, answered_by: string, answered_s: number | null}} Asked
 * @typedef {{at_s: number, kind: string, question: string, options: string[], counts: number[], total: number, right: number[]}} Poll
 * @typedef {object} Course
 * @property {string} id
 * @property {string} form scorm12, scorm2004 or web
 * @property {string} title
 * @property {string[]} teachers
 * @property {string} unit
 * @property {string} language
 * @property {{src: string, length_s: number, width: number, height: number}} film
 * @property {{at_s: number, length_s: number, captured_ms: number}[]} clock
 * @property {Gap[]} gaps
 * @property {LessonEvent[]} stage
 * @property {Chapter[]} chapters
 * @property {number} share
 * @property {Said[]} chat
 * @property {Asked[]} questions
 * @property {Poll[]} polls
 * @property {{language: string, label: string, cues: [number, number, string][]}[]} captions
 * @property {Record<string, Record<string, string>>} words
 */

const SOON = 3; // number of pages that are fetched before they are due

export class CoursePlayer extends HTMLElement {
  #leave = new AbortController();
  #track = new LessonTrack();
  #clock = new MediaClock();
  #version = NaN;
  /** @type {PicturePosition | null} */
  #position = null;
  /** Layouts ask for it; a course always has its picture. */
  audioOnly = false;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const part = partsOf(this);
    const course = /** @type {Course} */ (/** @type {any} */ (globalThis).COURSE);
    this.course = course;
    this.video = /** @type {HTMLVideoElement} */ (part("video"));
    this.stage = /** @type {HTMLElement} */ (part("stage"));
    this.view = /** @type {import("../../classroom/slides/slide-view.js").SlideView} */ (part("slide"));
    this.words = new Words(course.words, this);
    this.layouts = new Layouts(/** @type {any} */ (this), part, signal);
    this.#clock.update(course.clock.map(({ at_s: start, length_s: duration, captured_ms: programDateTime }) => ({ start, duration, programDateTime })));
    this.#track.add(course.stage);
    this.#addCaptions();
    this.captions = new Captions(/** @type {any} */ (this), part);
    this.source = new Source(this, part);
    this.quiz = new Quiz(this, part);
    this.side = new Side(this, part);
    this.bar = new Bar(this, part, signal);
    this.learning = new Learning(this, part, signal);
    for (const name of ["seeked", "timeupdate", "loadeddata"]) this.video.addEventListener(name, () => this.#pulse(), { signal });
    this.#follow();
    this.#pulse();
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /** @returns {number} s */
  get length() {
    return this.course?.film.length_s ?? 0;
  }

  /** @param {number} position s */
  goTo(position) {
    this.source?.seek(Math.max(0, Math.min(position, this.length - 0.1)));
  }

  play() {
    this.video?.play().catch(() => this.bar?.update()); // the browser wants a press of a button
  }

  /** @param {number} at s @returns {number} epoch ms */
  wallAt(at) {
    return this.#clock.wallAt(at) ?? 0;
  }

  #addCaptions() {
    for (const { language, label, cues } of this.course?.captions ?? []) {
      const track = this.video?.addTextTrack("captions", label, language); // <track src> does not load from a file
      for (const [from, to, text] of cues) track?.addCue(new VTTCue(from, to, text));
    }
  }

  /** Show the slides of each picture: told by the browser where it tells, else with every frame of the screen. */
  #follow() {
    const video = /** @type {HTMLVideoElement} */ (this.video);
    const { signal } = this.#leave;
    this.#position = new PicturePosition(video, signal, () => this.#pulse());
    const onScreen = () => {
      if (signal.aborted) return;
      if (!video.paused) this.#pulse();
      requestAnimationFrame(onScreen);
    };
    requestAnimationFrame(onScreen);
  }

  #pulse() {
    const { video, view } = this;
    if (!video || !view || video.seeking) return;
    const wall = this.#clock.wallAt(this.#position?.now ?? video.currentTime);
    if (wall === null) return;
    const stage = this.#track.at(wall);
    if (stage.version !== this.#version) {
      this.#version = stage.version;
      this.layouts?.set(stage.page !== null, stage.layout);
      const soon = this.#track.after(wall).filter(({ kind }) => kind === "slides.shown").slice(0, SOON);
      for (const { data } of soon) view.preload(data.large, "");
    }
    view.show(stage, wall);
  }

  /** Show a sentence over the stage for a while, or until the next one. @param {string} text "" removes it */
  note(text) {
    const note = partsOf(this)("note");
    if (!note) return;
    note.textContent = text;
    show(note, text !== "");
  }
}

customElements.define("course-player", CoursePlayer);
