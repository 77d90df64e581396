// Picture in picture: video and slides, one beneath the other, in a small window above all others; where a browser has none
// for pages, the video alone.

import { show } from "../engine/parts.js";

const WIDTH = 420;

export class Floating {
  /** @type {Window | null} */
  #window = null;

  /**
   * @param {import("./player.js").LessonPlayer} player
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} part
   */
  constructor(player, part) {
    this.player = player;
    this.video = /** @type {HTMLVideoElement} */ (player.video);
    this.panes = [part("video-pane"), part("slides-pane")];
    this.button = part("floating");
    this.away = part("floating-away");
    this.pages = /** @type {any} */ (window).documentPictureInPicture;
    show(this.button, Boolean(this.pages) || document.pictureInPictureEnabled);
    this.button?.addEventListener("click", () => this.toggle());
  }

  async toggle() {
    if (this.#window) this.#window.close();
    else if (this.pages) await this.#open();
    else if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await this.video.requestPictureInPicture().catch(() => undefined);
  }

  async #open() {
    const pages = this.player.scene?.visible ? 2 : 1;
    const height = Math.round(pages * WIDTH * 9 / 16);
    const small = await this.pages.requestWindow({ width: WIDTH, height }).catch(() => null);
    if (!small) return;
    this.#window = small;
    for (const sheet of document.querySelectorAll('link[rel="stylesheet"]')) small.document.head.append(sheet.cloneNode());
    small.document.documentElement.dataset.theme = "theatre";
    small.document.body.className = "floating";
    small.document.title = document.title;
    const wasPaused = this.video.paused;
    for (const pane of this.panes.slice(0, pages)) if (pane) small.document.body.append(pane);
    if (!wasPaused) this.player.play();
    show(this.away, true);
    small.addEventListener("pagehide", () => this.#back(), { once: true });
    small.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.player.bar?.press(event));
    small.document.body.addEventListener("click", () => this.player.bar?.togglePlay());
  }

  #back() {
    this.#window = null;
    show(this.away, false);
    const [video, slides] = this.panes;
    const wasPaused = this.video.paused;
    if (video) this.player.stage?.prepend(video);
    if (slides) this.player.stage?.prepend(slides);
    if (!wasPaused) this.player.play();
  }
}
