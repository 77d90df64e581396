// From the sources to the server: composed, recorded, sent; smaller when the line is thin. No DOM but the canvas.

import { Sender } from "../../lib/sender.js";
import { Composer } from "./composer.js";
import { Ladder } from "./ladder.js";
import { Mixer } from "./mixer.js";
import { Recorder, recordable } from "./recorder.js";

/**
 * @typedef {import("./sources.js").Sources} Sources
 * @typedef {import("../../lib/sender.js").TicketFetcher} TicketFetcher
 * @typedef {"off" | "connecting" | "sending" | "waiting" | "replaced" | "refused"} SendingState
 * @typedef {{kbps: number, fps: number, rung: number, waitingS: number, rttMs: number}} Figures waitingS: media that the server has not got yet, s
 */

const JUDGE_MS = 1000;
const STRAINED_S = 1.5; // so much that is on its way means that the line takes less than is sent

/** Tells `state` and, about once a second while it sends, `figures`. */
export class Sending extends EventTarget {
  /** @type {SendingState} */
  state = "off";
  /** @type {Figures} */
  figures = { kbps: 0, fps: 0, rung: 0, waitingS: 0, rttMs: 0 };
  /** @type {Recorder | null} */
  #recorder = null;
  /** @type {Sender | null} */
  #sender = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #judge;
  #ladder = new Ladder();
  #bytes = 0;
  #frames = 0;
  #lost = false;

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
    sources.addEventListener("change", () => this.#connect());
    sources.addEventListener("lost", (event) => { if (/** @type {CustomEvent} */ (event).detail === "camera") this.#lost = true; });
  }

  static get able() {
    return recordable() !== "";
  }

  #connect() {
    const { camera, microphone, screen, screenSound } = this.sources;
    if (camera) this.#lost = false;
    this.composer.show(camera, screen, this.#lost);
    this.mixer.connect(microphone, screenSound);
  }

  /** The camera was switched off by hand: no last picture stays. */
  forgetCamera() {
    this.#lost = false;
    this.#connect();
  }

  /** Begin to send what there is. @param {TicketFetcher} fetchTicket */
  async start(fetchTicket) {
    if (this.#sender) return;
    await this.mixer.wake();
    this.composer.size = this.sources.wishes.size;
    this.#enter("connecting");
    this.#sender = new Sender({
      fetchTicket,
      onState: (state) => this.#hear(state),
      kind: recordable(),
    });
    this.#sender.open();
    this.#recorder = new Recorder(
      new MediaStream([this.composer.track, this.mixer.track]),
      (chunk) => this.#send(chunk),
      () => this.#record(),
    );
    this.#record();
    this.#frames = this.composer.frames;
    this.#bytes = 0;
    this.#judge = setInterval(() => this.#look(), JUDGE_MS);
  }

  /** Stop sending; what was sent is kept by the server. */
  stop() {
    clearInterval(this.#judge);
    this.#recorder?.stop();
    this.#recorder = null;
    this.#sender?.close();
    this.#sender = null;
    if (this.state !== "replaced" && this.state !== "refused") this.#enter("off");
  }

  /** Nothing of this is needed any more. */
  close() {
    this.stop();
    this.sources.closeAll();
    this.composer.close();
    return this.mixer.close();
  }

  #record() {
    const { video, audio, fps } = this.#ladder.now;
    this.composer.fps = fps;
    this.#recorder?.start({ video, audio });
  }

  /** @param {import("./recorder.js").Chunk} chunk */
  #send({ data, endsAt, isFirst }) {
    this.#bytes += data.byteLength;
    this.#sender?.send(data, { endsAt, startsNewHeader: isFirst });
  }

  #look() {
    const sender = this.#sender;
    if (!sender) return;
    const fps = this.composer.frames - this.#frames;
    this.figures = { kbps: Math.round((this.#bytes * 8) / JUDGE_MS), fps, rung: this.#ladder.rung, waitingS: sender.waitingMs / 1000, rttMs: sender.rttMs };
    this.#frames = this.composer.frames;
    this.#bytes = 0;
    const strained = this.state === "sending" && sender.waitingMs / 1000 > STRAINED_S;
    if (this.state === "sending" && this.#ladder.judge(strained, performance.now())) this.#record();
    this.dispatchEvent(new Event("figures"));
  }

  /** @param {import("../../lib/sender.js").SenderState} state */
  #hear(state) {
    const its = /** @type {Record<string, SendingState>} */ ({ connecting: "connecting", sending: "sending", waiting: "waiting", replaced: "replaced", refused: "refused" })[state];
    if (!its || its === this.state) return;
    this.#enter(its);
    if (its === "replaced" || its === "refused") this.stop();
  }

  /** @param {SendingState} state */
  #enter(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
