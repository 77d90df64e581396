// <lesson-room>: the watch page. Joins the socket to the player.

import "../player/player.js";
import "../chat/chat.js";
import "../people/people.js";
import "../questions/questions.js";
import "../polls/polls.js";
import "../reactions/reactions.js";
import "../rollcall/rollcall.js";
import "./sheet.js";
import "../stage/check.js";
import "../stage/seat.js";
import "../../elements/tab-set.js";
import { place } from "../engine/fragments.js";
import { followLesson } from "../engine/lesson-events.js";

/** @typedef {import("../player/player.js").LessonPlayer} LessonPlayer */

class LessonRoom extends HTMLElement {
  /** @type {ReturnType<typeof followLesson> | undefined} */
  #lesson;

  connectedCallback() {
    const player = /** @type {LessonPlayer} */ (this.querySelector("lesson-player"));
    this.#lesson = followLesson(this, {
      onLine: (online) => player.vitals?.setOnline(online),
      onRefused: () => player.vitals?.setRefused(),
      onState: (data, event) => {
        this.dataset.state = data.state;
        if (event.html?.state) place(event.html.state);
        player.setState(data, event.at);
      },
    });
  }

  disconnectedCallback() {
    this.#lesson?.close();
  }
}

customElements.define("lesson-room", LessonRoom);
