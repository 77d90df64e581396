// Captions over the stage, from whatever text tracks the picture brings; without one there is no button.

import { remember, remembered } from "../../lib/memory.js";
import { show } from "../engine/parts.js";

const KEY = "captions";
const LANGUAGE = "captions-language";
const KINDS = ["captions", "subtitles"];

export class Captions {
  #wanted = remembered(KEY) !== "off";

  /**
   * @param {TextTrackList} tracks
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} part
   */
  constructor(tracks, part) {
    this.tracks = tracks;
    this.box = part("captions");
    this.button = part("captions-switch");
    this.choice = /** @type {HTMLSelectElement | null} */ (part("captions-language"));
    this.choiceBox = part("captions-box");
    this.choice?.addEventListener("change", () => { remember(LANGUAGE, this.choice?.value ?? ""); this.#look(); });
    this.button?.addEventListener("click", () => this.toggle());
    for (const name of ["addtrack", "removetrack", "change"]) this.tracks.addEventListener(name, () => this.#look());
    this.#look();
  }

  toggle() {
    this.#want(!this.#wanted);
  }

  /** @param {boolean} wanted */
  #want(wanted) {
    this.#wanted = wanted;
    remember(KEY, wanted ? "on" : "off");
    this.#look();
  }

  get #all() {
    return [...this.tracks].filter(({ kind }) => KINDS.includes(kind));
  }

  /** The language that was chosen on this device, else the page's own, else the first. */
  get #track() {
    const all = this.#all;
    const wanted = [remembered(LANGUAGE), document.documentElement.lang];
    return wanted.map((language) => all.find((track) => track.language === language)).find(Boolean) ?? all[0] ?? null;
  }

  #offer() {
    const { choice } = this;
    if (!choice) return;
    const all = this.#all;
    if (choice.options.length !== all.length) choice.replaceChildren(...all.map(({ label, language }) => new Option(label, language)));
    choice.value = this.#track?.language ?? "";
    show(this.choiceBox, all.length > 1 && this.#wanted);
  }

  #look() {
    const track = this.#track;
    show(this.button, track !== null);
    this.button?.setAttribute("aria-pressed", String(this.#wanted));
    this.#offer();
    for (const other of this.#all) if (other !== track) other.oncuechange = null;
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
