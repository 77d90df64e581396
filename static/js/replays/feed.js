// What was said in a lesson, shown again at its time: the timeline's events are put on the page when the picture comes to
// their moment, and taken off when it goes back.

import { place, takeAway } from "../classroom/fragments.js";
import { exchange } from "../lib/exchange.js";

/** @typedef {import("../lib/socket.js").LessonEvent} LessonEvent */

export class Feed {
  /** @type {LessonEvent[]} in order */
  #events = [];
  #shown = 0;
  #wall = -Infinity;

  /** @param {HTMLElement} room within which each event is heard as `lesson:event` */
  constructor(room) {
    this.room = room;
  }

  /** @param {string} socket address whose events are fetched, batch by batch */
  async fetch(socket) {
    for (let after = 0, more = true; more;) {
      const { frames } = await exchange.events(socket, location.href, after).catch(() => ({ frames: [] }));
      const last = frames[0]?.last ?? after;
      more = last > after;
      after = last;
      this.#events.push(...frames.filter((frame) => frame.type === "event"));
      this.show(this.#wall);
    }
  }

  /** @param {number} wall moment of capture (epoch ms) of what is on the screen; what happened until then is shown */
  show(wall) {
    this.#wall = wall;
    let end = this.#shown;
    while (end < this.#events.length && this.#events[end].at <= wall) end += 1;
    while (end > 0 && this.#events[end - 1].at > wall) end -= 1;
    if (end < this.#shown) this.#empty();
    const fresh = this.#events.slice(this.#shown, end);
    this.#shown = end;
    for (const event of fresh) {
      // What the lesson is doing now is not what it did then; the line that it left is.
      for (const [name, html] of Object.entries(event.html ?? {})) if (name !== "state") place(html);
      if (event.data.gone) takeAway(event.data.gone);
      if (event.kind !== "live.state") this.room.dispatchEvent(new CustomEvent("lesson:event", { detail: event }));
    }
  }

  /** The picture went back: begin anew, since an event may have changed what an earlier one had brought. */
  #empty() {
    for (const one of this.room.querySelectorAll("[data-into]")) one.remove();
    document.getElementById("chat-pinned")?.toggleAttribute("hidden", true);
    this.#shown = 0;
  }
}
