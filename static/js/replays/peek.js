// Shows the time, the chapter and its page under the cursor on the seek bar.

import { partsOf, show } from "../classroom/engine/parts.js";
import { chapterAt, shareAt } from "../lib/chapters.js";
import { clockText } from "../lib/clock-text.js";

const HANDLE_PX = 8; // half of the handle's width

/** @typedef {import("../lib/chapters.js").Chapter} Chapter */

export class Peek {
  /** @type {readonly Chapter[]} */
  chapters = [];

  /**
   * @param {ParentNode} player
   * @param {(position: number) => number | null} wallAt moment of capture (epoch ms) of a position (s)
   * @param {AbortSignal} signal
   */
  constructor(player, wallAt, signal) {
    const part = partsOf(player);
    const seek = /** @type {HTMLInputElement | null} */ (part("seek"));
    const box = part("peek");
    if (!seek || !box) return;
    this.wallAt = wallAt;
    this.box = box;
    this.time = part("peek-time");
    this.title = part("peek-title");
    this.picture = /** @type {HTMLImageElement | null} */ (part("peek-picture"));
    seek.addEventListener("pointermove", (event) => this.#look(seek, event.clientX), { signal });
    for (const name of ["pointerleave", "pointercancel"]) seek.addEventListener(name, () => show(box, false), { signal });
    seek.addEventListener("pointerup", (event) => show(box, event.pointerType === "mouse"), { signal });
  }

  /** @param {HTMLInputElement} seek @param {number} x */
  #look(seek, x) {
    const share = shareAt(x, seek.getBoundingClientRect(), HANDLE_PX);
    const position = share * Number(seek.max);
    const wall = this.wallAt?.(position) ?? null;
    const chapter = wall === null ? null : chapterAt(this.chapters, wall);
    show(this.box ?? null, !seek.disabled);
    this.box?.style.setProperty("--at", `${share * 100}%`);
    if (this.time) this.time.textContent = clockText(position);
    if (this.title) this.title.textContent = chapter?.title ?? "";
    show(this.title ?? null, Boolean(chapter?.title));
    show(this.picture ?? null, Boolean(chapter?.thumb));
    if (this.picture && chapter?.thumb && this.picture.getAttribute("src") !== chapter.thumb) this.picture.src = chapter.thumb;
  }
}
