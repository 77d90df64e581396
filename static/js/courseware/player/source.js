// The film's file. Jumping needs a server that sends parts of a file. Without one, a film of bearable size is fetched whole.

import { show } from "../../classroom/engine/parts.js";

const MOST_BYTES = 300_000_000; // maximum that a browser tab can hold
const CANNOT_S = 1;

export class Source {
  /** @type {number | null} where to go once that is possible, s */
  #wanted = null;
  #whole = false;

  /**
   * @param {object} world
   * @param {HTMLVideoElement} world.video
   * @param {ReturnType<typeof import("../../classroom/engine/parts.js").partsOf>} world.part
   * @param {import("./words.js").Words} world.words
   * @param {(text: string) => void} world.note
   * @param {() => void} world.play
   */
  constructor(world) {
    this.world = world;
    this.video = world.video;
    this.video.addEventListener("loadedmetadata", () => this.#arrive());
    this.video.addEventListener("error", () => show(world.part("trouble"), true));
  }

  /** @param {number} position s */
  seek(position) {
    this.#wanted = position;
    if (this.video.readyState >= 1) this.#arrive();
  }

  #arrive() {
    const position = this.#wanted;
    if (position === null) return;
    const { seekable } = this.video;
    const last = seekable.length ? seekable.end(seekable.length - 1) : 0;
    if (position > CANNOT_S && last < CANNOT_S && !this.#whole && location.protocol.startsWith("http")) {
      this.#fetchWhole();
      return;
    }
    this.#wanted = null;
    this.video.currentTime = position;
  }

  async #fetchWhole() {
    this.#whole = true;
    const { video } = this;
    const { words, note, play } = this.world;
    const plays = !video.paused;
    try {
      const reply = await fetch(video.currentSrc);
      const size = Number(reply.headers.get("Content-Length") ?? 0);
      if (!reply.ok || size > MOST_BYTES) throw new Error("too large");
      note(words.say("fetching"));
      video.src = URL.createObjectURL(await reply.blob());
      note("");
      if (plays) play();
    } catch {
      this.#wanted = null;
      note(words.say("no_jumps"));
    }
  }
}
