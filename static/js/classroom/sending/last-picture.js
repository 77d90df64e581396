// The last picture of a camera, for when it is gone: browsers show black in its place, some a moment before they say why.

const EACH_MS = 1000;

export class LastPicture {
  /** The newest comes last. @type {HTMLCanvasElement[]} */
  #kept = [];
  #keptAt = -Infinity;

  /**
   * Keep what a camera shows, once a second.
   * @param {HTMLVideoElement} camera
   * @param {number} now ms
   */
  keep(camera, now) {
    if (now - this.#keptAt < EACH_MS || !camera.videoWidth) return;
    this.#keptAt = now;
    const canvas = (this.#kept.length > 1 ? this.#kept.shift() : null) ?? document.createElement("canvas");
    [canvas.width, canvas.height] = [camera.videoWidth, camera.videoHeight];
    canvas.getContext("2d", { alpha: false })?.drawImage(camera, 0, 0);
    this.#kept.push(canvas);
  }

  /** @returns {HTMLCanvasElement | null} not the very last one: it may be black already */
  get picture() {
    return this.#kept[0] ?? null;
  }

  forget() {
    this.#kept = [];
    this.#keptAt = -Infinity;
  }
}
