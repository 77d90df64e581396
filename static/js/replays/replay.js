// <replay-room>: the lists of moments and of what a search found lead the player.

import "../classroom/chat/chat.js";
import "../classroom/player/player.js";
import "../classroom/questions/questions.js";
import "../classroom/reactions/reactions.js";
import "../elements/tab-set.js";
import { Feed } from "./feed.js";
import { Peek } from "./peek.js";
import { PlaceKeeper } from "./place.js";
import { partsOf, show } from "../classroom/engine/parts.js";
import { Naps } from "../lib/backoff.js";
import { clockText } from "../lib/clock-text.js";

/** @typedef {import("../classroom/player/player.js").LessonPlayer} LessonPlayer */
/** @typedef {import("../lib/exchange.js").Trouble} Trouble */

const SAME_MS = 300; // a seek may land a little before the moment that was asked for

class ReplayRoom extends HTMLElement {
  #leave = new AbortController();
  #naps = new Naps();
  /** @type {Peek | null} */
  #peek = null;
  /** Troubles by what does not arrive: the feed, the track. @type {Map<string, Trouble>} */
  #troubles = new Map();

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const player = /** @type {LessonPlayer | null} */ (this.querySelector("lesson-player"));
    const feed = new Feed(this);
    feed.fetch(this.dataset.feed ?? "", { signal, naps: this.#naps, onTrouble: (trouble) => this.#say("feed", trouble) });
    this.addEventListener("track:trouble", (event) => this.#say("track", /** @type {CustomEvent} */ (event).detail), { signal });
    const hurry = () => { this.#naps.hurry(); player?.scene?.naps.hurry(); };
    partsOf(this)("trouble-again")?.addEventListener("click", hurry, { signal });
    window.addEventListener("online", hurry, { signal });
    if (!player) {
      feed.show(Infinity);
      return;
    }
    this.#peek = new Peek(player, (position) => player.engine?.clock.wallAt(position) ?? null, signal);
    player.addEventListener("timeline", () => this.#placeMoments(player), { signal });
    this.addEventListener("htmx:afterSettle", () => this.#placeMoments(player), { signal }); // a list came anew
    this.addEventListener("htmx:configRequest", (event) => {
      const form = /** @type {Element} */ (event.target);
      if (form.querySelector("[data-now]")) /** @type {CustomEvent} */ (event).detail.parameters.at = Math.round(player.wall ?? 0);
    }, { signal });
    const video = /** @type {HTMLVideoElement} */ (player.querySelector("video"));
    const place = new PlaceKeeper(this, {
      video,
      wall: () => player.wall,
      goTo: (wall) => player.goTo(wall),
      goToPosition: (position) => player.goToPosition(position),
      startOver: () => { player.goToPosition(0); player.play(); },
    }, signal);
    player.addEventListener("timeline", () => { if (player.engine) place.begin(player.engine.clock); }, { signal });
    for (const name of ["timeupdate", "seeked"]) {
      video.addEventListener(name, () => {
        if (player.wall === null) return;
        feed.show(player.wall);
        /** @type {import("../classroom/reactions/reactions.js").ReactMeter | null} */ (this.querySelector("react-meter"))?.show(player.wall);
        this.#follow(player);
      }, { signal });
    }
    // questions are answered after the lesson too
    video.addEventListener("ended", () => feed.show(Infinity), { signal });
    this.addEventListener("click", (event) => {
      const moment = /** @type {Element} */ (event.target).closest(".moment, .hit");
      if (!(moment instanceof HTMLElement)) return;
      player.goTo(Number(moment.dataset.at));
      player.play();
    }, { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /**
   * Say that a part of the lesson is missing here, and that the page asks for it again.
   * @param {string} what
   * @param {Trouble} trouble
   */
  #say(what, trouble) {
    this.#troubles.set(what, trouble);
    const part = partsOf(this);
    const all = [...this.#troubles.values()];
    show(part("trouble"), all.some((one) => one !== "none"));
    show(part("trouble-waiting"), !all.includes("refused"));
    show(part("trouble-refused"), all.includes("refused"));
  }

  /**
   * Moments have capture times. Pauses are not in the recording, so a pause and the moment after it share one place.
   * @param {LessonPlayer} player
   */
  #placeMoments(player) {
    if (!player.engine?.clock.known) return;
    /** @type {HTMLElement | null} */
    let before = null;
    for (const moment of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-at]:has(.figures)"))) {
      const position = player.engine.clock.positionAt(Number(moment.dataset.at));
      const time = moment.querySelector(".figures");
      if (position == null || !time) continue;
      time.textContent = clockText(position);
      if (!moment.matches(".moment:not(.moment--note)")) continue;
      const isSame = before?.querySelector(".figures")?.textContent === time.textContent;
      if (isSame && before && !before.matches(".moment--turn") && moment.matches(".moment--turn")) {
        moment.closest("li")?.remove();
        continue;
      }
      const line = before?.closest("li");
      if (isSame && !line?.querySelector(".chapter")) line?.remove(); // presenters see every chapter, to edit it
      before = moment;
    }
    this.#mark(player);
    this.toggleAttribute("data-placed", true);
  }

  /** Put what the lists hold on the seek bar. @param {LessonPlayer} player */
  #mark(player) {
    const all = (/** @type {string} */ selector) => /** @type {HTMLElement[]} */ ([...this.querySelectorAll(selector)]);
    const walls = (/** @type {string} */ selector) => all(selector).map((moment) => Number(moment.dataset.at));
    const chapters = all("[data-chapter]").map((moment) => ({
      at: Number(moment.dataset.at),
      title: moment.querySelector(".moment__words")?.textContent?.trim() ?? "",
      thumb: moment.querySelector("img")?.getAttribute("src") ?? "",
    }));
    if (this.#peek) this.#peek.chapters = chapters;
    if (!player.marks) return;
    player.marks.marks = walls(".moment--turn");
    player.marks.chapters = chapters.length ? chapters.map(({ at }) => at) : null;
    player.marks.hits = walls(".hit");
  }

  /** Show in the list of chapters where one is. @param {LessonPlayer} player */
  #follow(player) {
    const { wall } = player;
    if (wall === null) return;
    const chapters = /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[data-chapter]")]);
    const now = chapters.findLast((chapter) => Number(chapter.dataset.at) <= wall + SAME_MS);
    if (now?.hasAttribute("aria-current")) return;
    for (const chapter of chapters) chapter.removeAttribute("aria-current");
    now?.setAttribute("aria-current", "true");
    const list = /** @type {HTMLElement | null} */ (now?.closest(".moments") ?? null);
    const line = now?.closest("li");
    if (!list || !line || list.matches(":hover, :focus-within")) return;
    list.scrollTop = line.offsetTop - list.clientHeight / 3; // scrollIntoView would move the page as well
  }
}

customElements.define("replay-room", ReplayRoom);
