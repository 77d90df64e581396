// <poll-now>: what asks for a learner's attention stands in the sheet over the tabs, everything else in its tab. The fragments
// are the same for all learners; what this one has answered is drawn into them here.

import { say } from "../../lib/toast.js";
import { partsOf, show } from "../engine/parts.js";

/** @typedef {{poll: number, chosen: number[], text: string}} Answer */

class PollNow extends HTMLElement {
  #leave = new AbortController();
  /** @type {Record<string, Answer>} what this person has answered, by the polls */
  #mine = {};

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const room = /** @type {HTMLElement} */ (this.closest("[data-socket]"));
    this.#mine = JSON.parse(this.dataset.mine ?? "{}");
    for (const poll of room.querySelectorAll("[data-poll]")) this.#draw(/** @type {HTMLElement} */ (poll));
    room.addEventListener("lesson:event", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail), { signal });
    room.addEventListener("lesson:told", (event) => {
      const { kind, data } = /** @type {CustomEvent} */ (event).detail;
      if (kind === "polls.mine") this.#answered(data);
    }, { signal });
    room.addEventListener("lesson:done", (event) => {
      const { name, data } = /** @type {CustomEvent} */ (event).detail;
      if (name === "polls.answer") this.#answered(data);
    }, { signal });
    this.addEventListener("click", (event) => {
      if (/** @type {Element} */ (event.target).closest("[data-poll-away]")) this.#putAway(/** @type {Element} */ (event.target));
    }, { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /** @param {import("../../lib/socket.js").LessonEvent} event */
  #hear({ kind, data }) {
    if (!kind.startsWith("polls.") || !data.poll) return;
    const poll = document.getElementById(`poll-${data.poll}`);
    if (!poll) return;
    this.#draw(poll);
    if (kind === "polls.opened" && data.state === "open") {
      for (const other of this.querySelectorAll('[data-poll]:not([data-state="open"])')) this.#putAway(other);
      this.querySelector("[data-part=said]")?.after(poll);
      this.#say("opened", poll);
    } else if (kind === "polls.closed" && this.contains(poll)) {
      if (!poll.hasAttribute("data-answered")) say(this.dataset.closed ?? "");
      this.#putAway(poll);
      poll.dispatchEvent(new CustomEvent("tab:news", { bubbles: true }));
    } else if (kind === "polls.published") {
      this.querySelector("[data-part=said]")?.after(poll);
      this.#say("published", poll);
    }
  }

  /** @param {Answer} answer */
  #answered(answer) {
    this.#mine[answer.poll] = answer;
    const poll = document.getElementById(`poll-${answer.poll}`);
    if (poll) this.#draw(poll);
  }

  /** @param {HTMLElement} poll */
  #draw(poll) {
    const mine = this.#mine[poll.dataset.poll ?? ""];
    const chosen = mine?.chosen ?? [];
    const part = partsOf(poll);
    poll.toggleAttribute("data-answered", Boolean(mine));
    poll.toggleAttribute("data-settled", poll.dataset.state === "open" && Boolean(mine));
    if (mine) {
      for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (poll.querySelectorAll("input[name=chosen]"))) {
        input.checked = chosen.includes(Number(input.value));
      }
      const field = poll.querySelector("textarea");
      if (field) field.value = mine.text;
    }
    for (const option of /** @type {NodeListOf<HTMLElement>} */ (poll.querySelectorAll("[data-option]"))) {
      option.toggleAttribute("data-mine", chosen.includes(Number(option.dataset.option)));
    }
    /** @type {number[]} */
    const right = JSON.parse(poll.dataset.right ?? "[]");
    const isRight = String(right) === String(chosen);
    show(part("none"), !mine);
    show(part("mine"), chosen.length > 0);
    show(part("right"), Boolean(mine) && isRight);
    show(part("wrong"), Boolean(mine) && !isRight);
    show(part("own"), Boolean(mine?.text));
    const own = part("own-text");
    if (own) own.textContent = mine?.text ?? "";
  }

  /** @param {Element} within what goes into its tab, in the order of the list */
  #putAway(within) {
    const poll = /** @type {HTMLElement | null} */ (within.closest("[data-poll]"));
    const list = document.getElementById(poll?.dataset.into ?? "");
    if (!poll || !list) return;
    const later = [...list.children].find((one) => Number(/** @type {HTMLElement} */ (one).dataset.order) > Number(poll.dataset.order));
    list.insertBefore(poll, later ?? null);
    if (poll.dataset.state === "open") poll.dispatchEvent(new CustomEvent("tab:news", { bubbles: true }));
  }

  /**
   * @param {"opened" | "published"} what
   * @param {HTMLElement} poll
   */
  #say(what, poll) {
    const status = /** @type {HTMLElement | null} */ (this.querySelector("[data-part=said]"));
    if (status) status.textContent = `${status.dataset[what] ?? ""} ${poll.querySelector(".poll__question")?.textContent ?? ""}`;
  }
}

customElements.define("poll-now", PollNow);
