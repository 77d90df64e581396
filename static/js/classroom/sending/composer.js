// The picture that is sent: the desktop with the camera in a corner, the camera alone, or a card where there is neither. It is drawn
// on a canvas, in the page or in a worker, and only after a change.

import { tilesFor } from "../../lib/stage-tiles.js";
import { LastPicture } from "./last-picture.js";

/**
 * @typedef {{x: number, y: number, width: number}} Corner place of the camera's picture, in shares of the whole (0 to 1)
 * @typedef {{subject: string, name: string}} Words what stands on the card
 * @typedef {import("./feeds.js").Feed} Feed
 * @typedef {{picture: CanvasImageSource, size: [number, number]}} Face
 * @typedef {HTMLCanvasElement | OffscreenCanvas} Canvas
 * @typedef {{name: string, feed: Feed | null, last: LastPicture, isLost: boolean}} Speaker isLost: nothing comes from her, so her last picture stays, darkened
 * @typedef {"720p" | "1080p"} Size
 */

const SIZES = { "720p": [1280, 720], "1080p": [1920, 1080] };
const DARKENED = 0.35; // opacity of the last picture of a speaker whose line broke
const PARTS = { ground: "#0e141b", ink: "#e6ebf1", quiet: "#9aa8b8", line: "#2b3745", card: "#17202a", label: "rgb(5 8 12 / 72%)" };

export class Composer {
  /** @type {Corner} */
  corner = { x: 0.76, y: 0.72, width: 0.22 };
  cornerShown = true;
  /** @type {Feed | null} */
  camera = null;
  /** @type {Feed | null} */
  screen = null;
  /** When what is on the canvas was taken, ms. */
  at = 0;
  /** @type {import("../../lib/stage-tiles.js").Arrangement} */
  arrangement = "side";
  /** Those who speak beside the presenter, by their pages; without a picture, her name stands there. @type {Map<string, Speaker>} */
  speakers = new Map();
  #cameraLost = false;
  #last = new LastPicture();
  #drawn = "";
  #version = 0;

  /**
   * @param {Canvas} canvas
   * @param {Words} words
   */
  constructor(canvas, words) {
    this.words = words;
    this.canvas = canvas;
    this.pen = penOf(canvas);
  }

  /** Draw on another canvas from now on. @param {Canvas} canvas */
  use(canvas) {
    this.canvas = canvas;
    this.pen = penOf(canvas);
    this.#version += 1;
  }

  /**
   * @param {Size} size
   * @param {number} lines no higher than this
   */
  resize(size, lines) {
    const [width, height] = sizeFor(size, lines);
    if (this.canvas.width === width && this.canvas.height === height) return;
    [this.canvas.width, this.canvas.height] = [width, height];
    this.#version += 1;
  }

  /**
   * @param {string} name camera, screen, or the page of a speaker
   * @param {Feed | null} feed
   */
  show(name, feed) {
    this.#version += 1;
    if (name === "camera" || name === "screen") {
      this[name]?.close();
      this[name] = feed;
      if (name === "camera" && feed) this.#last.forget();
      return;
    }
    const speaker = this.speakers.get(name);
    speaker?.feed?.close();
    if (speaker) speaker.feed = feed;
    else feed?.close();
  }

  /**
   * @param {{page: string, name: string, isLost: boolean}[]} speakers in order
   * @param {import("../../lib/stage-tiles.js").Arrangement} arrangement
   */
  seat(speakers, arrangement) {
    const before = this.speakers;
    this.speakers = new Map(speakers.map(({ page, name, isLost }) => {
      const { feed = null, last = new LastPicture() } = before.get(page) ?? {};
      return [page, { name, feed, last, isLost }];
    }));
    for (const [page, { feed }] of before) if (!this.speakers.has(page)) feed?.close();
    this.arrangement = arrangement;
    this.#version += 1;
  }

  /** The camera is gone without having been switched off: its last picture stays. @param {boolean} lost */
  set cameraLost(lost) {
    this.#cameraLost = lost;
    this.#version += 1;
  }

  /** @param {{corner: Corner, cornerShown: boolean}} layout */
  set layout({ corner, cornerShown }) {
    [this.corner, this.cornerShown] = [corner, cornerShown];
    this.#version += 1;
  }

