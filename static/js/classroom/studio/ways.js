// Where the picture of a lesson comes from: this browser or an encoder. The switch, and what follows from it.

import { remember, remembered } from "../../lib/memory.js";

/** @typedef {import("../sending/lesson-sender.js").LessonSender} LessonSender */
/** @typedef {import("../player/player.js").LessonPlayer} LessonPlayer */

const KEPT_AS = "studio-way";

export class Ways {
  /**
   * @param {HTMLElement} room
   * @param {AbortSignal} signal
   */
  constructor(room, signal) {
    this.room = room;
    this.radios = /** @type {HTMLInputElement[]} */ ([...room.querySelectorAll("input[data-way]")]);
    for (const radio of this.radios) radio.addEventListener("change", () => { remember(KEPT_AS, radio.value); this.#apply(); }, { signal });
    const way = remembered(KEPT_AS);
    const chosen = this.radios.find((radio) => radio.value === way);
    if (chosen) chosen.checked = true;
    this.#apply();
    this.sender?.addEventListener("sender:encoder", () => this.#showEncoder(), { signal });
    room.addEventListener("click", (event) => this.#start(event), { signal });
    room.addEventListener("stage:take-over", () => this.#takeOver(), { signal });
  }

  /** @returns {LessonSender | null} */
  get sender() {
    return this.room.querySelector("lesson-sender");
  }

  /** @returns {LessonPlayer | null} */
  get player() {
    return this.room.querySelector("lesson-player");
  }

  get way() {
    return this.radios.find((radio) => radio.checked)?.value ?? "encoder";
  }

  /**
   * An encoder has begun to send: its picture is shown, unless this browser sends or one has chosen otherwise since.
   * @param {boolean} publishing
   * @param {string} way how the picture comes: rtmp or browser
   */
  follow(publishing, way) {
    const isEncoder = publishing && way === "rtmp";
    const fresh = isEncoder && !this.#isEncoder;
    this.#isEncoder = isEncoder;
    if (fresh && !this.sender?.busy) this.#showEncoder();
  }

  #showEncoder() {
    const radio = this.radios.find((one) => one.value === "encoder");
    if (!radio || radio.checked) return;
    radio.checked = true;
    this.#apply();
  }

  #isEncoder = false;

  /** 改用直播台: this browser sends in place of the encoder, so that learners on the stage are heard. */
  #takeOver() {
    const radio = this.radios.find(({ value }) => value === "browser");
    if (!radio) return;
    radio.checked = true;
    remember(KEPT_AS, radio.value);
    this.#apply();
    this.sender?.takeOver();
  }

  #apply() {
    this.room.dataset.way = this.way;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.room.querySelectorAll("[data-way-of]"))) part.hidden = part.dataset.wayOf !== this.way;
    this.player?.setWatched(this.way === "encoder");
  }

  /**
   * 开始讲课, 继续讲课, 我回来了, 继续发送画面 in a browser that sends nothing yet: camera and microphone come with the press.
   * @param {MouseEvent} event
   */
  #start({ target }) {
    const button = /** @type {Element} */ (target).closest("button");
    const controls = /** @type {HTMLElement | null} */ (this.room.querySelector("#controls"));
    if (!button?.closest("[data-sender-go], [data-does='start'], [data-does='resume'], [data-does='return']") || controls?.dataset.publishing === "true") return; // an encoder, or another window, sends already
    if (this.way === "browser") this.sender?.begin();
  }
}
