// Sends the desk's deeds to the server one after the other, each with its moment. An undelivered deed is sent again. Of several page
// turns that wait, only the last is sent.

import { pause } from "../../lib/backoff.js";

/**
 * @typedef {import("../../lib/socket.js").Refusal} Refusal
 * @typedef {{name: string, fields: Record<string, any>, resolve: (data: any) => void, reject: (why: Refusal) => void}} Item
 */

const TURNS = ["slides.show", "slides.clear"];
const BETWEEN_TURNS_MS = 170; // who holds a key down leafs; learners see where it ends
const AGAIN_MS = 1200;
const TOO_FAST_MS = 450;
const MOST = 400;

export class StageLine {
  /** @type {Item[]} */
  #queue = [];
  /** @type {Item | null} */
  #going = null;
  #turnedAt = -Infinity;
  #isBehind = false;
  #nap = new AbortController();

  /**
   * @param {object} world
   * @param {(name: string, fields: Record<string, any>) => Promise<any>} world.ask rejected with a Refusal, or null when the server is not reached
   * @param {() => number} world.now the server's clock, epoch ms
   * @param {(isBehind: boolean) => void} world.onBehind the server is not reached at the moment, or is again
   */
  constructor(world) {
    this.world = world;
  }

  /**
   * @param {string} name
   * @param {Record<string, any>} fields
   * @param {number} [at] epoch ms; now when not given
   * @returns {Promise<any>} what the server gives; null when something later took its place; rejected with a Refusal
   */
  send(name, fields, at = this.world.now()) {
    return new Promise((resolve, reject) => {
      const last = this.#queue.at(-1);
      if (last && last !== this.#going && TURNS.includes(name) && TURNS.includes(last.name)) this.#queue.pop()?.resolve(null);
      if (this.#queue.length >= MOST || (this.#isBehind && name === "slides.point")) {
        resolve(null);
        return;
      }
      this.#queue.push({ name, fields: { ...fields, at: Math.round(at) }, resolve, reject });
      if (!this.#going) this.#go();
    });
  }

  /** Try again now. */
  hurry() {
    this.#nap.abort();
  }

  async #go() {
    while (this.#queue.length > 0) {
      if (TURNS.includes(this.#queue[0].name)) {
        const wait = this.#turnedAt + BETWEEN_TURNS_MS - performance.now();
        if (wait > 0) {
          await this.#placeholder(wait);
          continue;
        }
        this.#turnedAt = performance.now();
      }
      const item = this.#queue[0];
      this.#going = item;
      if (await this.#deliver(item)) this.#queue.shift();
    }
    this.#going = null;
  }

  /** While it waits, a later turn may take the place of the one that waits. @param {number} wait ms */
  async #placeholder(wait) {
    this.#going = WAITING;
    await pause(wait, new AbortController().signal);
  }

  /** @param {Item} item @returns {Promise<boolean>} whether it is done with */
  async #deliver(item) {
    try {
      item.resolve(await this.world.ask(item.name, item.fields));
    } catch (why) {
      const refusal = /** @type {Refusal | null} */ (why);
      if (refusal === null || refusal.code === "classroom.too_fast") {
        if (refusal === null) this.#say(true);
        if (item.name === "slides.point") {
          item.resolve(null);
          return true;
        }
        this.#going = WAITING; // what waits may be overtaken
        this.#nap = new AbortController();
        await pause(refusal ? TOO_FAST_MS : AGAIN_MS, this.#nap.signal);
        return false;
      }
      item.reject(refusal);
    }
    this.#say(false);
    return true;
  }

  /** @param {boolean} isBehind */
  #say(isBehind) {
    if (isBehind === this.#isBehind) return;
    this.#isBehind = isBehind;
    this.world.onBehind(isBehind);
  }
}

/** Stands for nothing that is on its way. @type {Item} */
const WAITING = { name: "", fields: {}, resolve: () => undefined, reject: () => undefined };
