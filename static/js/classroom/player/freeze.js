// Keeps the last picture on the screen while another source is loaded behind it.

export class Freeze {
  /**
   * @param {HTMLVideoElement} video
   * @param {HTMLCanvasElement | null} canvas
   */
  constructor(video, canvas) {
    this.video = video;
    this.canvas = canvas;
    video.addEventListener("playing", () => this.release());
  }

  hold() {
    const { video, canvas } = this;
    if (!canvas || video.readyState < 2 || !video.videoWidth) return;
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    canvas.hidden = false;
    setTimeout(() => this.release(), 5000);
  }

  release() {
    if (this.canvas) this.canvas.hidden = true;
  }
}
