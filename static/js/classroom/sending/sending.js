// From the sources to the server: composed, recorded, sent; smaller when the line is thin. No DOM but the canvas.

import { Sender } from "../../lib/sender.js";
import { note } from "../../lib/sending-log.js";
import { Composer } from "./composer.js";
import { Ladder } from "./ladder.js";
import { Mixer } from "./mixer.js";
import { PIECE_MS, Recorder, recordable } from "./recorder.js";

/**
 * @typedef {import("./sources.js").Sources} Sources
 * @typedef {import("../../lib/sender.js").TicketFetcher} TicketFetcher
 * @typedef {import("../../lib/sender.js").Why} Why
 * leaving: nothing is recorded any more, and what was is still on its way.
 * @typedef {"off" | "connecting" | "sending" | "waiting" | "leaving" | "replaced" | "refused"} SendingState
 * @typedef {{kbps: number, fps: number, rung: number, lostS: number}} Figures lostS: seconds given up because the line was down for too long
 */

const FIGURES_MS = 1000;

/** Tells `state` and, about once a second while it sends, `figures`. */
export class Sending extends EventTarget {
  /** @type {SendingState} */
  state = "off";
  /** @type {Figures} */
  figures = { kbps: 0, fps: 0, rung: 0, lostS: 0 };
  /** @type {Recorder | null} */
  #recorder = null;
  /** @type {Sender | null} */
  #sender = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;
  #ladder = new Ladder();
  #bytes = 0;
  #frames = 0;
  #lost = false;
  /** @type {MediaStreamTrack | null} */
  #sound = null;
  #name = "";
  /** What was recorded before the stop is still on its way. @type {Sender | null} */
  #leaving = null;
  #left = Promise.resolve();
  /** Why it does not send any more, as the server said it. @type {Why | null} */
  why = null;

