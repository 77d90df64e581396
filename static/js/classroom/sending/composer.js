// The picture that is sent: the desktop with the camera in a corner, the camera alone, or a card where there is neither;
// drawn on a canvas, so that sources come and go while the recorder goes on.

import { LastPicture } from "./last-picture.js";

/**
 * @typedef {{x: number, y: number, width: number}} Corner place of the camera's picture, in shares of the whole (0 to 1)
 * @typedef {{subject: string, name: string}} Words what stands on the card
 * @typedef {HTMLVideoElement | HTMLCanvasElement} Picture
 */

const SIZES = { "720p": [1280, 720], "1080p": [1920, 1080] };
const FPS = 25;
const CARD_FPS = 5; // a card that stands still needs no more
const PARTS = { ground: "#0e141b", ink: "#e6ebf1", quiet: "#9aa8b8", line: "#2b3745" };
const LARGEST_CORNER = 0.5;
const SMALLEST_CORNER = 0.1;

export class Composer {
  /** @type {Corner} */
  corner = { x: 0.76, y: 0.72, width: 0.22 };
  cornerShown = true;
  frames = 0;
  /** The camera is gone without having been switched off: its last picture stays. */
  cameraLost = false;
  #fps = FPS;
  #last = new LastPicture();

  /**
   * @param {Words} words
   * @param {string} beat address of beat.js
   * @param {"720p" | "1080p"} [size]
   */
  constructor(words, beat, size = "720p") {
    this.words = words;
    const { canvas, pen, stream } = paper(size, Infinity);
    this.canvas = canvas;
    this.pen = pen;
    this.stream = stream;
    this.camera = screenFor();
    this.screen = screenFor();
    this.beat = new Worker(beat);
    this.beat.onmessage = () => this.draw();
    this.beat.postMessage(FPS);
  }

  /** @returns {MediaStreamTrack} */
  get track() {
    return this.stream.getVideoTracks()[0];
  }

  /**
   * Draw on another canvas from now on: a recorder keeps to the size that it began with, and its canvas to its last picture.
   * @param {"720p" | "1080p"} size
   * @param {number} lines no higher than this
   */
  resize(size, lines) {
    const { canvas, pen, stream } = paper(size, lines);
    canvas.className = this.canvas.className;
    this.canvas.replaceWith(canvas);
    Object.assign(this, { canvas, pen, stream });
  }

  /** Frames a second when there is something that moves. @param {number} fps */
  set fps(fps) {
    this.#fps = Math.min(fps, FPS);
    this.#keepTime();
  }

  /**
   * @param {MediaStreamTrack | null} camera
   * @param {MediaStreamTrack | null} screen
   * @param {boolean} cameraLost
   */
  show(camera, screen, cameraLost = false) {
    this.cameraLost = cameraLost;
    if (put(this.camera, camera) && camera) this.#last.forget();
    put(this.screen, screen);
    this.#keepTime();
  }

  #keepTime() {
    this.beat.postMessage(this.camera.srcObject || this.screen.srcObject ? this.#fps : Math.min(CARD_FPS, this.#fps));
  }

  draw() {
    const { width, height } = this.canvas;
    const { pen } = this;
    pen.fillStyle = PARTS.ground;
    pen.fillRect(0, 0, width, height);
    const face = this.#face();
    if (isOn(this.screen)) {
      contain(pen, this.screen, width, height);
      if (face && this.cornerShown) this.#drawCorner(face);
    } else if (face) contain(pen, face, width, height);
    else this.#drawCard();
    takeFrame(this.stream);
    this.frames += 1;
  }

  /** @returns {Picture | null} what there is of the presenter: a camera that opens takes a moment until it has a picture */
  #face() {
    if (this.cameraLost) return this.#last.picture;
    if (!isOn(this.camera)) return null;
    this.#last.keep(this.camera, performance.now());
    return this.camera;
  }

  /** @param {Picture} face */
  #drawCorner(face) {
    const { width, height } = this.canvas;
    const { x, y, width: share } = this.corner;
    const w = share * width;
    const [across, down] = sizeOf(face);
    const h = (w * down) / across;
    this.pen.drawImage(face, x * width, y * height, w, h);
    this.pen.strokeStyle = PARTS.line;
    this.pen.lineWidth = 2;
    this.pen.strokeRect(x * width, y * height, w, h);
  }

  #drawCard() {
    const { width, height } = this.canvas;
    const { pen } = this;
    pen.textAlign = "center";
    pen.fillStyle = PARTS.ink;
    pen.font = `600 ${height / 16}px system-ui, sans-serif`;
    pen.fillText(this.words.subject, width / 2, height * 0.47, width * 0.86);
    pen.fillStyle = PARTS.quiet;
    pen.font = `${height / 28}px system-ui, sans-serif`;
    pen.fillText(this.words.name, width / 2, height * 0.57, width * 0.86);
  }

  /** Put the camera's corner somewhere else; it stays within the picture. @param {Partial<Corner>} wish */
  place(wish) {
    const width = Math.min(LARGEST_CORNER, Math.max(SMALLEST_CORNER, wish.width ?? this.corner.width));
    const height = (width * this.canvas.width * (this.camera.videoHeight / this.camera.videoWidth || 0.75)) / this.canvas.height;
    this.corner = { width, x: clamp(wish.x ?? this.corner.x, 1 - width), y: clamp(wish.y ?? this.corner.y, 1 - height) };
  }

  close() {
    this.beat.terminate();
    this.track.stop();
    put(this.camera, null);
    put(this.screen, null);
  }
}

/**
 * @param {"720p" | "1080p"} size
 * @param {number} lines
 */
function paper(size, lines) {
  const [width, height] = SIZES[size];
  const scale = Math.min(1, lines / height);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false, desynchronized: true }));
  // Frames are taken when they are drawn, and not when the browser finds time for a page that nobody looks at.
  return { canvas, pen, stream: canvas.captureStream(0) };
}

/**
 * Have what is on the canvas taken: its track does that (Media Capture from DOM Elements, 3.2), in Firefox its stream.
 * @param {MediaStream} stream
 */
function takeFrame(stream) {
  const takers = /** @type {{requestFrame?: () => void}[]} */ (/** @type {unknown} */ ([...stream.getVideoTracks(), stream]));
  takers.find((taker) => taker.requestFrame)?.requestFrame?.();
}

function screenFor() {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  return video;
}

/** @param {HTMLVideoElement} video */
function isOn(video) {
  return video.srcObject !== null && video.readyState >= 2 && video.videoWidth > 0;
}

/** @param {Picture} picture @returns {[number, number]} */
function sizeOf(picture) {
  return picture instanceof HTMLVideoElement ? [picture.videoWidth, picture.videoHeight] : [picture.width, picture.height];
}

/**
 * @param {HTMLVideoElement} video
 * @param {MediaStreamTrack | null} track
 * @returns {boolean} whether it is another one
 */
function put(video, track) {
  const stream = /** @type {MediaStream | null} */ (video.srcObject);
  if ((stream?.getVideoTracks()[0] ?? null) === track) return false;
  video.srcObject = track ? new MediaStream([track]) : null;
  if (track) video.play().catch(() => undefined); // a source that is exchanged at once interrupts the one before
  return true;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Picture} picture
 * @param {number} width
 * @param {number} height
 */
function contain(pen, picture, width, height) {
  const [across, down] = sizeOf(picture);
  const scale = Math.min(width / across, height / down);
  const w = across * scale;
  const h = down * scale;
  pen.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
}

/** @param {number} value @param {number} most */
function clamp(value, most) {
  return Math.min(Math.max(0, value), Math.max(0, most));
}
