// A learner's worries, always answered: do I hear it, am I late, am I connected. And why the picture stands still.

import { clockText } from "../../lib/clock-text.js";
import { show } from "../engine/parts.js";

/** @typedef {import("./look.js").Look} Look */

const SHOW_WAIT_MS = 400;
const SHOW_TROUBLE_MS = 2500;

export class Vitals {
  /** @param {ReturnType<typeof import("../engine/parts.js").partsOf>} part */
  constructor(part) {
    this.sound = part("vital-sound");
    this.delay = part("vital-delay");
    this.line = part("vital-line");
    this.wait = part("wait");
    this.waitText = part("wait-text");
    this.audioOnly = part("audio-only");
  }

  /** @param {boolean} online */
  setOnline(online) {
    this.#say(this.line, online ? "online" : "offline", online ? "good" : "bad");
  }

  /** Not let in: trying again is no use. */
  setRefused() {
    this.#say(this.line, "refused", "bad");
  }

  /** @param {Look} look */
  draw(look) {
    const plays = look.isRunning && !look.isPaused && look.still < 2000;
    if (look.isSilent) this.#say(this.sound, "off", "bad");
    else this.#say(this.sound, plays ? "on" : "none", plays ? "good" : "");
    this.#sayDelay(look, plays);
    show(this.audioOnly, look.audioOnly && look.isRunning);
    const isWaiting = look.wanted && look.isRunning && look.still > SHOW_WAIT_MS && !(look.isPresent && look.state !== "on_air");
    show(this.wait, isWaiting);
    if (isWaiting) this.#explain(look);
  }

  /** @param {Look} look @param {boolean} plays */
  #sayDelay({ scope, delay }, plays) {
    if (scope === "full" && delay !== null) this.#say(this.delay, "behind", "", clockText(delay));
    else if (plays && delay !== null) this.#say(this.delay, "live", delay < 6 ? "good" : "", Math.max(0, delay).toFixed(1));
    else this.#say(this.delay, "none", "");
  }

  /** @param {Look} look */
  #explain({ mode, troubled, still }) {
    const text = this.waitText;
    if (!text) return;
    const word = troubled && still > SHOW_TROUBLE_MS ? text.dataset.retrying : mode === "preview" ? text.dataset.encoder : text.dataset.loading;
    if (text.textContent !== word) text.textContent = word ?? "";
  }

  /**
   * @param {HTMLElement | null} vital
   * @param {string} word name of the data attribute with the sentence
   * @param {"" | "good" | "bad"} mood
   * @param {string} [value]
   */
  #say(vital, word, mood, value = "") {
    if (!vital) return;
    const text = (vital.dataset[word] ?? "").replace(/\{[st]\}/, value);
    if (vital.textContent !== text) vital.textContent = text;
    if (vital.dataset.mood !== mood) vital.dataset.mood = mood;
  }
}
