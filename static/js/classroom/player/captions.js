// Captions over the stage, from whatever text tracks the picture brings; without one there is no button.

import { remember, remembered } from "../../lib/memory.js";
import { show } from "../engine/parts.js";

const KEY = "captions";
const KINDS = ["captions", "subtitles"];

export class Captions {
  #wanted = remembered(KEY) !== "off";

  /**
   * @param {import("./player.js").LessonPlayer} player
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} part
   */
  constructor(player, part) {
    this.tracks = /** @type {HTMLVideoElement} */ (player.video).textTracks;
    this.box = part("captions");
    this.button = part("captions-switch");
    this.button?.addEventListener("click", () => this.#want(!this.#wanted));
    for (const name of ["addtrack", "removetrack", "change"]) this.tracks.addEventListener(name, () => this.#look());
    this.#look();
  }

  /** @param {boolean} wanted */
  #want(wanted) {
    this.#wanted = wanted;
    remember(KEY, wanted ? "on" : "off");
    this.#look();
  }

  get #track() {
    return [...this.tracks].find(({ kind }) => KINDS.includes(kind)) ?? null;
  }

  #look() {
    const track = this.#track;
    show(this.button, track !== null);
    this.button?.setAttribute("aria-pressed", String(this.#wanted));
    if (track) {
      if (track.mode !== "hidden") track.mode = "hidden"; // read, and drawn by us: over slides, too
      track.oncuechange = () => this.#write();
    }
    this.#write();
  }

  #write() {
    const cues = this.#wanted ? [...(this.#track?.activeCues ?? [])] : [];
    const words = cues.map((cue) => /** @type {VTTCue} */ (cue).text.replace(/<[^>]*>/g, "")).join("\n");
    if (this.box && this.box.textContent !== words) this.box.textContent = words;
    show(this.box, words !== "");
  }
}
