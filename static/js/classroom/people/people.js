// <people-panel>: the list is fetched while it is looked at. <raise-hand>: one's own hand, and one's place in the queue.

import { partsOf, show } from "../engine/parts.js";

/** @param {HTMLElement} element @returns {HTMLElement} */
const roomOf = (element) => /** @type {HTMLElement} */ (element.closest("[data-socket]"));

class PeoplePanel extends HTMLElement {
  #leave = new AbortController();

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const room = roomOf(this);
    this.closest('[data-panel], [role="tabpanel"]')?.addEventListener("tab:shown", () => this.#refresh(), { signal });
    room.addEventListener("lesson:told", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail), { signal });
    room.addEventListener("lesson:done", () => this.#refresh(), { signal });
    room.addEventListener("lesson:event", (event) => {
      const { kind } = /** @type {CustomEvent} */ (event).detail;
      if (kind === "hands.raised" && this.querySelector(".hands")) this.dispatchEvent(new CustomEvent("tab:news", { bubbles: true }));
    }, { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /** @param {import("../../lib/socket.js").Told} told */
  #hear({ kind, data }) {
    if (kind !== "people.counts") return;
    const count = document.getElementById("people-count");
    if (count) count.textContent = String(data.total);
    this.#refresh();
  }

  #refresh() {
    const isShown = !this.closest("[hidden]");
    const isBusy = this.querySelector("details.popup[open]");
    if (isShown && !isBusy) this.querySelector(".people__search")?.dispatchEvent(new Event("refresh"));
  }
}

class RaiseHand extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.#draw(JSON.parse(this.dataset.queue ?? "[]"), JSON.parse(this.dataset.floor ?? "[]"));
    roomOf(this).addEventListener("lesson:event", (event) => {
      const { kind, data } = /** @type {CustomEvent} */ (event).detail;
      if (kind.startsWith("hands.") && data.queue) this.#draw(data.queue, data.floor);
      if (kind === "live.state") this.toggleAttribute("hidden", data.state === "ended" || data.state === "cancelled");
    }, { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /**
   * @param {string[]} queue
   * @param {string[]} floor
   */
  #draw(queue, floor) {
    const me = this.dataset.me ?? "";
    const place = queue.indexOf(me);
    const speaks = floor.includes(me);
    show(this.#part("up"), place < 0 && !speaks);
    show(this.#part("down"), place >= 0 || speaks);
    show(this.#part("floor"), speaks);
    const words = this.#part("place");
    if (words) words.textContent = speaks ? words.dataset.spoken ?? "" : (words.dataset.words ?? "").replace("{n}", String(place + 1));
  }
}

customElements.define("people-panel", PeoplePanel);
customElements.define("raise-hand", RaiseHand);
