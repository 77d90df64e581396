// Picture in picture: video and slides, one beneath the other, in a small window above all others; where a browser has none
// for pages, the video alone.

import { show } from "../engine/parts.js";

const WIDTH = 420;

export class Floating {
  /** @type {Window | null} */
  #window = null;
  #hasSlides = false;

  /**
   * @param {object} world
   * @param {HTMLVideoElement} world.video
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} world.part
   * @param {() => void} world.play a picture that is moved to another window stands: play on
   * @param {() => void} world.onTap
   * @param {(event: KeyboardEvent) => void} world.onKey
   */
  constructor(world) {
    const { part } = world;
    this.world = world;
    this.video = world.video;
    this.stage = part("stage");
    this.panes = [part("video-pane"), part("slides-pane")];
    this.button = part("floating");
    this.away = part("floating-away");
    this.pages = /** @type {any} */ (window).documentPictureInPicture;
    show(this.button, Boolean(this.pages) || document.pictureInPictureEnabled);
    this.button?.addEventListener("click", () => this.toggle());
  }

  /** @param {import("./look.js").Look} look */
  draw({ hasSlides }) {
    this.#hasSlides = hasSlides;
  }

  async toggle() {
    if (this.#window) this.#window.close();
    else if (this.pages) await this.#open();
    else if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await this.video.requestPictureInPicture().catch(() => undefined);
  }

  async #open() {
    const pages = this.#hasSlides ? 2 : 1;
    const height = Math.round(pages * WIDTH * 9 / 16);
    const small = await this.pages.requestWindow({ width: WIDTH, height }).catch(() => null);
    if (!small) return;
    this.#window = small;
    for (const sheet of document.querySelectorAll('link[rel="stylesheet"]')) small.document.head.append(sheet.cloneNode());
    small.document.documentElement.dataset.theme = "theatre";
    small.document.body.className = "floating";
    small.document.title = document.title;
    this.#move(() => { for (const pane of this.panes.slice(0, pages)) if (pane) small.document.body.append(pane); });
    show(this.away, true);
    small.addEventListener("pagehide", () => this.#back(), { once: true });
    small.addEventListener("keydown", this.world.onKey);
    small.document.body.addEventListener("click", this.world.onTap);
  }

  #back() {
    this.#window = null;
    show(this.away, false);
    this.#move(() => { for (const pane of this.panes) if (pane) this.stage?.prepend(pane); });
  }

  /** @param {() => void} move */
  #move(move) {
    const wasPaused = this.video.paused;
    move();
    if (!wasPaused) this.world.play();
  }
}
