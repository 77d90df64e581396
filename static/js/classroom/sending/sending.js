// The page's part of sending: devices, mixer, and an engine that composes, encodes and sends (engine.js).

import { note } from "../../lib/sending-log.js";
import { chooseKind } from "./encoders.js";
import { PageHost, WorkerHost, hasWorker } from "./hosts.js";
import { Layout } from "./layout.js";
import { Mixer } from "./mixer.js";
import { recordable } from "./recorder.js";

/**
 * @typedef {import("./sources.js").Sources} Sources
 * @typedef {import("../../lib/sender.js").TicketFetcher} TicketFetcher
 * @typedef {import("../../lib/sender.js").Why} Why
 * @typedef {import("./engine.js").SendingState} SendingState
 * @typedef {import("./engine.js").Figures} Figures
 * @typedef {import("./hosts.js").Host} Host
 * @typedef {{page: string, name: string, voice: MediaStreamTrack | null, picture: MediaStreamTrack | null, isMuted: boolean, isLeaving: boolean, isLost: boolean}} Guest isLost: nothing comes from her, because her line broke or her page was closed
 *   isLeaving: her last words are still on their way, and she is not shown any more
 */

const NOTE_EVERY = 60; // figures

/** Dispatches `state` and, about once a second while it sends, `figures`. */
export class Sending extends EventTarget {
  /** @type {SendingState} */
  state = "off";
  /** @type {Figures} */
  figures = { kbps: 0, fps: 0, rung: 0, reason: "", lostS: 0, load: 0 };
  /** Why it does not send any more, as the server said it. @type {Why | null} */
  why = null;
  /** The camera is gone without having been switched off: its last picture stays. */
  cameraLost = false;
  /** @type {Host} */
  #host;
  /** @type {TicketFetcher | null} */
  #tickets = null;
  #wish = { takeOver: false };
  /** @type {{camera: MediaStreamTrack | null, screen: MediaStreamTrack | null}} */
  #shown = { camera: null, screen: null };
  #isOn = false;
  /** Sound track that a recorder records, where the mixer is not heard. @type {MediaStreamTrack | null} */
  #sound = null;
  #count = 0;
  #rung = 0;
  /** @type {Guest[]} */
  #guests = [];
  /** @type {import("../../lib/stage-tiles.js").Arrangement} */
  #arrangement = "side";
  /** @type {Map<string, MediaStreamTrack>} */
  #guestPictures = new Map();

