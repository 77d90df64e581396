// Pointer input on a slide page: mouse, pen or finger point, draw, erase and write. Without a tool, a swipe turns pages.

/**
 * @typedef {import("../../lib/lesson-track.js").Spot} Spot
 * @typedef {import("./slide-view.js").SlideView} SlideView
 * @typedef {"laser" | "eraser" | import("../../lib/lesson-track.js").Tool} Chosen
 */

const HOLD_MS = 320; // of a press without a tool, after which it points
const SWIPE_PX = 48; // minimum length of a swipe
const SWIPE_MS = 700; // maximum duration of a swipe

export class Pad {
  /** Id of the pointer that is down. @type {number | null} */
  #pointer = null;
  #hadPen = false; // a pen was used: from then on fingers draw nothing, because a hand rests on the page
  /** Beginning of a swipe, in px of the window and ms of the event. @type {{x: number, y: number, at: number} | null} */
  #swipe = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #hold;

  /**
   * @param {SlideView} view
   * @param {object} world
   * @param {() => Chosen | null} world.tool `null` means that no tool is chosen, or that nothing may be drawn
   * @param {() => boolean} world.mayPoint
   * @param {(spot: Spot) => void} world.begin the tool touches the page
   * @param {(spots: Spot[], ages: number[]) => void} world.move the tool has moved; ages: of the spots, ms
   * @param {() => void} world.end the tool is lifted
   * @param {import("./laser.js").Laser} world.laser
   * @param {(way: 1 | -1) => void} world.turn to the next page, or back
   * @param {AbortSignal} signal
   */
  constructor(view, world, signal) {
    this.view = view;
    this.world = world;
    const hear = (/** @type {string} */ name, /** @type {(event: PointerEvent) => void} */ act) =>
      view.addEventListener(name, (event) => act(/** @type {PointerEvent} */ (event)), { signal });
    hear("pointerdown", (event) => this.#down(event));
    hear("pointermove", (event) => this.#move(event));
    hear("pointerup", (event) => this.#up(event, false));
    hear("pointercancel", (event) => this.#up(event, true));
    hear("pointerleave", (event) => { if (event.pointerId !== this.#pointer) world.laser.off(); });
    view.addEventListener("contextmenu", (event) => { if (world.tool() || this.#pointer !== null) event.preventDefault(); }, { signal });
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const spot = this.view.pointOf(event);
    if (event.pointerType === "pen") this.#hadPen = true;
    const tool = this.world.tool();
    if (!spot || event.button !== 0 || this.#pointer !== null) return;
    if (tool && event.pointerType === "touch" && this.#hadPen) return;
    this.#pointer = event.pointerId;
    if (!tool) {
      this.#swipe = event.pointerType === "mouse" ? null : { x: event.clientX, y: event.clientY, at: event.timeStamp };
      if (this.world.mayPoint()) this.#hold = setTimeout(() => this.#point(event.pointerId, spot), HOLD_MS);
      return;
    }
    event.preventDefault();
    if (tool !== "text") this.view.setPointerCapture(event.pointerId);
    if (tool === "laser") this.world.laser.move(spot);
    else this.world.begin(spot);
  }

  /** A press was held: point. @param {number} pointer its id @param {Spot} spot */
  #point(pointer, spot) {
    this.#swipe = null;
    this.view.setPointerCapture(pointer);
    this.world.laser.move(spot);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const spot = this.view.pointOf(event);
    const isDown = event.pointerId === this.#pointer;
    const tool = this.world.tool();
    if (this.#swipe && isDown && Math.hypot(event.clientX - this.#swipe.x, event.clientY - this.#swipe.y) > 12) clearTimeout(this.#hold);
    if (this.world.laser.isOn || tool === "laser") {
      if (spot && (isDown || (tool === "laser" && event.pointerType !== "touch"))) this.world.laser.move(spot);
      else if (!spot) this.world.laser.off();
      return;
    }
    if (!isDown || !tool) return;
    const steps = [...(event.getCoalescedEvents?.() ?? []), event];
    const now = event.timeStamp;
    const seen = steps.map((step) => ({ spot: this.#within(step), age: Math.max(0, now - step.timeStamp) }));
    this.world.move(seen.map((one) => one.spot), seen.map((one) => one.age));
  }

  /** Return the spot of a pointer. Beside the page it is the nearest spot on its edge. @param {PointerEvent} event @returns {Spot} */
  #within({ clientX, clientY }) {
    const { left, top, right, bottom } = this.view.sheet.getBoundingClientRect();
    const inside = (/** @type {number} */ value, /** @type {number} */ least, /** @type {number} */ most) => Math.min(Math.max(value, least), most);
    return this.view.pointOf({ clientX: inside(clientX, left, right), clientY: inside(clientY, top, bottom) }) ?? { x: 0, y: 0 };
  }

  /** @param {PointerEvent} event @param {boolean} cancelled the browser uses the touch for something else */
  #up(event, cancelled) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    clearTimeout(this.#hold);
    const tool = this.world.tool();
    if (this.world.laser.isOn && (tool !== "laser" || event.pointerType === "touch")) this.world.laser.off();
    const swipe = this.#swipe;
    this.#swipe = null;
    if (tool && tool !== "laser") this.world.end();
    else if (swipe && !cancelled && event.timeStamp - swipe.at < SWIPE_MS) {
      const [dx, dy] = [event.clientX - swipe.x, event.clientY - swipe.y];
      if (Math.abs(dx) > SWIPE_PX && Math.abs(dx) > 2 * Math.abs(dy)) this.world.turn(dx < 0 ? 1 : -1);
    }
  }
}
