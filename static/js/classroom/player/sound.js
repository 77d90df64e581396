// Browsers let a page begin with sound only after a touch: begin muted then, and ask for one tap.

import { remember, remembered } from "../../lib/memory.js";
import { show } from "../engine/parts.js";

const KEY = "lesson-volume";

export class Sound {
  /**
   * @param {object} world
   * @param {HTMLVideoElement} world.video
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} world.part
   * @param {boolean} world.muted the viewer wants no sound, until she says otherwise
   * @param {() => void} world.play she wants it to play
   * @param {() => void} world.playOn play if she wanted it before
   */
  constructor({ video, part, muted, play, playOn }) {
    this.video = video;
    this.playOn = playOn;
    this.gate = part("sound-gate");
    this.playGate = part("play-gate");
    this.muted = muted; // what the viewer wants
    this.video.volume = Number(remembered(KEY) ?? 1);
    this.video.muted = this.muted;
    this.gate?.addEventListener("click", () => this.setMuted(false));
    this.playGate?.addEventListener("click", () => play());
  }

  /** Play, with sound when the browser allows it. */
  async start() {
    this.video.muted = this.muted;
    show(this.playGate, false);
    try {
      await this.video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
      await this.#startMuted();
    }
    this.#ask();
  }

  async #startMuted() {
    this.video.muted = true;
    try {
      await this.video.play();
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") show(this.playGate, true);
    }
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.muted = muted;
    this.video.muted = muted;
    if (!muted && this.video.volume === 0) this.video.volume = 1;
    if (!muted && this.video.paused) this.playOn();
    this.#ask();
  }

  /** @param {number} volume 0 to 1 */
  setVolume(volume) {
    this.video.volume = volume;
    remember(KEY, String(volume));
    this.setMuted(volume === 0);
  }

  /** Muted against the viewer's wish: that is what the big button is for. */
  #ask() {
    show(this.gate, this.video.muted && !this.muted && this.playGate?.hidden !== false);
  }
}
