// Keys that turn pages, wherever one is in the studio; never while somebody types, or where a key means something else.

import { isFree } from "../../lib/key-names.js";
import { meaningOf, PageNumber } from "../../lib/slide-keys.js";

/** @typedef {import("../../lib/slide-keys.js").Does} Does */

const MOVED_BY_ARROWS = "input, [role='tablist']";
const PRESSED = "button, a, summary, label";
const DIGITS_MS = 3100;

export class Keyboard {
  #number = new PageNumber();

  /**
   * @param {object} world
   * @param {() => boolean} world.isThere there is something to turn
   * @param {(does: Does) => boolean} world.act says whether the key was ours
   * @param {(page: number) => void} world.jump
   * @param {() => void} world.onTyped
   * @param {AbortSignal} signal
   */
  constructor(world, signal) {
    this.world = world;
    document.addEventListener("keydown", (event) => this.#hear(event), { signal });
  }

  /** Digits of a page's number that were typed so far. */
  get typed() {
    return this.#number.at(Date.now());
  }

  /** @param {KeyboardEvent} event */
  #hear(event) {
    if (!isFree(event) || !this.world.isThere()) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest(MOVED_BY_ARROWS) || ([" ", "Enter"].includes(event.key) && target.closest(PRESSED))) return;
    const meaning = meaningOf(event);
    if (meaning && ("digit" in meaning ? this.#type(meaning.digit) : this.#act(meaning.does))) event.preventDefault();
  }

  /** @param {string} digit */
  #type(digit) {
    this.#number.type(digit, Date.now());
    this.world.onTyped();
    setTimeout(() => this.world.onTyped(), DIGITS_MS);
    return true;
  }

  /** @param {Does} does */
  #act(does) {
    if (does !== "jump") return this.world.act(does);
    const page = this.#number.take(Date.now());
    if (page === null) return false;
    this.world.onTyped();
    this.world.jump(page);
    return true;
  }
}
