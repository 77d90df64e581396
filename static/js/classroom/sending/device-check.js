// 检查设备: choose camera, microphone and speaker, see and hear them, record five seconds, measure the computer and the line.

import { RUNGS } from "../../lib/ladder.js";
import { drawLevel } from "../../lib/level-meter.js";
import { partsOf } from "../engine/parts.js";
import { sayProblem } from "./problems.js";
import { Recorder } from "./recorder.js";
import { SourceRefused } from "./sources.js";

/** @typedef {import("./sending.js").Sending} Sending */
/** @typedef {{kbps: number, ms: number}} Line */

const RECORD_S = 5;
const QUIET = 0.25;
const LOUD = 0.97;
const GOOD_KBPS = 2500;
const FAIR_KBPS = 900;

export class DeviceCheck {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;
  #heardAt = 0;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {Sending} sending
   * @param {() => Promise<Line>} measure
   * @param {() => void} onTried what was only tried may be off again
   */
  constructor(dialog, sending, measure, onTried) {
    this.dialog = dialog;
    this.sending = sending;
    this.measure = measure;
    this.onTried = onTried;
    this.part = partsOf(dialog);
    for (const name of /** @type {const} */ (["camera", "microphone"])) {
      this.#select(name)?.addEventListener("change", () => this.#choose(name));
    }
    this.#select("speaker")?.addEventListener("change", () => sending.sources.remember({ speaker: this.#select("speaker")?.value ?? "" }));
    const size = this.#select("size");
    size?.addEventListener("change", () => this.#resize(/** @type {"720p" | "1080p"} */ (size.value)));
    this.part("check-tone")?.addEventListener("click", () => this.#playTone());
    this.part("check-record")?.addEventListener("click", () => this.#record());
    this.part("check-computer")?.addEventListener("click", () => this.#measureComputer());
    this.part("check-line")?.addEventListener("click", () => this.#measureLine());
    this.part("check-done")?.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.#end());
  }

  /** @param {string} name @returns {HTMLSelectElement | null} */
  #select(name) {
    return this.part(`check-${name}`);
  }

  async open() {
    this.dialog.showModal();
    const { sources, mixer } = this.sending;
    const awake = mixer.wake();
    this.#sayProblem("", "");
    if (!sources.camera) await this.#try("camera");
    if (!sources.microphone) await this.#try("microphone");
    await awake;
    if (!this.dialog.open) return;
    await this.#list();
    this.#show();
    const line = /** @type {HTMLButtonElement | null} */ (this.part("check-line"));
    const busy = this.sending.state === "sending"; // it would take the line from the lesson
    if (line) line.disabled = busy;
    const said = this.part("check-line-state");
    if (busy && said) said.textContent = said.dataset.busy ?? "";
    this.#pulse = setInterval(() => this.#listen(), 60);
    this.#measureComputer();
  }

  #end() {
    clearInterval(this.#pulse);
    this.part("check-replay")?.querySelector("video")?.pause();
    this.onTried();
  }

  /** @param {"camera" | "microphone"} name */
  async #choose(name) {
    this.sending.sources.remember({ [name]: this.#select(name)?.value ?? "" });
    await this.#try(name);
    this.#show();
  }

  /** @param {"camera" | "microphone"} name */
  async #try(name) {
    try {
      await (name === "camera" ? this.sending.sources.openCamera() : this.sending.sources.openMicrophone());
    } catch (error) {
      this.#sayProblem(name, error instanceof SourceRefused ? error.problem : "failed");
    }
    if (!this.dialog.open) this.onTried(); // closed while the browser asked
  }

  /** @param {"720p" | "1080p"} size also of what is sent right now */
  async #resize(size) {
    this.sending.sources.remember({ size });
    if (this.sending.sources.camera) await this.#choose("camera");
    this.sending.resize();
  }

  /** @param {string} source @param {string} problem */
  #sayProblem(source, problem) {
    sayProblem(/** @type {HTMLElement} */ (this.part("check-problem")), source, problem);
  }

  async #list() {
    const devices = await this.sending.sources.list();
    const { wishes } = this.sending.sources;
    const kinds = /** @type {const} */ ({ camera: "videoinput", microphone: "audioinput", speaker: "audiooutput" });
    for (const [name, kind] of Object.entries(kinds)) {
      const select = this.#select(name);
      if (!select) continue;
      const options = devices.filter((device) => device.kind === kind && device.deviceId).map(({ label, deviceId }, index) => new Option(label || `${index + 1}`, deviceId));
      select.replaceChildren(...options);
      select.disabled = options.length === 0;
      const chosen = wishes[/** @type {"camera" | "microphone" | "speaker"} */ (name)];
      if (chosen && options.some((option) => option.value === chosen)) select.value = chosen;
    }
    const size = this.#select("size");
    if (size) size.value = wishes.size;
  }

  #show() {
    const picture = /** @type {HTMLVideoElement} */ (this.part("check-picture"));
    const { camera } = this.sending.sources;
    picture.srcObject = camera ? new MediaStream([camera]) : null;
    if (camera) picture.play().catch(() => undefined);
  }

