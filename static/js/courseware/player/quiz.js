// Polls of the lesson: what people answered, and where right answers are known, a quiz for the people who watch the course.

import { partsOf, show } from "../../classroom/engine/parts.js";
import { clockText } from "../../lib/clock-text.js";

/** @typedef {import("./player.js").Poll} Poll */

const ENOUGH = 60; // of 100: passed

export class Quiz {
  /** Chosen options of each question, as a mask: the first is the lowest bit; 0 is not answered. @type {number[]} */
  #answers;

  /**
   * @param {object} world
   * @param {ReturnType<typeof partsOf>} world.part
   * @param {Poll[]} world.polls
   * @param {import("./words.js").Words} world.words
   * @param {() => void} world.onAnswer
   */
  constructor({ part, polls, words, onAnswer }) {
    this.part = part;
    this.polls = polls;
    this.words = words;
    this.onAnswer = onAnswer;
    this.#answers = polls.map(() => 0);
  }

  /** @returns {number[]} places of those polls that have right answers */
  get #asked() {
    return this.polls.flatMap(({ right }, at) => (right.length ? [at] : []));
  }

  /** @returns {number | null} points of 100. `null` means that there is no quiz, or that it is not answered yet */
  get score() {
    const asked = this.#asked;
    if (asked.length === 0 || asked.some((at) => this.#answers[at] === 0)) return null;
    return Math.round((100 * asked.filter((at) => this.#isRight(at)).length) / asked.length);
  }

  /** @returns {boolean | null} */
  get passed() {
    return this.score === null ? null : this.score >= ENOUGH;
  }

  /** @returns {string} digits and commas, to be found again */
  get kept() {
    return this.#asked.length ? this.#answers.join(",") : "";
  }

  set kept(text) {
    const found = text.split(",").map(Number);
    if (text && found.length === this.#answers.length && found.every((mask) => Number.isInteger(mask) && mask >= 0)) this.#answers = found;
  }

  /** @param {number} at */
  #isRight(at) {
    return this.#answers[at] === this.polls[at].right.reduce((mask, number) => mask | (1 << (number - 1)), 0);
  }

  build() {
    const template = /** @type {HTMLTemplateElement | null} */ (this.part("polls-one"));
    const boxes = this.polls.map((poll, at) => {
      const box = /** @type {HTMLElement} */ (template?.content.firstElementChild?.cloneNode(true));
      this.#draw(box, poll, at);
      return box;
    });
    this.part("polls")?.replaceChildren(...boxes);
  }

  /** @param {HTMLElement} box @param {Poll} poll @param {number} at */
  #draw(box, poll, at) {
    const { words } = this;
    const inside = partsOf(box);
    const place = inside("at");
    const question = inside("question");
    const choices = inside("choices");
    if (place) {
      place.dataset.at = String(poll.at_s);
      place.textContent = clockText(poll.at_s);
    }
    if (question) question.textContent = poll.question;
    const open = poll.right.length > 0 && this.#answers[at] === 0;
    choices?.replaceChildren(...poll.options.map((option, index) => (open ? this.#choice(poll, at, option, index) : this.#bar(poll, option, index))));
    const send = inside("send");
    show(send, open);
    send?.addEventListener("click", () => this.#send(box, at));
    const verdict = inside("verdict");
    const answered = poll.right.length > 0 && !open;
    show(verdict, answered);
    if (verdict && answered) verdict.textContent = words.say(this.#isRight(at) ? "right" : "wrong");
    const again = inside("again");
    show(again, answered && !this.#isRight(at));
    again?.addEventListener("click", () => { this.#answers[at] = 0; this.build(); });
    words.apply(box);
  }

  /** @param {Poll} poll @param {number} at @param {string} option @param {number} index */
  #choice(poll, at, option, index) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = poll.kind === "multiple" ? "checkbox" : "radio";
    input.name = `poll-${at}`;
    input.value = String(index);
    label.className = "poll-choice";
    label.append(input, ` ${option}`);
    return label;
  }

  /** @param {Poll} poll @param {string} option @param {number} index */
  #bar(poll, option, index) {
    const row = document.createElement("div");
    const meter = document.createElement("meter");
    const count = poll.counts[index] ?? 0;
    meter.max = Math.max(1, poll.total);
    meter.value = count;
    row.className = "poll-row";
    row.toggleAttribute("data-right", poll.right.includes(index + 1));
    row.append(option, meter, String(count));
    return row;
  }

  /** @param {HTMLElement} box @param {number} at */
  #send(box, at) {
    const chosen = /** @type {NodeListOf<HTMLInputElement>} */ (box.querySelectorAll("input:checked"));
    const mask = [...chosen].reduce((sum, { value }) => sum | (1 << Number(value)), 0);
    if (mask === 0) return;
    this.#answers[at] = mask;
    this.build();
    this.onAnswer();
  }
}
