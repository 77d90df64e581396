// The portable player of a course: a film, the slides at its moments, chapters and what was said beside it. It is put
// together as one classic script (setup/bundle.sh) and plays from a file, from any web server and in an LMS.
// Markup: templates/courseware/player/index.html. Data: course.js, which is course.json as window.COURSE.

import "../../classroom/slides/slide-view.js";
import "../../elements/tab-set.js";
import { partsOf, show } from "../../classroom/engine/parts.js";
import { Captions } from "../../classroom/player/captions.js";
import { Layouts } from "../../classroom/player/layouts.js";
import { toggleFullscreen } from "../../lib/fullscreen.js";
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

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const part = partsOf(this);
    const course = /** @type {Course} */ (/** @type {any} */ (globalThis).COURSE);
    this.course = course;
    const video = /** @type {HTMLVideoElement} */ (part("video"));
    this.video = video;
    this.view = /** @type {import("../../classroom/slides/slide-view.js").SlideView} */ (part("slide"));
    const words = new Words(course.words, this);
    const goTo = (/** @type {number} */ position) => this.goTo(position);
    const note = (/** @type {string} */ text) => this.note(text);
    const play = () => this.play();
    this.words = words;
    this.layouts = new Layouts(part, this.dataset, signal);
    this.#clock.update(course.clock.map(({ at_s: start, length_s: duration, captured_ms: programDateTime }) => ({ start, duration, programDateTime })));
    this.#track.add(course.stage);
    this.#addCaptions();
    this.captions = new Captions(video.textTracks, part);
    this.source = new Source({ video, part, words, note, play });
    this.quiz = new Quiz({ part, polls: course.polls, words, onAnswer: () => this.learning?.keep(true) });
    this.side = new Side(part, course, words);
    this.bar = new Bar({ video, part, course, words, goTo, play, fill: () => { toggleFullscreen(this, video).catch(() => note(words.say("no_fullscreen"))); }, swap: () => this.layouts?.swap() }, signal);
    this.learning = new Learning({ video, part, course, words, quiz: this.quiz, goTo, note }, signal);
    this.#write();
    this.#listen(video, signal);
    this.#follow();
    this.#pulse();
  }

  /** @param {HTMLVideoElement} video @param {AbortSignal} signal */
  #listen(video, signal) {
    for (const name of ["seeked", "timeupdate", "loadeddata"]) video.addEventListener(name, () => this.#pulse(), { signal });
    for (const name of ["seeked", "timeupdate", "ended"]) video.addEventListener(name, () => this.side?.follow(video.currentTime), { signal });
    this.addEventListener("keydown", (event) => this.bar?.press(event), { signal });
    this.addEventListener("course:words", () => this.#write(), { signal });
    this.addEventListener("click", ({ target }) => {
      const place = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-at]"));
      if (!place) return;
      this.goTo(Number(place.dataset.at));
      this.play();
    }, { signal });
  }

  /** Write what stands beside the film and on its buttons in the language of the words. */
  #write() {
    this.side?.build();
    this.side?.follow(this.video?.currentTime ?? 0);
    this.quiz?.build();
    this.bar?.update();
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
