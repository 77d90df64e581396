// 语音+讲义: the sound and the slides, for thin lines. Proposed when the line is poor, never forced; kept for this lesson.

import { rememberHere, rememberedHere } from "../../lib/memory.js";
import { ThinLine } from "../../lib/thin-line.js";
import { show } from "../engine/parts.js";

const KEY = `voice ${globalThis.location?.pathname}`;

export class Voice {
  line = new ThinLine();
  #stillBefore = 0;
  #poor = false;
  #asked = rememberedHere(KEY) !== null; // somebody who has answered once is not asked again
  #isOn = rememberedHere(KEY) === "yes";

  /**
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} part
   * @param {(on: boolean) => void} onChoice the viewer wants the sound alone, or the picture again
   */
  constructor(part, onChoice) {
    this.onChoice = onChoice;
    this.notice = part("thin");
    this.switch = part("audio-switch");
    this.label = part("audio-label");
    part("thin-yes")?.addEventListener("click", () => this.set(true));
    part("thin-no")?.addEventListener("click", () => this.#answer("no"));
    part("audio-back")?.addEventListener("click", () => this.set(false));
    this.switch?.addEventListener("click", () => this.set(!this.#isOn));
  }

  /** The viewer's choice for this lesson. */
  get isOn() {
    return this.#isOn;
  }

  /** @param {boolean} on */
  set(on) {
    this.#isOn = on;
    this.#answer(on ? "yes" : "no");
    this.onChoice(on);
  }

  /** @param {"yes" | "no"} answer */
  #answer(answer) {
    this.#asked = true;
    this.line.forget();
    rememberHere(KEY, answer);
    this.#poor = false;
    show(this.notice, false);
  }

  /** @param {import("./look.js").Look} look */
  draw({ isRunning, wanted, state, still, hasSlides }) {
    const { line } = this;
    // While the teacher's own line is cut, or the lesson rests, nothing is the fault of this one.
    const counts = isRunning && wanted && state === "on_air";
    if (counts && still < this.#stillBefore) line.stalled(Date.now(), this.#stillBefore);
    this.#stillBefore = counts ? still : 0;
    const asks = counts && !this.#asked && !this.#isOn;
    if (asks && !this.#poor && line.isPoor(Date.now())) this.#poor = true;
    else if (this.#poor && line.isGood(Date.now())) {
      this.#poor = false;
      line.forget();
    }
    show(this.notice, asks && this.#poor);
    this.switch?.setAttribute("aria-pressed", String(this.#isOn));
    this.#name(hasSlides);
  }

  /** With slides beside it the switch has another name. @param {boolean} hasSlides */
  #name(hasSlides) {
    const { label } = this;
    const words = hasSlides ? label?.dataset.slides : label?.dataset.alone;
    if (label && label.textContent !== words) label.textContent = words ?? "";
  }
}
