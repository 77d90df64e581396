// From pictures and sound to the server: composed, encoded, sent; smaller when the line is thin or the computer late. It runs in
// a worker where the browser allows it, in the page elsewhere: it touches neither devices nor elements but its canvas.

import { Ladder, rungFor } from "../../lib/ladder.js";
import { Pace } from "../../lib/pace.js";
import { Sender } from "../../lib/sender.js";
import { browserNow } from "../../lib/sending-wire.js";
import { Composer, sizeFor } from "./composer.js";
import { Encoders, chooseKind } from "./encoders.js";

/**
 * @typedef {import("../../lib/sender.js").Why} Why
 * @typedef {import("../../lib/sender.js").SenderState} SenderState
 * @typedef {import("./composer.js").Size} Size
 * leaving: nothing is taken any more, and what was is still on its way.
 * @typedef {"off" | "connecting" | "sending" | "waiting" | "leaving" | "replaced" | "refused"} SendingState
 * lostS: seconds given up because the line was down for too long; reason: why the picture is smaller; load: share of the time that pictures take.
 * @typedef {{kbps: number, fps: number, rung: number, reason: import("../../lib/ladder.js").Reason | "", lostS: number, load: number}} Figures
 * What makes something to send of what is on the canvas: encoders, or a recorder.
 * @typedef {object} Maker
 * @property {(rung: import("../../lib/ladder.js").Rung, size: [number, number]) => void} begin
 * @property {boolean} isFull
 * @property {number} stillMs a picture that does not change is taken this often, so that nobody takes it for a line that broke
 * @property {boolean} takesDrawings what is not drawn anew it does not see
 * @property {(canvas: import("./composer.js").Canvas, at: number, needsKey: boolean) => void} see
 * @property {(counted: number, pieces: Float32Array<ArrayBuffer>[]) => void} [hear]
 * @property {() => number} [behindMs] how late it gives what it has taken
 * @property {() => Promise<unknown>} stop settled when it has given everything
 * @typedef {(onChunk: (chunk: import("./recorder.js").Chunk) => void, onFailure: (error: Error) => void, composer: Composer) => Maker} RecorderMaker
 * @typedef {{beatFor: (onBeat: () => void) => {set: (fps: number) => void, close: () => void}, recorder?: RecorderMaker, keyEveryMs: number, soundLateMs?: number}} World
 */

const FIGURES_MS = 1000;
const LEAST_BEATS = 5; // of a preview that is looked at
const MOST_BEATS = 25;
const SLACK_MS = 10; // a beat is not exact
const SHED_AGAIN_MS = 2000;
const BEHIND_MS = 2000;
const JUDGE_MS = 200;
const MOST_FAILURES = 3; // in a minute
const MEASURE_MS = 3000;

export class Engine {
  /** @type {SendingState} */
  state = "off";
  /** @type {Sender | null} */
  #sender = null;
  /** What was taken before the stop is still on its way. @type {Sender | null} */
  #leaving = null;
  #left = Promise.resolve();
  /** @type {Maker | null} */
  #maker = null;
  #isOfFrames = false;
  #name = "";
  #ladder = new Ladder();
  #pace = new Pace();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;
  #pictureAt = 0;
  #judgedAt = 0;
  #shedAt = 0;
  #bytes = 0;
  #frames = 0;
  /** @type {number[]} */
  #failures = [];
  /** @type {((rejected: any, answer: any) => void)[]} */
  #asked = [];

