// The last picture of a camera, kept for the time after its loss. Browsers then show black, some of them shortly before they report the loss.

const EACH_MS = 1000;

export class LastPicture {
  /** The newest comes last. @type {(HTMLCanvasElement | OffscreenCanvas)[]} */
  #kept = [];
  #keptAt = -Infinity;

  /**
   * Keep what a camera shows, once a second.
   * @param {import("./feeds.js").Feed} camera
   * @param {number} now ms
   */
  keep(camera, now) {
    const { picture, size: [width, height] } = camera;
    if (now - this.#keptAt < EACH_MS || !picture || !width) return;
    this.#keptAt = now;
    const canvas = (this.#kept.length > 1 ? this.#kept.shift() : null) ?? newCanvas();
    [canvas.width, canvas.height] = [width, height];
    const pen = /** @type {CanvasRenderingContext2D | null} */ (canvas.getContext("2d", { alpha: false }));
    pen?.drawImage(picture, 0, 0, width, height);
    this.#kept.push(canvas);
  }

  /** @returns {HTMLCanvasElement | OffscreenCanvas | null} not the very last one: it may be black already */
  get picture() {
    return this.#kept[0] ?? null;
  }

  forget() {
    this.#kept = [];
    this.#keptAt = -Infinity;
  }
}

function newCanvas() {
  return globalThis.OffscreenCanvas ? new OffscreenCanvas(1, 1) : document.createElement("canvas");
}
