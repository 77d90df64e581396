// Position of the picture that is on the screen. A browser that tells of its pictures (requestVideoFrameCallback) is
// believed as long as it keeps up. In a hidden tab, or beside a picture that lags, the position of the sound is taken.

const NEAR_S = 0.3; // maximum lag of a picture behind the position, at normal speed

export class PicturePosition {
  /** Position of the picture that the browser told of last, s. @type {number | null} */
  #picture = null;
  #newest = 0;

  /**
   * @param {HTMLVideoElement} video
   * @param {AbortSignal} signal of the end
   * @param {() => void} onPicture another picture is on the screen
   */
  constructor(video, signal, onPicture) {
    this.video = video;
    for (const name of ["seeking", "emptied"]) video.addEventListener(name, () => this.#forget(), { signal });
    if (!this.isTold) return;
    /** @type {VideoFrameRequestCallback} */
    const onFrame = (_now, { mediaTime }) => {
      if (signal.aborted) return;
      this.#picture = mediaTime;
      onPicture();
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  }

  /** Whether the browser tells of each picture. */
  get isTold() {
    return "requestVideoFrameCallback" in this.video;
  }

  /**
   * Position in s. It only grows until somebody seeks: the sound is ahead of the picture, and whoever takes now the
   * one, now the other shows pages to and fro.
   */
  get now() {
    const { currentTime, playbackRate } = this.video;
    const isNear = this.#picture !== null && Math.abs(currentTime - this.#picture) < NEAR_S * Math.max(1, playbackRate);
    this.#newest = Math.max(this.#newest, isNear ? /** @type {number} */ (this.#picture) : currentTime);
    return this.#newest;
  }

  #forget() {
    this.#picture = null;
    this.#newest = 0;
  }
}