  /**
   * @param {(news: string, detail?: any) => void} tell
   * @param {import("./composer.js").Canvas} canvas
   * @param {import("./composer.js").Words} words
   * @param {Size} size
   * @param {World} world
   */
  constructor(tell, canvas, words, size, world) {
    this.tell = tell;
    this.size = size;
    this.world = world;
    this.composer = new Composer(canvas, words);
    this.composer.resize(size, Infinity);
    this.beat = world.beatFor(() => this.#draw());
    this.beat.set(MOST_BEATS);
    chooseKind(); // it takes a moment, and a lecture is to begin at once
  }

  // what is seen and heard

  /**
   * @param {string} name camera, screen, or the page of a speaker
   * @param {import("./feeds.js").Feed | null} feed
   */
  show(name, feed) {
    this.composer.show(name, feed);
  }

  /**
   * Those who speak beside the presenter.
   * @param {{page: string, name: string}[]} speakers
   * @param {import("../../lib/stage-tiles.js").Arrangement} arrangement
   */
  seat(speakers, arrangement) {
    this.composer.seat(speakers, arrangement);
  }

  /** @param {boolean} lost */
  loseCamera(lost) {
    this.composer.cameraLost = lost;
  }

  /** @param {{corner: import("./composer.js").Corner, cornerShown: boolean}} layout */
  lay(layout) {
    this.composer.layout = layout;
  }

  /** Pieces of sound come here (ear.js). @param {MessagePort} port */
  listen(port) {
    port.onmessage = ({ data }) => this.#maker?.hear?.(data.counted, data.pieces);
  }

  /** The picture is to have another size. @param {Size} size */
  resize(size) {
    this.size = size;
    if (this.#maker) this.#begin();
    else this.composer.resize(size, Infinity);
  }

  /** The sound comes from elsewhere now. @param {boolean} isAsleep the mixer gives nothing to encode any more */
  hearAnew(isAsleep) {
    if (!this.#maker) return;
    if (!this.#isOfFrames) this.#begin();
    else if (isAsleep) this.#giveUp();
  }

  /** Begin with this rung: as this computer was measured. @param {number} rung */
  beginAt(rung) {
    if (!this.#maker) this.#ladder = new Ladder(rung);
  }

  // sending

  /**
   * @param {{isOfFrames: boolean, takeOver: boolean}} wish isOfFrames: encoded here, in place of a recorder
   */
  async start({ isOfFrames, takeOver }) {
    if (this.#sender) return;
    const left = this.#leaving?.isOpen && this.#isOfFrames === isOfFrames ? this.#leaving : null;
    const sender = left ?? this.#newSender(isOfFrames);
    this.#leaving = null;
    this.#sender = sender;
    this.#isOfFrames = isOfFrames;
    left?.stay();
    this.#hear(left ? left.state : "connecting", null);
    const kind = isOfFrames ? await chooseKind() : null;
    if (sender !== this.#sender) return; // stopped meanwhile
    if (isOfFrames && !kind) {
      this.#sender = null;
      this.#enter("off", null);
      this.tell("unable", { hasSent: false });
      return;
    }
    if (!left) sender.open((wish) => this.#ask(wish), isOfFrames ? `frames;codecs=${kind}` : "video/webm", { takeOver });
    this.#maker = this.#newMaker(sender, kind);
    this.#begin();
    this.#frames = this.#bytes = 0;
    this.#pulse = setInterval(() => this.#look(), FIGURES_MS);
  }

  /**
   * @param {boolean} frames
   * @returns {Sender} of the same name: this page may come back at once after a pause, since it is nobody else
   */
  #newSender(frames) {
    const listener = { onState: (/** @type {SenderState} */ state, /** @type {Why | null} */ why) => { if (sender === this.#sender) this.#hear(state, why); } };
    const sender = new Sender(listener, { frames, ...(this.#name && frames === this.#isOfFrames ? { name: this.#name } : {}) });
    this.#name = sender.name;
    return sender;
  }

  /**
   * @param {Sender} sender
   * @param {import("./encoders.js").Fourcc | null} kind
   * @returns {Maker}
   */
  #newMaker(sender, kind) {
    if (!kind) return /** @type {RecorderMaker} */ (this.world.recorder)((chunk) => this.#sendChunk(chunk, sender), (error) => this.#fail(error), this.composer);
    return new Encoders(kind, {
      onHeader: (header) => sender.describe(header),
      onFrame: (frame) => {
        this.#bytes += frame.data.byteLength;
        sender.sendFrame(frame);
      },
      onTook: (ms) => this.#pace.took(browserNow(), ms),
      onFailure: (error) => this.#fail(error),
    }, this.world.keyEveryMs, this.world.soundLateMs);
  }

  /** @param {import("./recorder.js").Chunk} chunk @param {Sender} sender */
  #sendChunk({ data, endsAt, isFirst }, sender) {
    this.#bytes += data.byteLength;
    sender.send(data, { endsAt, startsNewHeader: isFirst });
  }

  /** Encode as the ladder stands. */
  #begin() {
    const rung = this.#ladder.now;
    const size = sizeFor(this.size, rung.lines);
    this.tell("note", `${this.#isOfFrames ? "encodes" : "records"} ${rung.video} + ${rung.audio} kbit/s, ${rung.fps} pictures/s, ${size.join("×")}`);
    this.#pace.forget();
    this.beat.set(Math.max(LEAST_BEATS, rung.fps));
    this.composer.resize(this.size, rung.lines);
    this.#maker?.begin(rung, size);
    this.#pictureAt = 0; // without a first picture a recorder keeps no sound either
    this.#draw();
  }

  /** ms between two pictures that are taken */
  get everyMs() {
    return 1000 / (this.#maker ? this.#ladder.now.fps : MOST_BEATS);
  }

  /** It is time for a picture: the newest there is. One that nobody could take is not drawn. */
  #draw() {
    const now = browserNow();
    const maker = this.#maker;
    const { everyMs } = this;
    if (!maker) {
      this.composer.draw(now);
      return;
    }
    if (now - this.#pictureAt < everyMs - SLACK_MS) return;
    this.#pace.beat(now, everyMs, maker.isFull);
    if (!maker.isFull) this.#see(maker, now);
    if (now - this.#judgedAt >= JUDGE_MS) this.#judge(now);
  }

  /** @param {Maker} maker @param {number} now */
  #see(maker, now) {
    const isDue = now - this.#pictureAt >= maker.stillMs;
    const isNew = this.composer.draw(now, isDue && maker.takesDrawings);
    const needsKey = this.#sender?.needsKey ?? false;
    if (!isNew && !needsKey && !isDue) return;
    maker.see(this.composer.canvas, isNew ? this.composer.at : now, needsKey);
    this.#pictureAt = now;
    this.#frames += 1;
  }

  /** @param {number} now */
  #judge(now) {
    this.#judgedAt = now;
    const sender = this.#sender;
    if (this.state !== "sending" || !sender) return;
    const { isThin, lineKbps } = sender;
    const isBusy = this.#pace.isBusy(now) || (this.#maker?.behindMs?.() ?? 0) > BEHIND_MS;
    if (isThin && this.#isOfFrames && now - this.#shedAt > SHED_AGAIN_MS) {
      this.#shedAt = now;
      sender.shed();
    }
    if (!this.#ladder.judge({ isThin, kbps: lineKbps, isBusy, load: this.#pace.load }, now)) return;
    if (isThin && !this.#isOfFrames) sender.shed();
    this.tell("note", `another step: ${isThin ? `the line takes ${Math.round(lineKbps)} kbit/s, ${Math.round(sender.backlogMs)} ms wait` : this.#pace}`);
    this.#begin();
  }

  /** @param {Error} error of the encoder, or of the recorder */
  #fail(error) {
    const now = browserNow();
    this.tell("note", `encoder: ${error.name} ${error.message}`);
    this.#failures = [...this.#failures.filter((at) => at > now - 60_000), now];
    const sender = this.#sender;
    if (!sender || !this.#maker) return;
    if (!this.#isOfFrames) this.#begin();
    else if (this.#failures.length > MOST_FAILURES) this.#giveUp();
    else chooseKind().then((kind) => {
      if (sender !== this.#sender) return;
      this.#maker?.stop();
      this.#maker = this.#newMaker(sender, kind);
      this.#begin();
    });
  }

  /** This browser does not encode after all: the page has to record. */
  #giveUp() {
    this.stop();
    this.tell("unable", { hasSent: true });
  }

  /**
   * Take no more. What was taken is sent all the same.
   * @returns {Promise<void>} settled when all of it is there, or it is not worth while any more
   */
  stop() {
    clearInterval(this.#pulse);
    const [maker, sender] = [this.#maker, this.#sender];
    this.#maker = this.#sender = null;
    this.beat.set(MOST_BEATS);
    const last = maker?.stop();
    if (this.state === "replaced" || this.state === "refused") sender?.close();
    else if (sender) this.#left = this.#leave(sender, last);
    return this.#left;
  }

  /**
   * @param {Sender} sender
   * @param {Promise<unknown> | undefined} last settled when everything has come out
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

  close() {
    this.stop();
    this.beat.close();
    this.composer.close();
  }

  // tickets: the page asks for them

  /** @param {{sender: string, takeOver: boolean}} wish @returns {Promise<{url: string, ticket: string}>} */
  #ask(wish) {
    return new Promise((resolve, reject) => {
      this.#asked.push((rejected, answer) => (answer ? resolve(answer) : reject(rejected)));
      this.tell("ticket", wish);
    });
  }

  /** @param {any} rejected @param {{url: string, ticket: string} | null} answer to what was asked first */
  ticket(rejected, answer) {
    this.#asked.shift()?.(rejected, answer);
  }

  // figures

  #look() {
    const sender = this.#sender;
    const lostS = Math.round((sender?.lostMs ?? 0) / 1000);
    const { rung, reason } = this.#ladder;
    this.tell("figures", { kbps: Math.round((this.#bytes * 8) / FIGURES_MS), fps: this.#frames, rung, reason, lostS, load: this.#pace.load });
    this.#frames = this.#bytes = 0;
  }

  /**
   * Measure for three seconds what this computer encodes, one picture of 720 lines after the other.
   * @returns {Promise<{perSecond: number, rung: number} | null>} null: it is sending, or this browser has no encoders
   */
  async measure() {
    const kind = this.#sender ? null : await chooseKind();
    if (!kind) return null;
    let count = 0;
    const nothing = () => undefined;
    const encoders = new Encoders(kind, { onHeader: nothing, onFrame: ({ isSound }) => { if (!isSound) count += 1; }, onTook: nothing, onFailure: nothing }, this.world.keyEveryMs);
    const size = sizeFor("720p", 720);
    encoders.begin(new Ladder().now, size);
    const began = performance.now();
    while (performance.now() - began < MEASURE_MS && !this.#sender) {
      if (!encoders.isFull) {
        this.composer.draw(browserNow());
        encoders.see(this.composer.canvas, browserNow(), false);
      }
      await new Promise((resolve) => { setTimeout(resolve, 0); });
    }
    await encoders.stop();
    if (this.#sender) return null; // the lecture has begun
    const perSecond = (count * 1000) / (performance.now() - began);
    return { perSecond, rung: rungFor(perSecond) };
  }

  /**
   * @param {SenderState} state
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
    this.tell("state", { state, why });
  }
}
