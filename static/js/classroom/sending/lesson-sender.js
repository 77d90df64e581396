// <lesson-sender>: the presenter's own picture and sound, with the switches. Markup: classroom/sending/_video.html.

import { timeOfDay } from "../../lib/academy-time.js";
import { isFree, isPressed } from "../../lib/key-names.js";
import { remember, rememberedFields } from "../../lib/memory.js";
import { pageToken } from "../../lib/page-token.js";
import { noteLeft, ticketsFrom } from "../../lib/sending-wire.js";
import { partsOf } from "../engine/parts.js";
import { guideCorner } from "./corner.js";
import { DeviceCheck } from "./device-check.js";
import { SenderFace } from "./face.js";
import { measureLine } from "./line.js";
import { sayProblem } from "./problems.js";
import { Sending } from "./sending.js";
import { SourceRefused, Sources } from "./sources.js";
import { holdToTalk } from "./talk.js";

/** @typedef {import("./sources.js").SourceName} SourceName */

const CORNER = "studio-corner";
const CHOICES = "studio-choices";
const NAMES = /** @type {SourceName[]} */ (["microphone", "camera", "screen"]);
const RESTS = new Set(["paused", "away", "ended", "cancelled"]); // camera and microphone are off, really

export class LessonSender extends HTMLElement {
  /** @type {Sending | null} */
  #sending = null;
  #sources = new Sources();
  #part = partsOf(this);
  #face = new SenderFace(this);
  /** @type {DeviceCheck | null} */
  #check = null;
  #leave = new AbortController();
  /** Name under which this page has asked to send. */
  #sender = "";
  #began = false; // an encoder that is there already is left alone
  /** Sources that were open before a pause and open again after it. @type {SourceName[]} */
  #resting = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;
  #isMuted = false;
  #talks = false;
  #troubled = ""; // the source that has a problem
  /** Her choices in this browser: whether she is seen, her loudness, and the settings of her microphone. */
  #choices = { camera: true, volume: 1, push: false, corner: true, ...rememberedFields(CHOICES) };

