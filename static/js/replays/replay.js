// <replay-room>: the list of moments leads the player.

import "../classroom/player.js";
import { clockText } from "../lib/clock-text.js";

/** @typedef {import("../classroom/player.js").LessonPlayer} LessonPlayer */

class ReplayRoom extends HTMLElement {
  connectedCallback() {
    const player = /** @type {LessonPlayer | null} */ (this.querySelector("lesson-player"));
    if (!player) return;
    player.addEventListener("timeline", () => this.#placeMoments(player));
    this.addEventListener("click", (event) => {
      const moment = /** @type {Element} */ (event.target).closest(".moment");
      if (!(moment instanceof HTMLElement)) return;
      player.goTo(Number(moment.dataset.at));
      player.play();
    });
  }

  /** Moments are known by the clock on the wall; pauses are not in the recording. @param {LessonPlayer} player */
  #placeMoments(player) {
    for (const moment of this.querySelectorAll(".moment")) {
      const position = player.engine?.clock.positionAt(Number(/** @type {HTMLElement} */ (moment).dataset.at));
      const time = moment.querySelector(".figures");
      if (position != null && time) time.textContent = clockText(position);
    }
  }
}

customElements.define("replay-room", ReplayRoom);
