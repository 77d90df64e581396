// <replay-room>: the list of moments leads the player.

import "../classroom/player.js";

/** @typedef {import("../classroom/player.js").LessonPlayer} LessonPlayer */

class ReplayRoom extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const moment = /** @type {Element} */ (event.target).closest(".moment");
      const player = /** @type {LessonPlayer | null} */ (this.querySelector("lesson-player"));
      if (!(moment instanceof HTMLElement) || !player) return;
      player.goToPosition(Number(moment.dataset.at) / 1000);
      player.play();
    });
  }
}

customElements.define("replay-room", ReplayRoom);
