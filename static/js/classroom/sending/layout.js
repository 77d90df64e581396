// Places the camera's picture in the sent picture while the desktop is shared.

/** @typedef {import("./composer.js").Corner} Corner */

const LARGEST = 0.5; // of the width
const SMALLEST = 0.1;
const USUAL_RATIO = 0.75;
export const PICTURE_RATIO = 9 / 16; // height by width of what is sent

export class Layout {
  /** @type {Corner} */
  corner = { x: 0.76, y: 0.72, width: 0.22 };
  #cornerShown = true;

  /**
   * @param {() => MediaStreamTrack | null} camera
   * @param {() => void} onChange
   */
  constructor(camera, onChange) {
    this.camera = camera;
    this.onChange = onChange;
  }

  get cornerShown() {
    return this.#cornerShown;
  }

  set cornerShown(shown) {
    this.#cornerShown = shown;
    this.onChange();
  }

  /** @returns {number} height of the corner in shares of the whole */
  get cornerHeight() {
    const { width = 0, height = 0 } = this.camera()?.getSettings() ?? {};
    return (this.corner.width * (height / width || USUAL_RATIO)) / PICTURE_RATIO;
  }

  /** Put the corner somewhere else; it stays within the picture. @param {Partial<Corner>} wish */
  place(wish) {
    const width = Math.min(LARGEST, Math.max(SMALLEST, wish.width ?? this.corner.width));
    this.corner = { ...this.corner, width };
    this.corner = { width, x: clamp(wish.x ?? this.corner.x, 1 - width), y: clamp(wish.y ?? this.corner.y, 1 - this.cornerHeight) };
    this.onChange();
  }
}

/** @param {number} value @param {number} most */
function clamp(value, most) {
  return Math.min(Math.max(0, value), Math.max(0, most));
}
