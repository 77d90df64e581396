// <lesson-chat>: writes messages, keeps the list at its place while somebody reads back, and says what has come meanwhile.

import { pageToken } from "../lib/page-token.js";
import { serverClock } from "../lib/server-clock.js";
import { ask, sayRefusal } from "./lesson-events.js";
import { newName } from "./names.js";
import { partsOf, show } from "./parts.js";

const NEAR_PX = 40; // so near to its end, the list follows what comes

class LessonChat extends HTMLElement {
  #leave = new AbortController();
  #atEnd = true;
  #unread = 0;
  /** @type {{reply?: number, edit?: number}} what the words in the field are for */
  #about = {};
  #sending = 0;
  #part = partsOf(this);

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const room = /** @type {HTMLElement} */ (this.closest("[data-socket]"));
    room.addEventListener("lesson:event", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail), { signal });
    this.#list.addEventListener("scroll", () => this.#look(), { passive: true, signal });
    this.closest('[data-panel], [role="tabpanel"]')?.addEventListener("tab:shown", () => this.#toEnd(), { signal });
    this.addEventListener("click", (event) => this.#press(event), { signal });
    this.addEventListener("toggle", (event) => this.#open(event), { capture: true, signal });
    this.#part("unread")?.addEventListener("click", () => this.#toEnd(), { signal });
    this.#part("about-off")?.addEventListener("click", () => this.#setAbout({}), { signal });
    this.#part("picture")?.addEventListener("change", () => this.#sendPicture(), { signal });
    this.#composer.addEventListener("submit", (event) => { event.preventDefault(); this.#send(); }, { signal });
    this.#field.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#field.addEventListener("input", () => this.#grow(), { signal });
    this.addEventListener("htmx:beforeSwap", () => this.#holdPlace(), { signal });
    this.#own();
    this.#toEnd();
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  get #list() { return /** @type {HTMLElement} */ (this.querySelector(".chat__list")); }
  get #composer() { return /** @type {HTMLFormElement} */ (this.#part("composer")); }
  get #field() { return /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea.composer__text")); }

  /** @param {import("../lib/socket.js").LessonEvent} event */
  #hear({ kind, data }) {
    if (kind === "chat.said") this.#arrived(data);
    else if (kind === "chat.changed") {
      this.#own();
      for (const quote of this.querySelectorAll(`[data-quotes="chat-${data.message}"]`)) quote.textContent = `${data.name}: ${data.text}`;
    } else if (kind === "chat.rules") {
      this.toggleAttribute("data-muted-all", data.muted_all);
      this.toggleAttribute("data-pictures", data.pictures || this.dataset.side === "desk");
      if (this.dataset.me?.startsWith("g")) this.toggleAttribute("data-read-only", !data.guests);
    } else if (kind === "chat.muted" && data.key === this.dataset.me) this.toggleAttribute("data-muted", data.muted);
    else if (kind === "live.state") this.toggleAttribute("data-over", data.state === "ended" || data.state === "cancelled");
    if ((kind === "live.state" || kind === "notice.given") && this.#atEnd) this.#toEnd();
  }

  /** @param {{by: string, text: string}} message */
  #arrived(message) {
    this.#own();
    const isMine = message.by === this.dataset.me;
    if (isMine || (this.#atEnd && !document.hidden)) {
      this.#toEnd();
      if (isMine) return;
    } else {
      this.#unread += 1;
      this.#showUnread();
    }
    const named = message.text.includes(`@${this.dataset.name}`);
    this.dispatchEvent(new CustomEvent("tab:news", { bubbles: true, detail: { named } }));
  }

  /** Messages of one's own can be changed for a while. */
  #own() {
    const since = serverClock.now() - Number(this.dataset.changeableMs);
    for (const one of this.#list.querySelectorAll(`.message[data-by="${CSS.escape(this.dataset.me ?? "")}"]`)) {
      one.classList.add("message--own");
      one.toggleAttribute("data-changeable", Number(/** @type {HTMLElement} */ (one).dataset.at) > since);
    }
  }

  #look() {
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    this.#atEnd = scrollHeight - clientHeight - scrollTop < NEAR_PX;
    if (this.#atEnd) { this.#unread = 0; this.#showUnread(); }
  }

  #toEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#atEnd = true;
    this.#unread = 0;
    this.#showUnread();
  }

  #showUnread() {
    const button = this.#part("unread");
    if (!button) return;
    button.textContent = (button.dataset.words ?? "").replace("{n}", String(this.#unread));
    show(button, this.#unread > 0);
  }

  /** Earlier messages come in above: what one reads stays where it is. */
  #holdPlace() {
    const list = this.#list;
    const fromEnd = list.scrollHeight - list.scrollTop;
    this.addEventListener("htmx:afterSwap", () => { list.scrollTop = list.scrollHeight - fromEnd; this.#own(); }, { once: true });
  }

  /** @param {Event} event */
  #open(event) {
    const menu = /** @type {HTMLElement} */ (event.target);
    if (menu.matches?.("details.popup[open]")) this.#own();
  }

  /** @param {Event} event */
  #press(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-chat], [data-emoji]"));
    if (!button) return;
    button.closest("details.popup")?.removeAttribute("open");
    const number = Number(button.dataset.message);
    if (button.dataset.emoji) {
      this.#field.setRangeText(button.dataset.emoji, this.#field.selectionStart, this.#field.selectionEnd, "end");
      this.#field.focus();
    } else if (button.dataset.chat === "reply") {
      this.#setAbout({ reply: number }, button.dataset.name);
      if (!this.#field.value.includes(`@${button.dataset.name}`)) this.#field.value = `@${button.dataset.name} ${this.#field.value}`;
    } else if (button.dataset.chat === "edit") {
      this.#setAbout({ edit: number });
      this.#field.value = button.dataset.text ?? "";
      this.#grow();
    }
  }

  /**
   * @param {{reply?: number, edit?: number}} about
   * @param {string} [name]
   */
  #setAbout(about, name = "") {
    if (this.#about.edit && !about.edit) this.#field.value = "";
    this.#about = about;
    const words = this.#part("about-words");
    if (words) words.textContent = (about.edit ? words.dataset.edit ?? "" : words.dataset.reply ?? "").replace("{name}", name);
    show(this.#part("about"), Boolean(about.reply || about.edit));
    this.#field.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape") this.#setAbout({});
    // While an input method composes, Enter chooses a word; Safari says so only by the key's code.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#send();
  }

  #grow() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${Math.min(this.#field.scrollHeight, 140)}px`;
    this.#say("");
  }

  /** @param {string} [picture] */
  async #send(picture = "") {
    const text = this.#field.value;
    if (!text.trim() && !picture) return;
    const whisper = /** @type {HTMLInputElement | null} */ (this.#part("whisper"));
    const about = this.#about;
    const fields = about.edit ? { message: about.edit, text } : {
      text, picture, nonce: newName(), to_desk: whisper?.checked ?? false, reply: about.reply ?? 0,
    };
    // One may go on typing at once; what is refused comes back into the field.
    this.#about = {};
    this.#field.value = "";
    this.#grow();
    this.#setAbout({});
    this.#sending += 1;
    this.#composer.ariaBusy = "true";
    try {
      await ask(this, about.edit ? "chat.edit" : "chat.say", fields);
    } catch (why) {
      const refusal = /** @type {import("../lib/socket.js").Refusal | null} */ (why);
      this.#field.value = this.#field.value ? `${text}\n${this.#field.value}` : text;
      this.#grow();
      if (about.edit || about.reply) this.#setAbout(about);
      if (refusal) this.#say(`${refusal.message} ${refusal.mend}`);
      else sayRefusal(null);
    } finally {
      this.#sending -= 1;
      if (!this.#sending) this.#composer.ariaBusy = null;
    }
  }

  async #sendPicture() {
    const input = /** @type {HTMLInputElement} */ (this.#part("picture"));
    const file = input.files?.[0];
    if (!file) return;
    const form = new FormData();
    form.set("picture", file);
    input.value = "";
    const headers = { Accept: "application/json", ...pageToken() };
    try {
      const reply = await fetch(input.dataset.address ?? "", { method: "POST", body: form, headers });
      const answer = await reply.json();
      if (reply.ok) await this.#send(answer.picture);
      else this.#say(`${answer.message ?? ""} ${answer.mend ?? ""}`);
    } catch {
      sayRefusal(null);
    }
  }

  /** @param {string} words what is wrong; empty: nothing any more */
  #say(words) {
    const error = this.#part("error");
    if (error) error.textContent = words;
    show(error, Boolean(words));
  }
}

customElements.define("lesson-chat", LessonChat);