  connectedCallback() {
    const { signal } = this.#leave;
    for (const name of NAMES) this.#on(name, "click", () => (name === "microphone" ? this.toggleMicrophone() : this.toggle(name)));
    for (const name of ["check", "check-first", "check-instead"]) this.#on(name, "click", () => this.checkDevices());
    this.#on("taken-no", "click", () => this.#dialog("taken").close());
    for (const name of ["taken-yes", "take"]) this.#on(name, "click", () => this.#takeItOver());
    this.#dialog("taken").addEventListener("close", () => { if (!this.busy) this.#sources.closeAll(); }, { signal });
    this.#on("volume", "input", () => this.#choose({ volume: Number(this.#field("volume").value) }));
    this.#on("noise", "change", () => this.#suppressNoise());
    this.#on("push", "change", () => this.#choose({ push: this.#field("push").checked }));
    this.#on("corner-shown", "change", () => this.#choose({ corner: this.#field("corner-shown").checked }));
    this.#field("volume").value = String(this.#choices.volume);
    this.#field("noise").checked = this.#sources.wishes.noiseSuppression;
    this.#field("push").checked = this.#choices.push;
    this.#field("corner-shown").checked = this.#choices.corner;
    this.#sources.addEventListener("change", () => this.#notice(), { signal });
    this.#sources.addEventListener("lost", (event) => this.#lose(/** @type {CustomEvent} */ (event).detail), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("guard:leaves", (event) => /** @type {CustomEvent} */ (event).detail.waitUntil(this.#sending?.stop()), { signal });
    window.addEventListener("pagehide", () => { if (this.busy) noteLeft(this.dataset.tickets ?? "", this.#sender); }, { signal });
    window.addEventListener("beforeunload", (event) => { if (this.#sending?.state === "leaving") event.preventDefault(); }, { signal });
    const talk = (/** @type {boolean} */ talks) => { this.#talks = talks; this.#apply(); };
    holdToTalk(/** @type {HTMLElement} */ (this.#part("talk")), () => this.#choices.push && !this.closest("[hidden]"), talk, signal);
    this.#pulse = setInterval(() => this.#meter(), 80);
    Sending.prepare();
    this.#apply();
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearInterval(this.#pulse);
    this.#sending?.close();
    this.#sending = null;
    this.#refresh();
  }

  /**
   * @param {string} name
   * @param {string} type
   * @param {() => void} heard
   */
  #on(name, type, heard) {
    this.#part(name)?.addEventListener(type, heard, { signal: this.#leave.signal });
  }

  /** The engine, made when it is first needed: sound asks for a press before. */
  get #ready() {
    if (!this.#sending) {
      const words = { subject: this.dataset.subject ?? "", name: this.dataset.name ?? "" };
      const { beat = "", engine = "", ear = "", keyEvery } = this.dataset;
      const sending = new Sending(this.#sources, words, { beat, engine, ear, keyEveryMs: Number(keyEvery) });
      sending.addEventListener("state", () => this.#heed());
      sending.addEventListener("figures", () => this.#refresh());
      const stage = /** @type {HTMLElement} */ (this.#part("stage"));
      sending.canvas.className = "sender__picture";
      stage.prepend(sending.canvas);
      guideCorner(/** @type {HTMLElement} */ (this.#part("corner")), stage, sending.layout, this.#leave.signal, () => this.#keepCorner());
      sending.layout.place(rememberedFields(CORNER));
      this.#sending = sending;
      this.#apply();
    }
    return this.#sending;
  }

  /** Whether this page sends, or tries to. */
  get busy() {
    return this.#sending !== null && ["connecting", "sending", "waiting"].includes(this.#sending.state);
  }

  /** The programme, which also takes the voices of others. `null` before this page has opened a source. */
  get programme() {
    return this.#sending;
  }

  get #rests() {
    return RESTS.has(this.dataset.state ?? "");
  }

  /** @returns {SourceName[]} what is on when nothing else is said; the camera, unless it was switched off the last time */
  get #usual() {
    return this.#choices.camera ? ["microphone", "camera"] : ["microphone"];
  }

  /** The lesson has come into another state. @param {string} state */
  setState(state) {
    const rested = this.#rests;
    this.dataset.state = state;
    if (this.#rests) this.#rest(state);
    else if (rested && this.#resting.length > 0) this.#wake();
    this.#refresh();
  }

  /** Camera and microphone on, and off to the learners: what 开始讲课 does where nothing is sent yet, and 继续 after a rest. */
  async begin() {
    if (this.busy) return;
    if (this.#rests) { // as soon as it is over
      if (this.#resting.length === 0) this.#resting = this.#usual;
      return;
    }
    const began = NAMES.every((name) => !this.#sources[name]);
    for (const name of this.#usual) if (!this.#sources[name]) await this.#open(name);
    if (NAMES.some((name) => this.#sources[name])) await this.#send({ began });
  }

  /** Send in place of the encoder, with the picture that its program makes a camera of, if it does. */
  async takeOver() {
    if (this.busy || this.#rests) return;
    this.#sayProblem("", "");
    this.#isMuted = false;
    await this.#open("camera", { isVirtual: true });
    await this.#open("microphone");
    if (NAMES.some((name) => this.#sources[name])) await this.#send({ takeOver: true });
  }

  /** @param {"camera" | "screen"} name */
  async toggle(name) {
    if (this.#rests) return;
    if (name === "camera") this.#choose({ camera: !this.#sources.camera });
    if (this.#sources[name]) {
      this.#sources.close(name);
      if (name === "camera") this.#sending?.forgetCamera();
      return;
    }
    this.#sayProblem("", "");
    if (await this.#open(name)) await this.#send();
  }

  async toggleMicrophone() {
    if (this.#rests) return;
    if (!this.#sources.microphone) {
      this.#sayProblem("", "");
      this.#isMuted = false;
      if (await this.#open("microphone")) await this.#send();
    } else this.#isMuted = !this.#isMuted;
    this.#apply();
  }

  checkDevices() {
    if (!this.#check) {
      const measure = () => measureLine(this.dataset.line ?? "", this.#token);
      // a lamp that burns would say that learners see her
      const off = () => { if (!this.busy) this.#sources.closeAll(); };
      this.#check = new DeviceCheck(this.#dialog("check-dialog"), this.#ready, measure, off);
    }
    this.#check.open();
  }

  /**
   * @param {SourceName} name
   * @param {{isVirtual?: boolean}} [wish] rather a camera that another program makes of its picture
   * @returns {Promise<boolean>} whether it is there now
   */
  async #open(name, { isVirtual = false } = {}) {
    const sources = this.#ready.sources; // made by the press that asks for it
    try {
      if (name === "camera") await (isVirtual ? sources.openVirtualCamera() : sources.openCamera());
      else if (name === "microphone") await sources.openMicrophone();
      else await sources.shareScreen();
      return true;
    } catch (error) {
      const problem = error instanceof SourceRefused ? error.problem : "failed";
      if (problem !== "cancelled") this.#sayProblem(name, problem);
      return false;
    }
  }

  /** @param {{began?: boolean, takeOver?: boolean}} [wish] began: nobody asked for this camera, 开始讲课 was pressed */
  async #send({ began = false, takeOver = false } = {}) {
    if (!Sending.able) {
      this.#sayProblem("any", "unable");
      return;
    }
    if (this.#rests || this.busy) return;
    this.#began = began;
    const tickets = ticketsFrom(this.dataset.tickets ?? "", this.#token);
    await this.#ready.start((wish) => {
      this.#sender = wish.sender;
      return tickets(wish);
    }, { takeOver });
  }

  get #token() {
    return pageToken()["X-CSRFToken"] ?? "";
  }

  /** The engine is in another state: somebody else may be sending, and is named. */
  #heed() {
    const { state, why } = this.#ready;
    const other = why?.sending;
    if (other && state === "refused" && !(this.#began && other.way === "rtmp")) {
      const words = this.#part("taken-by");
      const since = timeOfDay(other.since_ms);
      const who = [other.name, other.encoder].filter(Boolean).join(" · ");
      if (words) words.textContent = (words.dataset.words ?? "").replace("{who}", who).replace("{since}", since);
      this.#dialog("taken").showModal(); // what is on stays on until it is answered
    } else if (state === "refused" || state === "replaced") this.#sources.closeAll();
    if (other && state === "refused" && this.#began && other.way === "rtmp") this.dispatchEvent(new Event("sender:encoder"));
    this.#refresh();
  }

  async #takeItOver() {
    const sends = this.#send({ takeOver: true }); // before the question goes: what is on stays on
    this.#dialog("taken").close();
    await sends;
    if (NAMES.every((name) => !this.#sources[name])) for (const name of this.#usual) await this.#open(name);
  }

  /** @param {string} state */
  #rest(state) {
    const open = NAMES.filter((name) => this.#sources[name] || (name === "camera" && this.#sending?.cameraLost));
    if (open.length > 0 && this.busy) this.#resting = open;
    if (state === "ended" || state === "cancelled") this.#resting = [];
    this.#sending?.stop();
    this.#sources.closeAll();
    this.#sending?.forgetCamera();
  }

  async #wake() {
    const wanted = this.#resting;
    this.#resting = [];
    // A desktop is shared by a press only; the browser asks which one.
    for (const name of wanted) if (name !== "screen") await this.#open(name);
    await this.#send({ began: true });
  }

  /** A source was opened or closed. Clear its error message once it is open. */
  #notice() {
    if (NAMES.some((name) => name === this.#troubled && this.#sources[name])) this.#sayProblem("", "");
    this.#refresh();
  }

  /** @param {SourceName} name */
  #lose(name) {
    this.#sayProblem(name, "lost");
  }

  async #suppressNoise() {
    this.#sources.remember({ noiseSuppression: this.#field("noise").checked });
    if (this.#sources.microphone) await this.#open("microphone"); // not every browser changes it under way
  }

  /** @param {Partial<{camera: boolean, volume: number, push: boolean, corner: boolean}>} wish */
  #choose(wish) {
    Object.assign(this.#choices, wish);
    remember(CHOICES, this.#choices);
    this.#apply();
  }

  /** Have the engine do what is chosen. */
  #apply() {
    const { volume, push, corner } = this.#choices;
    if (this.#sending) {
      this.#sending.mixer.setVolume(volume);
      this.#sending.mixer.muted = this.#isMuted || (push && !this.#talks);
      this.#sending.layout.cornerShown = corner;
    }
    this.#refresh();
  }

  #keepCorner() {
    remember(CORNER, this.#ready.layout.corner);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.repeat || !isFree(event) || this.closest("[hidden]")) return;
    if (isPressed("M", event)) this.toggleMicrophone();
    else if (isPressed("V", event)) this.toggle("camera");
    else if (isPressed("S", event)) this.toggle("screen");
  }

  #meter() {
    this.#face.level(this.#sources.microphone && this.#sending ? this.#sending.mixer.level : 0);
  }

  /** Somebody else sends. */
  get #isTaken() {
    const { state, why } = this.#sending ?? {};
    return state === "replaced" || (state === "refused" && why?.sending !== undefined);
  }

  #refresh() {
    const { camera, microphone, screen, screenSound } = this.#sources;
    const { volume, push, corner } = this.#choices;
    const { state = "off", figures = null, layout = null } = this.#sending ?? {};
    const isOpen = microphone !== null && !this.#isMuted;
    this.#face.draw({
      lesson: this.dataset.state ?? "", state, figures, volume, push,
      rests: this.#rests, busy: this.busy, isTaken: this.#isTaken,
      on: { microphone: isOpen && (!push || this.#talks), camera: camera !== null, screen: screen !== null },
      sounds: isOpen || screenSound !== null,
      cornered: screen && camera && corner ? layout : null,
      isNew: this.#sending === null,
    });
    this.dispatchEvent(new Event("sender:change"));
  }

  /**
   * Say what stands in the way; without a source, say nothing any more.
   * @param {string} source
   * @param {string} problem
   */
  #sayProblem(source, problem) {
    this.#troubled = source;
    sayProblem(/** @type {HTMLElement} */ (this.#part("problem")), source, problem);
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
