// <lesson-chat>: writes messages, keeps the list at its place while somebody reads back, and says what has come meanwhile.

import { isAtEnd } from "../engine/fragments.js";
import { pageToken } from "../../lib/page-token.js";
import { serverClock } from "../../lib/server-clock.js";
import { ask, sayRefusal } from "../engine/lesson-events.js";
import { newName } from "../engine/names.js";
import { partsOf, show } from "../engine/parts.js";

const SHOW_WAITING_MS = 400; // a message that is not answered by then is shown as being on its way

class LessonChat extends HTMLElement {
  #leave = new AbortController();
  #atEnd = true;
  #unread = 0;
  /** What to do for the messages that came since the last look: move the list to its end, mark the tab. */
  #due = { soon: false, follow: false, news: false, named: false };
  /** Message that the words in the field answer or change. @type {{reply?: number, edit?: number}} */
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

  /** @param {import("../../lib/socket.js").LessonEvent} event */
  #hear({ kind, data }) {
    if (kind === "chat.said") this.#arrived(data);
    else if (kind === "chat.changed") {
      this.#settleSoon();
      for (const quote of this.querySelectorAll(`[data-quotes="chat-${data.message}"]`)) quote.textContent = `${data.name}: ${data.text}`;
    } else if (kind === "chat.rules") {
      this.toggleAttribute("data-muted-all", data.muted_all);
      this.toggleAttribute("data-pictures", data.pictures || this.dataset.side === "desk");
      if (this.dataset.me?.startsWith("g")) this.toggleAttribute("data-read-only", !data.guests);
    } else if (kind === "chat.muted" && data.key === this.dataset.me) this.toggleAttribute("data-muted", data.muted);
    else if (kind === "live.state") this.toggleAttribute("data-over", data.state === "ended" || data.state === "cancelled");
    if ((kind === "live.state" || kind === "notice.given") && this.#atEnd) {
      this.#due.follow = true;
      this.#settleSoon();
    }
  }

  /** @param {{by: string, text: string}} message */
  #arrived(message) {
    const due = this.#due;
    const isMine = message.by === this.dataset.me;
    if (isMine || (this.#atEnd && !document.hidden)) due.follow = true;
    else this.#unread += 1;
    due.news ||= !isMine;
    due.named ||= !isMine && message.text.includes(`@${this.dataset.name}`);
    this.#settleSoon();
  }

  /** Lay the list out once for all events that come together. */
  #settleSoon() {
    if (this.#due.soon) return;
    this.#due.soon = true;
    queueMicrotask(() => this.#settle());
  }

  #settle() {
    const { follow, news, named } = this.#due;
    this.#due = { soon: false, follow: false, news: false, named: false };
    if (follow) this.#trim();
    this.#own();
    if (follow) this.#toEnd();
    else this.#showUnread();
    if (news) this.dispatchEvent(new CustomEvent("tab:news", { bubbles: true, detail: { named } }));
  }

  /** A long list costs more with each message: its beginning goes, and comes back from the server when it is asked for. */
  #trim() {
    const list = this.#list;
    const { earlier = "", most = "" } = list.dataset;
    const surplus = list.childElementCount - Number(most);
    const words = /** @type {HTMLTemplateElement | null} */ (document.getElementById("chat-earlier"));
    if (!earlier || surplus < Number(most) / 2 || !words) return; // not for every single message
    // What is earlier is asked for by the message before which it stands.
    const first = /** @type {HTMLElement | undefined} */ ([...list.children].slice(surplus).find((one) => one.matches(".message")));
    if (!first) return;
    while (list.firstElementChild !== first) list.firstElementChild?.remove();
    list.prepend(words.content.cloneNode(true));
    list.querySelector(".earlier button")?.setAttribute("hx-get", `${earlier}?before=${first.dataset.order}`);
    /** @type {any} */ (globalThis).htmx?.process(list.firstElementChild);
  }

  /** Mark the person's own messages, and those that she may still change. */
  #own() {
    const since = serverClock.now() - Number(this.dataset.changeableMs);
    for (const one of this.#list.querySelectorAll(`.message[data-by="${CSS.escape(this.dataset.me ?? "")}"]`)) {
      one.classList.add("message--own");
      one.toggleAttribute("data-changeable", Number(/** @type {HTMLElement} */ (one).dataset.at) > since);
    }
  }

  #look() {
    this.#atEnd = isAtEnd(this.#list);
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

  /** Keep the visible messages in place while earlier ones are inserted above them. */
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
    await this.#hand(fields, about, about.edit ? null : this.#waiting(text));
  }

  /**
   * @param {Record<string, any>} fields
   * @param {{reply?: number, edit?: number}} about
   * @param {HTMLElement | null} waiting stands for it in the list while it is on its way
   */
  async #hand(fields, about, waiting) {
    this.#sending += 1;
    this.#composer.ariaBusy = "true";
    const timer = setTimeout(() => { if (waiting) this.#showWaiting(waiting); }, SHOW_WAITING_MS);
    try {
      await ask(this, about.edit ? "chat.edit" : "chat.say", fields);
      waiting?.remove();
    } catch (why) {
      const refusal = /** @type {import("../../lib/socket.js").Refusal | null} */ (why);
      if (waiting && !refusal) {
        this.#showWaiting(waiting);
        waiting.toggleAttribute("data-failed", true);
        waiting.onclick = ({ target }) => this.#resume(/** @type {Element} */ (target), waiting, fields, about);
        return;
      }
      waiting?.remove();
      this.#putBack(fields.text, about);
      if (refusal) this.#say(`${refusal.message} ${refusal.mend}`);
      else sayRefusal(null);
    } finally {
      clearTimeout(timer);
      this.#sending -= 1;
      if (!this.#sending) this.#composer.ariaBusy = null;
    }
  }

  /** @param {string} text @returns {HTMLElement} a message of one's own that nobody else sees yet */
  #waiting(text) {
    const words = /** @type {HTMLTemplateElement} */ (this.#part("on-its-way"));
    const waiting = /** @type {HTMLElement} */ (words.content.firstElementChild?.cloneNode(true));
    /** @type {HTMLElement} */ (waiting.querySelector(".message__text")).textContent = text;
    return waiting;
  }

  /** @param {HTMLElement} waiting */
  #showWaiting(waiting) {
    this.#list.append(waiting);
    this.#toEnd();
  }

  /**
   * A message that was not sent: again, under the same name, so that it is never there twice; or back into the field.
   * @param {Element} pressed
   * @param {HTMLElement} waiting
   * @param {Record<string, any>} fields
   * @param {{reply?: number, edit?: number}} about
   */
  #resume(pressed, waiting, fields, about) {
    if (!pressed.closest("[data-again], [data-back]")) return;
    waiting.onclick = null;
    waiting.removeAttribute("data-failed");
    if (pressed.closest("[data-again]")) this.#hand(fields, about, waiting);
    else {
      waiting.remove();
      this.#putBack(fields.text, about);
    }
  }

  /** @param {string} text @param {{reply?: number, edit?: number}} about */
  #putBack(text, about) {
    this.#field.value = this.#field.value ? `${text}\n${this.#field.value}` : text;
    this.#grow();
    if (about.edit || about.reply) this.#setAbout(about);
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

  /** @param {string} words sentence about the fault. Empty means that there is none */
  #say(words) {
    const error = this.#part("error");
    if (error) error.textContent = words;
    show(error, Boolean(words));
  }
}

customElements.define("lesson-chat", LessonChat);
