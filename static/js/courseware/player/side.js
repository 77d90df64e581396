// Shows chapters, messages, questions and polls beside the film. Messages appear when the film reaches their moment.

import { partsOf, show } from "../../classroom/engine/parts.js";
import { clockText } from "../../lib/clock-text.js";

export class Side {
  /** Lists whose entries come with the film. @type {{list: HTMLElement, entries: {at: number, element: HTMLElement}[]}[]} */
  #lists = [];
  /** @type {{at: number, element: HTMLElement}[]} */
  #chapters = [];
  #now = NaN;

  /**
   * @param {ReturnType<typeof partsOf>} part
   * @param {import("./player.js").Course} course
   * @param {import("./words.js").Words} words
   */
  constructor(part, course, words) {
    this.part = part;
    this.course = course;
    this.words = words;
  }

  /** Write everything in the language of the words. */
  build() {
    const { part, words } = this;
    const { chapters, chat, questions, polls } = this.course;
    this.#chapters = this.#fill("chapters", chapters, (chapter, element) => {
      const inside = partsOf(element);
      const picture = /** @type {HTMLImageElement | null} */ (inside("thumb"));
      if (picture && chapter.thumb) picture.src = chapter.thumb;
      show(picture, chapter.thumb !== "");
      write(inside("title"), chapter.title || words.say("page_only", { n: chapter.page ?? "" }));
    });
    this.#lists = [
      this.#list("chat", chat, (said, element) => {
        const inside = partsOf(element);
        write(inside("name"), this.#name(said));
        write(inside("answers"), said.answers);
        write(inside("text"), said.text);
        const picture = /** @type {HTMLImageElement | null} */ (inside("picture"));
        if (picture && said.picture) picture.src = said.picture;
        show(picture, said.picture !== "");
      }),
      this.#list("questions", questions, (asked, element) => {
        const inside = partsOf(element);
        write(inside("name"), this.#name(asked));
        write(inside("text"), asked.text);
        write(inside("answer"), asked.answer);
        write(inside("answered-by"), asked.answered_by);
        const voice = inside("voice");
        if (voice && asked.answered_s !== null) voice.dataset.at = String(asked.answered_s);
        show(voice, asked.answered_s !== null);
      }),
    ];
    show(part("tab-chat"), chat.length > 0);
    show(part("tab-questions"), questions.length > 0);
    show(part("tab-polls"), polls.length > 0);
    this.#now = NaN;
  }

  /**
   * @template {{at_s: number}} T
   * @param {string} name of the list and of its template
   * @param {T[]} things
   * @param {(thing: T, element: HTMLElement) => void} draw
   */
  #fill(name, things, draw) {
    const list = this.part(name);
    const template = /** @type {HTMLTemplateElement | null} */ (this.part(`${name}-one`));
    const entries = things.map((thing) => {
      const element = /** @type {HTMLElement} */ (template?.content.firstElementChild?.cloneNode(true));
      const place = element.matches("[data-place]") ? element : element.querySelector("[data-place]");
      if (place instanceof HTMLElement) place.dataset.at = String(thing.at_s);
      write(partsOf(element)("at"), clockText(thing.at_s));
      draw(thing, element);
      this.words.apply(element);
      return { at: thing.at_s, element };
    });
    list?.replaceChildren(...entries.map(({ element }) => element));
    return entries;
  }

  /**
   * @template {{at_s: number}} T
   * @param {string} name
   * @param {T[]} things
   * @param {(thing: T, element: HTMLElement) => void} draw
   */
  #list(name, things, draw) {
    return { list: /** @type {HTMLElement} */ (this.part(name)), entries: this.#fill(name, things, draw) };
  }

  /** @param {{name: string, part: string}} of */
  #name({ name, part }) {
    return name || this.words.say(part ? `part_${part}` : "part_learner");
  }

  /** Time goes on, or somebody has jumped. @param {number} position s */
  follow(position) {
    const now = Math.floor(position * 2);
    if (now === this.#now) return;
    this.#now = now;
    const current = this.#chapters.filter(({ at }) => at <= position + 0.2).at(-1);
    for (const one of this.#chapters) {
      if (one === current) one.element.setAttribute("aria-current", "true");
      else one.element.removeAttribute("aria-current");
    }
    for (const { list, entries } of this.#lists) {
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
      let changed = false;
      for (const { at, element } of entries) {
        const hidden = at > position + 0.2;
        if (element.hidden !== hidden) {
          element.hidden = hidden;
          changed = true;
        }
      }
      if (changed && atEnd) list.scrollTop = list.scrollHeight;
    }
  }
}

/** @param {Element | null} element @param {string} text "" hides it */
function write(element, text) {
  if (!element) return;
  element.textContent = text;
  show(element, text !== "");
}
