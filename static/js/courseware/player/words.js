// The words of the player in Chinese and English: the template names them, course.js has them.

import { remember, remembered } from "../../lib/memory.js";

const KEY = "course-language";

export class Words {
  /** @type {Record<string, string>} */
  #words = {};
  #language = "zh";

  /** @param {Record<string, Record<string, string>>} all by language @param {HTMLElement} root */
  constructor(all, root) {
    this.all = all;
    this.root = root;
    const wanted = remembered(KEY) ?? (navigator.language.startsWith("zh") ? "zh" : "en");
    this.#use(wanted in all ? wanted : "zh");
  }

  /** @param {string} name @param {Record<string, string | number>} [values] @returns {string} */
  say(name, values = {}) {
    return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, String(value)), this.#words[name] ?? name);
  }

  /** Take the other language. */
  turn() {
    this.#use(this.#language === "zh" ? "en" : "zh");
    remember(KEY, this.#language);
  }

  /** @param {string} language */
  #use(language) {
    this.#language = language;
    this.#words = this.all[language] ?? {};
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    this.apply(this.root);
    this.root.dispatchEvent(new CustomEvent("course:words"));
  }

  /** Write the words of everything within. @param {ParentNode} root */
  apply(root) {
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-word]"))) {
      element.textContent = this.say(element.dataset.word ?? "");
    }
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-label-word]"))) {
      const label = this.say(element.dataset.labelWord ?? "");
      element.setAttribute("aria-label", label);
      if (element.matches("button, select, label")) element.title = element.dataset.keys ? `${label} (${element.dataset.keys})` : label;
    }
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("slide-view"))) {
      Object.assign(element.dataset, { page: this.say("page"), loading: this.say("loading"), failed: this.say("failed") });
    }
  }
}