  /**
   * Draw what is to be seen, if anything of it has changed.
   * @param {number} now ms
   * @param {boolean} [isForced] also when nothing has
   * @returns {boolean} whether it was drawn
   */
  draw(now, isForced = false) {
    const face = this.#face(now);
    const feeds = [...this.speakers.values()].map(({ feed }) => feed);
    const seen = [this.#version, this.camera?.count, this.screen?.count, ...feeds.map((feed) => feed?.count)].join(" ");
    if (seen === this.#drawn && !isForced && !seen.includes("NaN")) return false;
    this.#drawn = seen;
    const { width, height } = this.canvas;
    const { pen } = this;
    pen.fillStyle = PARTS.ground;
    pen.fillRect(0, 0, width, height);
    const { main, tiles } = tilesFor(this.arrangement, this.speakers.size, width, height);
    const isFront = main.width * main.height < (tiles[0]?.width ?? 0) * (tiles[0]?.height ?? 0);
    if (!isFront) this.#drawMain(face, main);
    [...this.speakers.values()].forEach((speaker, at) => this.#within(tiles[at], (across, down) => this.#drawSpeaker(speaker, across, down, now)));
    if (isFront) this.#drawMain(face, main);
    this.at = Math.max(this.camera?.at ?? 0, this.screen?.at ?? 0, ...feeds.map((feed) => feed?.at ?? 0)) || now;
    return true;
  }

  /** @param {number} now @returns {Face | null} what there is of the presenter: a camera that opens takes a moment until it has a picture */
  #face(now) {
    if (this.#cameraLost) {
      const { picture } = this.#last;
      return picture && { picture, size: [picture.width, picture.height] };
    }
    if (!this.camera?.picture) return null;
    this.#last.keep(this.camera, now);
    return /** @type {Face} */ (this.camera);
  }

  /** The presenter's own picture. @param {Face | null} face @param {import("../../lib/stage-tiles.js").Rect} place */
  #drawMain(face, place) {
    this.#within(place, (width, height) => {
      const screen = this.screen?.picture ? /** @type {Face} */ (this.screen) : null;
      if (screen) {
        contain(this.pen, screen, width, height);
        if (face && this.cornerShown) this.#drawCorner(face, width, height);
      } else if (face) contain(this.pen, face, width, height);
      else this.#drawCard(width, height);
    });
  }

  /** @param {import("../../lib/stage-tiles.js").Rect} place @param {(width: number, height: number) => void} draw from 0, 0 */
  #within({ x, y, width, height }, draw) {
    const { pen } = this;
    pen.save();
    pen.beginPath();
    pen.rect(x, y, width, height);
    pen.clip();
    pen.translate(x, y);
    pen.fillStyle = PARTS.ground;
    pen.fillRect(0, 0, width, height);
    draw(width, height);
    pen.restore();
  }

  /**
   * @param {Speaker} speaker
   * @param {number} width
   * @param {number} height
   * @param {number} now ms
   */
  #drawSpeaker({ name, feed, last, isLost }, width, height, now) {
    const { pen } = this;
    pen.textAlign = "center";
    if (!feed?.picture) {
      pen.fillStyle = PARTS.card;
      pen.fillRect(0, 0, width, height);
      if (isLost && last.picture) {
        pen.globalAlpha = DARKENED;
        contain(pen, { picture: last.picture, size: [last.picture.width, last.picture.height] }, width, height);
        pen.globalAlpha = 1;
      }
      pen.fillStyle = PARTS.ink;
      pen.font = `600 ${height / 7}px system-ui, sans-serif`;
      pen.fillText(name, width / 2, height * 0.55, width * 0.86);
      return;
    }
    last.keep(feed, now);
    contain(pen, /** @type {Face} */ (feed), width, height);
    const size = Math.max(16, height / 14);
    pen.font = `600 ${size}px system-ui, sans-serif`;
    const across = Math.min(width * 0.9, pen.measureText(name).width + size);
    pen.fillStyle = PARTS.label;
    pen.fillRect(width / 2 - across / 2, height - 1.7 * size, across, 1.5 * size);
    pen.fillStyle = PARTS.ink;
    pen.fillText(name, width / 2, height - 0.65 * size, across - size / 2);
  }

  /** @param {Face} face @param {number} width @param {number} height */
  #drawCorner({ picture, size: [across, down] }, width, height) {
    const { x, y, width: share } = this.corner;
    const w = share * width;
    const h = (w * down) / across;
    this.pen.drawImage(picture, x * width, y * height, w, h);
    this.pen.strokeStyle = PARTS.line;
    this.pen.lineWidth = 2;
    this.pen.strokeRect(x * width, y * height, w, h);
  }

  /** @param {number} width @param {number} height */
  #drawCard(width, height) {
    const { pen } = this;
    pen.textAlign = "center";
    pen.fillStyle = PARTS.ink;
    pen.font = `600 ${height / 16}px system-ui, sans-serif`;
    pen.fillText(this.words.subject, width / 2, height * 0.47, width * 0.86);
    pen.fillStyle = PARTS.quiet;
    pen.font = `${height / 28}px system-ui, sans-serif`;
    pen.fillText(this.words.name, width / 2, height * 0.57, width * 0.86);
  }

  close() {
    this.show("camera", null);
    this.show("screen", null);
    this.seat([], this.arrangement);
  }
}

/** @param {Canvas} canvas */
function penOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false, desynchronized: true }));
}

/**
 * @param {Size} size
 * @param {number} lines
 * @returns {[number, number]}
 */
export function sizeFor(size, lines) {
  const [width, height] = SIZES[size];
  const scale = Math.min(1, lines / height);
  return [Math.round(width * scale), Math.round(height * scale)];
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Face} face
 * @param {number} width
 * @param {number} height
 */
function contain(pen, { picture, size: [across, down] }, width, height) {
  const scale = Math.min(width / across, height / down);
  const w = across * scale;
  const h = down * scale;
  pen.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
}