  /**
   * @param {Sources} sources
   * @param {import("./composer.js").Words} words
   * @param {string} beat address of beat.js
   */
  constructor(sources, words, beat) {
    super();
    this.sources = sources;
    this.mixer = new Mixer();
    this.composer = new Composer(words, beat, sources.wishes.size);
    this.mixer.context.addEventListener("statechange", () => this.#listen());
    sources.addEventListener("change", () => this.#connect());
    sources.addEventListener("lost", (event) => { if (/** @type {CustomEvent} */ (event).detail === "camera") this.#lost = true; });
  }

  /** @returns {MediaStreamTrack[]} picture, and sound where there is some */
  get tracks() {
    const { track } = this.mixer;
    return track ? [this.composer.track, track] : [this.composer.track];
  }

  static get able() {
    return recordable() !== "";
  }

  #connect() {
    const { camera, microphone, screen, screenSound } = this.sources;
    if (camera) this.#lost = false;
    this.composer.show(camera, screen, this.#lost);
    this.mixer.connect(microphone, screenSound);
    this.#listen();
  }

  /** What is recorded of the sound is another track now, where the mixer sleeps or has woken up. */
  #listen() {
    if (this.#recorder && this.mixer.track !== this.#sound) this.#record();
  }

  /** The camera was switched off by hand: no last picture stays. */
  forgetCamera() {
    this.#lost = false;
    this.#connect();
  }

  /**
   * Begin to send what there is.
   * @param {TicketFetcher} tickets
   * @param {{takeOver?: boolean}} [wish] in place of whoever sends now
   */
  async start(tickets, wish = {}) {
    if (this.#sender) return;
    const left = this.#leaving?.isOpen ? this.#leaving : null;
    const sender = left ?? this.#newSender();
    this.#leaving = null;
    this.#sender = sender;
    left?.stay();
    this.#hear(left ? left.state : "connecting", null);
    await this.mixer.wake();
    if (sender !== this.#sender) return; // stopped meanwhile
    if (!left) sender.open(tickets, recordable(), wish);
    this.#recorder = new Recorder(
      (chunk) => this.#send(chunk, sender),
      (error) => { note(`recorder: ${error.name} ${error.message}`); this.#record(); },
    );
    this.#record();
    this.#frames = this.composer.frames;
    this.#bytes = 0;
    this.#pulse = setInterval(() => this.#look(), FIGURES_MS);
  }

  /** @returns {Sender} of the same name: this page may come back at once after a pause, since it is nobody else */
  #newSender() {
    const listener = { onState: (/** @type {import("../../lib/sender.js").SenderState} */ state, /** @type {Why | null} */ why) => { if (sender === this.#sender) this.#hear(state, why); } };
    const sender = new Sender(listener, this.#name ? { name: this.#name } : {});
    this.#name = sender.name;
    return sender;
  }

  /**
   * Record no more. What was recorded is sent all the same.
   * @returns {Promise<void>} settled when all of it is there, or it is not worth while any more
   */
  stop() {
    clearInterval(this.#pulse);
    const [recorder, sender] = [this.#recorder, this.#sender];
    this.#recorder = this.#sender = null;
    const last = recorder?.stop();
    if (this.state === "replaced" || this.state === "refused") sender?.close();
    else if (sender) this.#left = this.#leave(sender, last);
    return this.#left;
  }

  /**
   * @param {Sender} sender
   * @param {Promise<unknown> | undefined} last settled when the recorder has given everything
   */
  async #leave(sender, last) {
    this.#leaving = sender;
    this.#enter("leaving", null);
    await last;
    if (sender !== this.#leaving) return; // it goes on
    const isTold = await sender.close();
    if (sender !== this.#leaving) return;
    if (!isTold) this.#name = ""; // to the server the old one still has its place
    this.#leaving = null;
    this.#enter("off", null);
  }

  /** Nothing of this is needed any more. */
  close() {
    this.stop();
    this.sources.closeAll();
    this.composer.close();
    return this.mixer.close();
  }

  /** The picture is to have another size. */
  resize() {
    if (this.#recorder) this.#record();
    else this.composer.resize(this.sources.wishes.size, Infinity);
  }

  #record() {
    const recorder = this.#recorder;
    if (!recorder) return;
    const { video, audio, fps, lines } = this.#ladder.now;
    note(`records ${video} + ${audio} kbit/s, ${fps} frames/s, ${lines} lines`);
    this.composer.resize(this.sources.wishes.size, lines);
    this.composer.fps = fps;
    this.#sound = this.mixer.track;
    recorder.start(new MediaStream(this.tracks), { video, audio });
    this.composer.draw(); // without a first picture the recorder keeps no sound either
  }

  /**
   * @param {import("./recorder.js").Chunk} chunk
   * @param {Sender} sender
   */
  #send({ data, endsAt, isFirst }, sender) {
    this.#bytes += data.byteLength;
    sender.send(data, { endsAt, startsNewHeader: isFirst });
    if (this.state !== "sending" || sender !== this.#sender) return;
    const { isThin, lineKbps } = sender;
    if (!this.#ladder.judge(isThin, lineKbps, performance.now())) return;
    if (isThin) sender.shed();
    this.#record();
  }

  #look() {
    const fps = this.composer.frames - this.#frames;
    this.figures = { kbps: Math.round((this.#bytes * 8) / FIGURES_MS), fps, rung: this.#ladder.rung, lostS: Math.round((this.#sender?.dropped ?? 0) * PIECE_MS / 1000) };
    this.#frames = this.composer.frames;
    this.#bytes = 0;
    this.mixer.catchUp();
    this.dispatchEvent(new Event("figures"));
  }

  /**
   * @param {import("../../lib/sender.js").SenderState} state
   * @param {Why | null} why
   */
  #hear(state, why) {
    const its = /** @type {Record<string, SendingState>} */ ({ idle: "waiting", connecting: "connecting", sending: "sending", waiting: "waiting", replaced: "replaced", refused: "refused" })[state];
    if (!its) return;
    // a line that is tried again is still down
    this.#enter(its === "connecting" && this.state === "waiting" ? "waiting" : its, why);
    if (its === "replaced" || its === "refused") this.stop();
  }

  /**
   * @param {SendingState} state
   * @param {Why | null} why
   */
  #enter(state, why) {
    if (state === this.state) return;
    this.state = state;
    this.why = why;
    note(why ? `${state}: ${why.code} ${why.message}` : state);
    this.dispatchEvent(new Event("state"));
  }
}