  #listen() {
    const { level, isAsleep } = this.sending.mixer;
    drawLevel(this.part("check-level"), level);
    if (level > QUIET) this.#heardAt = Date.now();
    const words = this.part("check-heard");
    if (!words) return;
    const heard = Date.now() - this.#heardAt < 3000;
    const text = isAsleep ? words.dataset.asleep : level > LOUD ? words.dataset.loud : heard ? words.dataset.fine : words.dataset.silent;
    if (words.textContent !== text) words.textContent = text ?? "";
  }

  async #playTone() {
    const { context } = this.sending.mixer;
    await this.sending.mixer.wake();
    const out = context.createMediaStreamDestination();
    const tone = context.createOscillator();
    const gain = context.createGain();
    gain.gain.setValueAtTime(0, context.currentTime);
    gain.gain.linearRampToValueAtTime(0.2, context.currentTime + 0.05);
    gain.gain.setTargetAtTime(0, context.currentTime + 1, 0.08);
    tone.frequency.value = 523;
    tone.connect(gain).connect(out);
    const player = new Audio();
    player.srcObject = out.stream;
    const { speaker } = this.sending.sources.wishes;
    if (speaker && player.setSinkId) await player.setSinkId(speaker).catch(() => undefined); // gone since: the usual one
    await player.play();
    tone.start();
    tone.stop(context.currentTime + 1.6);
    tone.onended = () => player.pause();
  }

  async #record() {
    const state = this.part("check-record-state");
    const button = /** @type {HTMLButtonElement} */ (this.part("check-record"));
    const say = (/** @type {string | undefined} */ words, left = 0) => { if (state) state.textContent = (words ?? "").replace("{s}", String(left)); };
    button.disabled = true;
    /** @type {ArrayBuffer[]} */
    const pieces = [];
    let failed = false;
    const recorder = new Recorder(({ data }) => pieces.push(data), () => { failed = true; }, this.sending.given.keyEveryMs);
    const { tracks } = this.sending;
    if (tracks.length > 0) recorder.start(new MediaStream(tracks), { video: 1800, audio: 96 });
    for (let left = tracks.length > 0 ? RECORD_S : 0; left > 0; left -= 1) {
      say(state?.dataset.recording, left);
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
    recorder.stop();
    button.disabled = false;
    say(failed || pieces.length === 0 ? state?.dataset.failed : state?.dataset.done);
    this.#replay(failed ? [] : pieces, recorder.kind);
  }

  /**
   * @param {ArrayBuffer[]} pieces
   * @param {string} kind
   */
  #replay(pieces, kind) {
    const place = /** @type {HTMLElement} */ (this.part("check-replay"));
    place.hidden = pieces.length === 0;
    URL.revokeObjectURL(place.querySelector("video")?.src ?? "");
    const video = document.createElement("video");
    video.className = "device-check__picture";
    video.controls = video.playsInline = true;
    place.replaceChildren(...(pieces.length > 0 ? [video] : []));
    if (pieces.length === 0) return;
    video.src = URL.createObjectURL(new Blob(pieces, { type: kind }));
    video.play().catch(() => undefined);
  }

  async #measureComputer() {
    const state = this.part("check-computer-state");
    const button = /** @type {HTMLButtonElement | null} */ (this.part("check-computer"));
    if (!state || !button || button.disabled) return;
    const { dataset } = state;
    button.disabled = true;
    state.textContent = dataset.measuring ?? "";
    const measured = await this.sending.measure();
    button.disabled = false;
    const { lines, fps } = RUNGS[measured?.rung ?? 0];
    const words = measured ? (measured.rung > 1 ? dataset.small : dataset.good) : this.sending.state === "off" ? dataset.unknown : dataset.busy;
    state.textContent = (words ?? "").replace("{lines}", String(lines)).replace("{fps}", String(fps));
  }

  async #measureLine() {
    const state = this.part("check-line-state");
    const button = /** @type {HTMLButtonElement} */ (this.part("check-line"));
    if (!state) return;
    const { dataset } = state;
    button.disabled = true;
    state.textContent = dataset.measuring ?? "";
    try {
      const { kbps, ms } = await this.measure();
      const words = kbps >= GOOD_KBPS ? dataset.good : kbps >= FAIR_KBPS ? dataset.fair : dataset.poor;
      state.textContent = (words ?? "").replace("{kbps}", String(Math.round(kbps))).replace("{ms}", String(Math.round(ms)));
    } catch (error) {
      state.textContent = (dataset.failed ?? "").replace("{address}", String(/** @type {Error} */ (error).message));
    } finally {
      button.disabled = false;
    }
  }
}
