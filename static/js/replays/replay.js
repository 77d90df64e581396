// <replay-room>: the list of moments leads the player.

import "../classroom/chat/chat.js";
import "../classroom/player/player.js";
import "../classroom/questions/questions.js";
import "../elements/tab-set.js";
import { Feed } from "./feed.js";
import { partsOf, show } from "../classroom/engine/parts.js";
import { Naps } from "../lib/backoff.js";
import { clockText } from "../lib/clock-text.js";

/** @typedef {import("../classroom/player/player.js").LessonPlayer} LessonPlayer */
/** @typedef {import("../lib/exchange.js").Trouble} Trouble */

class ReplayRoom extends HTMLElement {
  #leave = new AbortController();
  #naps = new Naps();
  /** What does not come, by what it is: the feed, the track. @type {Map<string, Trouble>} */
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
    player.addEventListener("timeline", () => this.#placeMoments(player), { signal });
    const asked = /^#at=(\d{13})$/.exec(location.hash); // a link from a table leads to a moment
    if (asked) player.addEventListener("timeline", () => player.goTo(Number(asked[1])), { signal, once: true });
    for (const name of ["timeupdate", "seeked"]) {
      this.querySelector("video")?.addEventListener(name, () => { if (player.wall !== null) feed.show(player.wall); }, { signal });
    }
    // questions are answered after the lesson too
    this.querySelector("video")?.addEventListener("ended", () => feed.show(Infinity), { signal });
    this.addEventListener("click", (event) => {
      const moment = /** @type {Element} */ (event.target).closest(".moment");
      if (!(moment instanceof HTMLElement)) return;
      player.goTo(Number(moment.dataset.at));
      player.play();
    }, { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /**
   * Say that something of the lesson is missing here, and that it is asked for again.
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
   * Moments are known by the clock on the wall; pauses are not in the recording: a pause and what follows it are one place.
   * @param {LessonPlayer} player
   */
  #placeMoments(player) {
    /** @type {HTMLElement | null} */
    let before = null;
    for (const moment of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll(".moment"))) {
      const position = player.engine?.clock.positionAt(Number(moment.dataset.at));
      const time = moment.querySelector(".figures");
      if (position == null || !time) continue;
      time.textContent = clockText(position);
      if (before?.querySelector(".figures")?.textContent === time.textContent) before.closest("li")?.remove();
      before = moment;
    }
    const turns = /** @type {HTMLElement[]} */ ([...this.querySelectorAll(".moment:not(:has(.moment__page))")]);
    if (player.marks) player.marks.marks = turns.map((moment) => Number(moment.dataset.at));
    this.toggleAttribute("data-placed", true);
  }
}

customElements.define("replay-room", ReplayRoom);
