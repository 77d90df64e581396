// The switch in the studio between the two ways in which a lesson's picture comes: from this browser, or from an encoder.

import { remember, remembered } from "../../lib/memory.js";

/** @typedef {import("../sending/lesson-sender.js").LessonSender} LessonSender */
/** @typedef {import("../player/player.js").LessonPlayer} LessonPlayer */

const KEPT_AS = "studio-way"; // name in this device's memory

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

  /** The chosen way: "browser" or "encoder". */
  get way() {
    return this.radios.find((radio) => radio.checked)?.value ?? "encoder";
  }

  /**
   * Show the encoder's picture when an encoder begins to send, unless this browser sends. The presenter may then choose otherwise.
   * @param {boolean} publishing whether a picture comes at all
   * @param {string} way in which it comes: rtmp or browser
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

  /** 改用直播台: send from this browser in place of the encoder, so that learners on the stage are heard. */
  #takeOver() {
    const radio = this.radios.find(({ value }) => value === "browser");
    if (!radio) return;
    radio.checked = true;
    remember(KEPT_AS, radio.value);
    this.#apply();
    this.sender?.takeOver();
  }

  /** Show what belongs to the chosen way. */
  #apply() {
    this.room.dataset.way = this.way;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.room.querySelectorAll("[data-way-of]"))) part.hidden = part.dataset.wayOf !== this.way;
    this.player?.setWatched(this.way === "encoder");
  }

  /**
   * Begin to send at 开始讲课, 继续讲课, 我回来了 and 继续发送画面, while nothing sends: camera and microphone open with the press.
   * @param {MouseEvent} event
   */
  #start({ target }) {
    const button = /** @type {Element} */ (target).closest("button");
    const controls = /** @type {HTMLElement | null} */ (this.room.querySelector("#controls"));
    if (!button?.closest("[data-sender-go], [data-does='start'], [data-does='resume'], [data-does='return']") || controls?.dataset.publishing === "true") return; // an encoder, or another window, sends already
    if (this.way === "browser") this.sender?.begin();
  }
}
