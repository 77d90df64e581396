// <lesson-sender>: the presenter's own picture and sound, with the switches. Markup: classroom/sending/_video.html.

import { remember, rememberedFields } from "../../lib/memory.js";
import { pageToken } from "../../lib/page-token.js";
import { ticketsFrom } from "../../lib/sending-wire.js";
import { partsOf, show } from "../parts.js";
import { guideCorner, lay } from "./corner.js";
import { DeviceCheck } from "./device-check.js";
import { measureLine } from "./line.js";
import { Sending } from "./sending.js";
import { SourceRefused, Sources } from "./sources.js";

/** @typedef {import("./sources.js").SourceName} SourceName */

const CORNER = "studio-corner";
const RESTS = new Set(["paused", "away", "ended", "cancelled"]); // camera and microphone are off, really

export class LessonSender extends HTMLElement {
  /** @type {Sending | null} */
  #sending = null;
  #sources = new Sources();
  #part = partsOf(this);
  /** @type {DeviceCheck | null} */
  #check = null;
  #leave = new AbortController();
  #began = false; // an encoder that is there already is left alone
  /** What was on before a pause, and comes back after it. @type {SourceName[]} */
  #resting = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;
  #isMuted = false;

  connectedCallback() {
    const { signal } = this.#leave;
    const part = this.#part;
    part("microphone")?.addEventListener("click", () => this.toggleMicrophone(), { signal });
    part("camera")?.addEventListener("click", () => this.toggle("camera"), { signal });
    part("screen")?.addEventListener("click", () => this.toggle("screen"), { signal });
    part("check")?.addEventListener("click", () => this.checkDevices(), { signal });
    part("taken-no")?.addEventListener("click", () => this.#dialog("taken").close(), { signal });
    part("taken-yes")?.addEventListener("click", () => this.#takeItOver(), { signal });
    part("volume")?.addEventListener("input", () => this.#ready.mixer.setVolume(Number(this.#field("volume").value)), { signal });
    part("noise")?.addEventListener("change", () => this.#suppressNoise(), { signal });
    part("push")?.addEventListener("change", () => this.#applyMute(), { signal });
    part("corner-shown")?.addEventListener("change", () => this.#showCorner(), { signal });
    this.#field("noise").checked = this.#sources.wishes.noiseSuppression;
    this.#sources.addEventListener("change", () => this.#refresh(), { signal });
    this.#sources.addEventListener("lost", (event) => this.#lose(/** @type {CustomEvent} */ (event).detail), { signal });
    document.addEventListener("keydown", (event) => this.#key(event, true), { signal });
    document.addEventListener("keyup", (event) => this.#key(event, false), { signal });
    this.#pulse = setInterval(() => this.#meter(), 80);
    this.#refresh();
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearInterval(this.#pulse);
    this.#sending?.close();
    this.#sending = null;
  }

  /** The engine, made when it is first needed: sound asks for a press before. */
  get #ready() {
    if (!this.#sending) {
      const words = { subject: this.dataset.subject ?? "", name: this.dataset.name ?? "" };
      const sending = new Sending(this.#sources, words, this.dataset.beat ?? "");
      sending.addEventListener("state", () => this.#heed());
      sending.addEventListener("figures", () => this.#say());
      const stage = /** @type {HTMLElement} */ (this.#part("stage"));
      sending.composer.canvas.className = "sender__picture";
      stage.prepend(sending.composer.canvas);
      guideCorner(/** @type {HTMLElement} */ (this.#part("corner")), stage, sending.composer, this.#leave.signal, () => this.#keepCorner());
      sending.composer.place(rememberedFields(CORNER));
      this.#sending = sending;
    }
    return this.#sending;
  }

  /** Whether this page sends, or tries to. */
  get busy() {
    return this.#sending !== null && ["connecting", "sending", "waiting"].includes(this.#sending.state);
  }

  /** The lesson has come into another state. @param {string} state */
  setState(state) {
    const before = this.dataset.state ?? "";
    this.dataset.state = state;
    if (RESTS.has(state)) this.#rest(state);
    else if (RESTS.has(before) && this.#resting.length > 0) this.#wake();
    this.#refresh();
  }

  /** Camera and microphone on, and off to the learners: what 开始讲课 does where nothing is sent yet. */
  async begin() {
    const wanted = /** @type {SourceName[]} */ (["microphone", "camera"]);
    const began = wanted.every((name) => !this.#sources[name]);
    for (const name of wanted) if (!this.#sources[name]) await this.#open(name);
    await this.#send({ began });
  }

  /** @param {"camera" | "screen"} name */
  async toggle(name) {
    if (this.#sources[name]) {
      this.#sources.close(name);
      if (name === "camera") this.#sending?.forgetCamera();
      return;
    }
    this.#sayProblem(null, "", "");
    this.#sending?.forgetCamera();
    if (await this.#open(name)) await this.#send();
  }

  async toggleMicrophone() {
    if (!this.#sources.microphone) {
      this.#sayProblem(null, "", "");
      this.#isMuted = false;
      if (await this.#open("microphone")) await this.#send();
    } else this.#isMuted = !this.#isMuted;
    this.#applyMute();
  }

  checkDevices() {
    this.#check ??= new DeviceCheck(
      /** @type {HTMLDialogElement} */ (this.#part("check-dialog")), this.#ready,
      () => measureLine(this.dataset.line ?? "", this.#token), (box, source, problem) => this.#sayProblem(box, source, problem),
    );
    this.#check.open();
  }

  /** @param {SourceName} name @returns {Promise<boolean>} whether it is there now */
  async #open(name) {
    const sources = this.#ready.sources; // made by the press that asks for it
    try {
      if (name === "camera") await sources.openCamera();
      else if (name === "microphone") await sources.openMicrophone();
      else await sources.shareScreen();
      return true;
    } catch (error) {
      const problem = error instanceof SourceRefused ? error.problem : "failed";
      if (problem !== "cancelled") this.#sayProblem(null, name, problem);
      return false;
    }
  }

  /** @param {{began?: boolean, takeOver?: boolean}} [wish] began: nobody asked for this camera, 开始讲课 was pressed */
  async #send({ began = false, takeOver = false } = {}) {
    if (!Sending.able) {
      this.#sayProblem(null, "any", "unable");
      return;
    }
    if (RESTS.has(this.dataset.state ?? "") || this.busy) return;
    this.#began = began;
    await this.#ready.start(ticketsFrom(this.dataset.tickets ?? "", this.#token), { takeOver });
  }

  get #token() {
    return pageToken()["X-CSRFToken"] ?? "";
  }

  /** The engine is in another state: somebody else may be sending, and is named. */
  #heed() {
    const { state, why } = this.#ready;
    const other = why?.sending;
    if (other && state === "refused" && this.#began && other.way === "rtmp") {
      this.#sources.closeAll();
      this.dispatchEvent(new Event("sender:encoder"));
    } else if (other && state === "refused") {
      const words = this.#part("taken-by");
      const since = new Date(other.since_ms).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
      const who = [other.name, other.encoder].filter(Boolean).join(" · ");
      if (words) words.textContent = (words.dataset.words ?? "").replace("{who}", who).replace("{since}", since);
      this.#dialog("taken").showModal();
    }
    this.#refresh();
  }

  #takeItOver() {
    this.#dialog("taken").close();
    this.#send({ takeOver: true });
  }

  /** @param {string} state */
  #rest(state) {
    const open = /** @type {SourceName[]} */ (["microphone", "camera", "screen"]).filter((name) => this.#sources[name]);
    if (open.length > 0) this.#resting = open;
    if (state === "ended" || state === "cancelled") this.#resting = [];
    this.#sending?.stop();
    this.#sources.closeAll();
  }

  async #wake() {
    const wanted = this.#resting;
    this.#resting = [];
    // A desktop is shared by a press only; the browser asks which one.
    for (const name of wanted) if (name !== "screen") await this.#open(name);
    await this.#send();
  }

  /** @param {SourceName} name */
  #lose(name) {
    this.#sayProblem(null, name, "lost");
  }

  async #suppressNoise() {
    this.#sources.remember({ noiseSuppression: this.#field("noise").checked });
    if (this.#sources.microphone) await this.#open("microphone"); // not every browser changes it under way
  }

  #applyMute() {
    if (this.#sending) this.#sending.mixer.muted = this.#isMuted || (this.#field("push").checked && !this.hasAttribute("data-talking"));
    this.#refresh();
  }

  #showCorner() {
    this.#ready.composer.cornerShown = this.#field("corner-shown").checked;
    this.#refresh();
  }

  #keepCorner() {
    remember(CORNER, this.#ready.composer.corner);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} down
   */
  #key(event, down) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable || target.matches("input:not([type=checkbox], [type=range]), textarea, select") || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "t" && this.#field("push").checked) {
      this.toggleAttribute("data-talking", down);
      this.#applyMute();
    } else if (down && !event.repeat && key === "m") this.toggleMicrophone();
    else if (down && !event.repeat && key === "v") this.toggle("camera");
    else if (down && !event.repeat && key === "s") this.toggle("screen");
  }

  #meter() {
    const level = this.#sources.microphone && this.#sending ? this.#sending.mixer.level : 0;
    this.#part("bar")?.style.setProperty("width", `${Math.round(level * 100)}%`);
    const meter = this.#part("level");
    if (meter) meter.ariaValueNow = String(Math.round(level * 100));
  }

  #refresh() {
    this.#face("microphone", this.#sources.microphone !== null && !this.#sending?.mixer.muted);
    this.#face("camera", this.#sources.camera !== null);
    this.#face("screen", this.#sources.screen !== null);
    show(this.#part("empty"), this.#sending === null);
    const corner = /** @type {HTMLElement} */ (this.#part("corner"));
    const isCornered = Boolean(this.#sources.screen && this.#sources.camera && this.#field("corner-shown").checked);
    show(corner, isCornered);
    if (isCornered && this.#sending) lay(corner, this.#sending.composer);
    this.#say();
  }

  /**
   * @param {SourceName} name
   * @param {boolean} on
   */
  #face(name, on) {
    const button = /** @type {HTMLElement} */ (this.#part(name));
    const words = (on ? button.dataset.on : button.dataset.off) ?? "";
    button.ariaPressed = String(on);
    button.title = `${words} (${button.getAttribute("aria-keyshortcuts")})`;
    const label = this.#part(`${name}-words`);
    if (label && label.textContent !== words) label.textContent = words;
  }

  #say() {
    const line = this.#part("state");
    if (!line) return;
    const { state = "off", figures } = this.#sending ?? {};
    const rests = RESTS.has(this.dataset.state ?? "") && this.dataset.state !== "ended";
    const words = line.dataset[rests ? "paused" : state === "sending" && (figures?.rung ?? 0) > 0 ? "thin" : state] ?? "";
    const text = words.replace("{kbps}", String(figures?.kbps ?? 0)).replace("{fps}", String(figures?.fps ?? 0)).replace("{s}", "10");
    this.dataset.sending = state;
    this.toggleAttribute("data-thin", (figures?.rung ?? 0) > 0);
    if (line.textContent !== text) line.textContent = text;
  }

  /**
   * Say what stands in the way; without a source, say nothing any more.
   * @param {HTMLElement | null} box
   * @param {string} source
   * @param {string} problem
   */
  #sayProblem(box, source, problem) {
    const place = box ?? /** @type {HTMLElement} */ (this.#part("problem"));
    const names = [`${source}:${problem}`, `any:${problem}`];
    const lines = /** @type {HTMLElement[]} */ ([...place.querySelectorAll("[data-problem]")]);
    const said = lines.find((line) => names.includes(line.dataset.problem ?? ""));
    for (const line of lines) line.hidden = line !== said;
    place.hidden = !said;
    const browser = /firefox/i.test(navigator.userAgent) ? "firefox" : /chrom|edg/i.test(navigator.userAgent) ? "chrome" : "safari";
    for (const figure of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-browser]"))) figure.hidden = figure.dataset.browser !== browser;
  }

  /** @param {string} name */
  #dialog(name) {
    return /** @type {HTMLDialogElement} */ (this.#part(name));
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.#part(name));
  }
}

customElements.define("lesson-sender", LessonSender);
