// <replay-room>: the list of moments leads the player.

import "../classroom/chat.js";
import "../classroom/player.js";
import "../classroom/questions.js";
import "../elements/tab-set.js";
import { Feed } from "./feed.js";
import { clockText } from "../lib/clock-text.js";

/** @typedef {import("../classroom/player.js").LessonPlayer} LessonPlayer */

class ReplayRoom extends HTMLElement {
  connectedCallback() {
    const player = /** @type {LessonPlayer | null} */ (this.querySelector("lesson-player"));
    const feed = new Feed(this);
    feed.fetch(this.dataset.socket ?? "");
    if (!player) {
      feed.show(Infinity);
      return;
    }
    player.addEventListener("timeline", () => this.#placeMoments(player));
    for (const name of ["timeupdate", "seeked"]) {
      this.querySelector("video")?.addEventListener(name, () => { if (player.wall !== null) feed.show(player.wall); });
    }
    this.addEventListener("click", (event) => {
      const moment = /** @type {Element} */ (event.target).closest(".moment");
      if (!(moment instanceof HTMLElement)) return;
      player.goTo(Number(moment.dataset.at));
      player.play();
    });
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
    this.toggleAttribute("data-placed", true);
  }
}

customElements.define("replay-room", ReplayRoom);
