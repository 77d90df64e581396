// A learner's worries, always answered: do I hear it, am I late, am I connected. And why the picture stands still.

import { clockText } from "../../lib/clock-text.js";
import { show } from "../engine/parts.js";

const SHOW_WAIT_MS = 400;
const SHOW_TROUBLE_MS = 2500;

export class Vitals {
  online = true;

  /**
   * @param {import("./player.js").LessonPlayer} player
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} part
   */
  constructor(player, part) {
    this.player = player;
    this.sound = part("vital-sound");
    this.delay = part("vital-delay");
    this.line = part("vital-line");
    this.wait = part("wait");
    this.waitText = part("wait-text");
    this.audioOnly = part("audio-only");
  }

  /** @param {boolean} online */
  setOnline(online) {
    this.online = online;
    this.#say(this.line, online ? "online" : "offline", online ? "good" : "bad");
  }

  /** Not let in: trying again is no use. */
  setRefused() {
    this.#say(this.line, "refused", "bad");
  }

  /** @param {number} [still] ms since the picture moved */
  update(still = 0) {
    const { player } = this;
    const { video } = player;
    if (!video) return;
    const plays = player.running && !video.paused && still < 2000;
    const heard = !video.muted && video.volume > 0;
    this.#say(this.sound, !heard ? "off" : plays ? "on" : "none", heard && plays ? "good" : !heard ? "bad" : "");
    this.#sayDelay(plays);
    show(this.audioOnly, player.audioOnly && player.running);
    const waiting = player.wanted && player.running && still > SHOW_WAIT_MS && !(player.mode === "live" && player.scope === "live" && player.state !== "on_air");
    show(this.wait, waiting);
    if (waiting) this.#explain(still);
  }

  /** @param {boolean} plays */
  #sayDelay(plays) {
    const { player } = this;
    const { delay } = player;
    if (player.scope === "full" && delay !== null) this.#say(this.delay, "behind", "", clockText(delay));
    else if (plays && delay !== null) this.#say(this.delay, "live", delay < 6 ? "good" : "", Math.max(0, delay).toFixed(1));
    else this.#say(this.delay, "none", "");
  }

  /** @param {number} still */
  #explain(still) {
    const text = this.waitText;
    if (!text) return;
    const { mode, troubled } = this.player;
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
