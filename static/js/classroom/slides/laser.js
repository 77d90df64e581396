// The laser pointer. Its path is sent every 280 ms, and learners see the pointer move along it.

/** @typedef {import("../../lib/lesson-track.js").Spot} Spot */

const EVERY_MS = 280;
const REST_MS = 1000;
const APART_MS = 30;
const MOST = 60; // points in one frame

export class Laser {
  /** @type {number[]} */
  #points = [];
  #began = 0;
  /** @type {Spot | null} */
  #spot = null;
  #toldAt = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {object} world
   * @param {() => number} world.now the server's clock, epoch ms
   * @param {(points: number[], off: boolean, at: number) => void} world.point
   * @param {(spot: Spot | null) => void} world.onMove
   */
  constructor(world) {
    this.world = world;
  }

  get isOn() {
    return this.#spot !== null;
  }

  /** @param {Spot} spot */
  move(spot) {
    const now = this.world.now();
    if (!this.#spot) this.#timer = setInterval(() => this.#flush(), EVERY_MS);
    this.#spot = spot;
    this.world.onMove(spot);
    if (this.#points.length === 0) this.#began = now;
    const ms = Math.max(0, Math.round(now - this.#began));
    if (this.#points.length > 0 && ms - this.#points[this.#points.length - 1] < APART_MS) this.#points.splice(-3);
    if (this.#points.length < 3 * MOST) this.#points.push(spot.x, spot.y, ms);
  }

  off() {
    if (!this.#spot) return;
    clearInterval(this.#timer);
    this.#spot = null;
    this.#send(true);
    this.world.onMove(null);
  }

  #flush() {
    const rests = this.#points.length === 0 && this.#spot && this.world.now() - this.#toldAt >= REST_MS;
    if (rests && this.#spot) {
      this.#began = this.world.now();
      this.#points = [this.#spot.x, this.#spot.y, 0];
    }
    if (this.#points.length > 0) this.#send(false);
  }

  /** @param {boolean} off */
  #send(off) {
    const at = this.#points.length > 0 ? this.#began : this.world.now();
    this.#toldAt = this.world.now();
    this.world.point(this.#points, off, at);
    this.#points = [];
  }
}