  /**
   * @param {Sources} sources
   * @param {import("./composer.js").Words} words
   * @param {import("./hosts.js").Given} given
   */
  constructor(sources, words, given) {
    super();
    this.sources = sources;
    this.words = words;
    this.given = given;
    this.mixer = new Mixer();
    this.layout = new Layout(() => sources.camera, () => this.#lay());
    this.#host = this.#newHost(hasWorker());
    this.mixer.context.addEventListener("statechange", () => this.#listen());
    sources.addEventListener("change", () => this.#connect());
    sources.addEventListener("lost", (event) => { if (/** @type {CustomEvent} */ (event).detail === "camera") this.cameraLost = true; });
    this.#connect();
  }

  /** @param {boolean} inWorker @returns {Host} */
  #newHost(inWorker) {
    /** @param {string} news @param {any} detail */
    const tell = (news, detail) => { if (host === this.#host) this.#hear(news, detail); };
    const { size } = this.sources.wishes;
    const host = inWorker ? new WorkerHost(tell, this.words, size, this.given) : new PageHost(tell, this.words, size, this.given, () => this.mixer.track);
    if (host.encodes) this.mixer.hearBy(this.given.ear).then((port) => host.post("listen", [port], [port]), () => { host.encodes = false; });
    return host;
  }

  /** Shows what is sent. */
  get canvas() {
    return this.#host.canvas;
  }

  /** @returns {MediaStreamTrack[]} camera and sound, where there is some: what a recorder shows of them */
  get tracks() {
    return [this.sources.camera, this.mixer.track].filter((track) => track !== null);
  }

  static get able() {
    return hasWorker() || recordable() !== "";
  }

  /** Find out before it is needed what this page can encode by itself. */
  static prepare() {
    if (!hasWorker()) chooseKind();
  }

  #connect() {
    const { camera, microphone, screen, screenSound } = this.sources;
    if (camera) this.cameraLost = false;
    this.#host.post("loseCamera", [this.cameraLost]);
    for (const [name, track] of /** @type {const} */ ([["camera", camera], ["screen", screen]])) {
      if (this.#shown[name] === track) continue;
      this.#shown[name] = track;
      this.#host.show(name, track);
    }
    this.mixer.connect(microphone, screenSound);
    this.#listen();
  }

  /**
   * Others who speak: their voices go into the sound that is sent, their pictures and names into the picture.
   * @param {Guest[]} guests in order
   * @param {import("../../lib/stage-tiles.js").Arrangement} arrangement
   */
  seat(guests, arrangement) {
    for (const { page } of this.#guests) if (!guests.some((one) => one.page === page)) this.mixer.seat(page, null);
    [this.#guests, this.#arrangement] = [guests, arrangement];
    for (const { page, voice, isMuted } of guests) {
      this.mixer.seat(page, voice);
      this.mixer.silence(page, isMuted);
    }
    this.#showGuests();
  }

  #showGuests() {
    const shown = this.#guests.filter(({ isLeaving }) => !isLeaving);
    this.#host.post("seat", [shown.map(({ page, name, isLost }) => ({ page, name, isLost })), this.#arrangement]);
    for (const page of this.#guestPictures.keys()) if (!shown.some((one) => one.page === page)) this.#guestPictures.delete(page);
    for (const { page, picture } of shown) {
      if ((this.#guestPictures.get(page) ?? null) === picture) continue;
      this.#host.show(page, picture);
      if (picture) this.#guestPictures.set(page, picture);
      else this.#guestPictures.delete(page);
    }
  }

  #lay() {
    const { corner, cornerShown } = this.layout;
    this.#host.post("lay", [{ corner, cornerShown }]);
  }

  /** The camera was switched off by hand: no last picture stays. */
  forgetCamera() {
    this.cameraLost = false;
    this.#connect();
  }

  /**
   * Begin to send what there is.
   * @param {TicketFetcher} tickets
   * @param {{takeOver?: boolean}} [wish] in place of whoever sends now
   */
  async start(tickets, { takeOver = false } = {}) {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#tickets = tickets;
    this.#wish = { takeOver };
    this.#enter("connecting", null);
    await this.mixer.wake();
    if (this.#isOn) this.#begin();
  }

  #begin() {
    this.#sound = this.mixer.track;
    const isOfFrames = this.#host.encodes && !this.mixer.isAsleep; // a mixer that sleeps gives nothing to encode
    if (!isOfFrames && this.#host instanceof WorkerHost) this.#moveIn();
    this.#host.post("start", [{ isOfFrames, ...this.#wish }]);
  }

  /** The page does it itself, with a recorder: the worker cannot. */
  #moveIn() {
    const before = this.#host;
    note("records in the page");
    this.#host = this.#newHost(false);
    this.#host.encodes = false;
    this.#host.canvas.className = before.canvas.className;
    before.canvas.replaceWith(this.#host.canvas);
    before.close();
    this.#shown = { camera: null, screen: null };
    this.#guestPictures.clear();
    this.#connect();
    this.#lay();
    this.#showGuests();
    this.#host.post("beginAt", [this.#rung]);
  }

  /** Record another track, because the mixer has fallen asleep or has woken up. */
  #listen() {
    if (!this.#isOn || this.#sound === null || this.mixer.track === this.#sound) return;
    this.#sound = this.mixer.track;
    this.#host.post("hearAnew", [this.mixer.isAsleep]);
  }

  /** The encoders do not do it: once more, with a recorder. @param {boolean} hasSent this page has, until now */
  #record(hasSent) {
    if (this.#host instanceof WorkerHost) this.#moveIn();
    this.#host.encodes = false;
    if (!this.#isOn) return;
    if (hasSent) this.#wish = { takeOver: true };
    this.#begin();
  }

  /**
   * Send no more. What was taken is sent all the same.
   * @returns {Promise<void>} settled when all of it is there, or it is not worth while any more
   */
  stop() {
    this.#isOn = false;
    if (this.state === "connecting") this.#enter("off", null);
    return this.#host.post("stop");
  }

  /** Nothing of this is needed any more. */
  close() {
    this.stop();
    this.sources.closeAll();
    this.#host.close();
    return this.mixer.close();
  }

  /** The picture is to have another size. */
  resize() {
    this.#host.post("resize", [this.sources.wishes.size]);
  }

  /**
   * Measure for three seconds what this computer encodes, and begin with a size that it manages.
   * @returns {Promise<{perSecond: number, rung: number} | null>} `null` means that it is not known
   */
  async measure() {
    const measured = await this.#host.post("measure");
    if (!measured) return null;
    this.#rung = measured.rung;
    note(`measured: ${Math.round(measured.perSecond)} pictures/s of 720 lines, begins at step ${measured.rung}`);
    this.#host.post("beginAt", [measured.rung]);
    return measured;
  }

  /** @param {string} news @param {any} detail */
  #hear(news, detail) {
    if (news === "state") this.#enter(detail.state, detail.why);
    else if (news === "note") note(detail);
    else if (news === "unable") this.#record(detail.hasSent);
    else if (news === "ticket") this.#fetch(this.#host, detail);
    else if (news === "figures") {
      this.figures = detail;
      this.mixer.catchUp();
      if (this.#count++ % NOTE_EVERY === 0) note(`pictures take ${Math.round(detail.load * 100)} % of a processor, step ${detail.rung} ${detail.reason}; page ${memory()}`);
      this.dispatchEvent(new Event("figures"));
    }
  }

  /** @param {Host} host @param {{sender: string, takeOver: boolean}} wish */
  async #fetch(host, wish) {
    try {
      host.post("ticket", [null, await /** @type {TicketFetcher} */ (this.#tickets)(wish)]);
    } catch (error) {
      const { status, error: code, message, sending } = /** @type {any} */ (error);
      host.post("ticket", [{ status, error: code, message, sending }, null]);
    }
  }

  /**
   * @param {SendingState} state
   * @param {Why | null} why
   */
  #enter(state, why) {
    if (state === this.state) return;
    if (state === "replaced" || state === "refused") this.#isOn = false;
    this.state = state;
    this.why = why;
    note(why ? `${state}: ${why.code} ${why.message}` : state);
    this.dispatchEvent(new Event("state"));
  }
}

/** @returns {string} what the page's scripts hold, where the browser says it */
function memory() {
  const { usedJSHeapSize } = /** @type {any} */ (performance).memory ?? {};
  return usedJSHeapSize ? `${Math.round(usedJSHeapSize / 2 ** 20)} MB` : "of unknown size";
}
