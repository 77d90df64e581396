// <stage-check>: within the form that raises a hand. It asks a learner who wants to be heard for microphone and camera at once, shows that
// they work, and switches them off again until she is called.

import { drawLevel } from "../../lib/level-meter.js";
import { partsOf, show } from "../engine/parts.js";
import { Level, canSpeak, closeDevices, openDevices } from "./devices.js";

const METER_MS = 80;

/**
 * Say what stands in the way of a microphone (classroom/stage/_problems.html).
 * @param {HTMLElement | null} box
 * @param {string} problem empty: nothing
 */
export function sayProblem(box, problem) {
  show(box, problem !== "");
  for (const line of box?.querySelectorAll("[data-problem]") ?? []) show(line, /** @type {HTMLElement} */ (line).dataset.problem === problem);
}

class StageCheck extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Level | null} */
  #level = null;
  #allowed = ""; // the way that was tried, and works
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.addEventListener("change", () => this.#try(), { signal });
    this.#form.addEventListener("submit", (event) => this.#guard(event), { signal, capture: true });
    this.#form.addEventListener("reset", () => this.#close(), { signal });
    this.closest("details")?.addEventListener("toggle", () => { if (!this.closest("details")?.open) this.#close(); }, { signal });
    window.addEventListener("pagehide", () => this.#close(), { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#close();
  }

  get #form() {
    return /** @type {HTMLFormElement} */ (this.closest("form"));
  }

  get #way() {
    return /** @type {import("./devices.js").Way} */ (new FormData(this.#form).get("way") ?? "");
  }

  /** @returns {Promise<boolean>} whether she can speak as she wants to */
  async #try() {
    this.#close();
    const way = this.#way;
    sayProblem(this.#part("problem"), "");
    if (way === "") return true;
    if (!canSpeak()) return this.#fail(isSecureContext ? "failed" : "insecure");
    try {
      const stream = await openDevices(way);
      if (way !== this.#way || !this.isConnected) {
        closeDevices(stream);
        return false;
      }
      this.#show(stream);
      this.#allowed = way;
      return true;
    } catch (problem) {
      return this.#fail(String(problem));
    }
  }

  /** @param {string} problem */
  #fail(problem) {
    sayProblem(this.#part("problem"), problem);
    return false;
  }

  /** @param {MediaStream} stream */
  #show(stream) {
    this.#stream = stream;
    this.#level = new Level(stream);
    const picture = /** @type {HTMLVideoElement} */ (this.#part("picture"));
    picture.srcObject = stream;
    picture.hidden = stream.getVideoTracks().length === 0;
    picture.play().catch(() => undefined);
    show(this.#part("try"), true);
    this.#pulse = setInterval(() => drawLevel(this.#part("level"), Math.sqrt(this.#level?.now ?? 0)), METER_MS);
  }

  /** The hand goes up only when what she wants to speak with works. @param {SubmitEvent} event */
  async #guard(event) {
    const way = this.#way;
    if (way === "" || way === this.#allowed) {
      this.#close();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await this.#try()) this.#form.requestSubmit();
  }

  #close() {
    clearInterval(this.#pulse);
    this.#level?.close();
    closeDevices(this.#stream);
    this.#stream = this.#level = null;
    const picture = /** @type {HTMLVideoElement} */ (this.#part("picture"));
    picture.srcObject = null;
    show(this.#part("try"), false);
  }
}

customElements.define("stage-check", StageCheck);
