// Composes, encodes and sends picture and sound, smaller when the line is thin or the computer is slow. The engine runs in a worker
// where the browser allows it, otherwise in the page. It touches no devices, and no element except its canvas.

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
 * @typedef {"off" | "connecting" | "sending" | "waiting" | "leaving" | "replaced" | "refused"} SendingState state of the sending. In
 *   "waiting" the line is down. In "leaving" nothing new is taken, and the rest is still being sent.
 */

/**
 * @typedef {object} Figures of the last second
 * @property {number} kbps media handed to the sender, kbit/s
 * @property {number} fps pictures taken
 * @property {number} rung of the ladder, 0 is the best
 * @property {import("../../lib/ladder.js").Reason | ""} reason why the picture is smaller; "" means that it is not
 * @property {number} lostS seconds of the lecture given up so far, because the line was down for too long
 * @property {number} load share of the time that pictures take in the encoder, 0 to 1
 */

/**
 * @typedef {object} Maker encoders or a recorder: makes media of the canvas
 * @property {(rung: import("../../lib/ladder.js").Rung, size: [number, number]) => void} begin begins, or begins anew in another size
 * @property {boolean} isFull it takes no picture at this moment
 * @property {number} stillMs time between two pictures that show the same, so that the server does not take a still one for a broken line
 * @property {boolean} takesDrawings it takes only what is drawn: a due picture that shows the same is drawn again
 * @property {(canvas: import("./composer.js").Canvas, at: number, needsKey: boolean) => void} see takes the picture of a moment (ms of
 *   `browserNow`), as a keyframe when the server needs one
 * @property {(counted: number, pieces: Float32Array<ArrayBuffer>[]) => void} [hear] takes sound, one piece for each
 *   channel; counted: ms of sound up to their end
 * @property {() => number} [behindMs] delay of its output, ms
 * @property {() => Promise<unknown>} stop settled when everything has come out
 */

/**
 * @typedef {(onChunk: (chunk: import("./recorder.js").Chunk) => void, onFailure: (error: Error) => void, composer: Composer) => Maker} RecorderMaker
 */

/**
 * @typedef {object} World
 * @property {(onBeat: () => void) => {set: (fps: number) => void, close: () => void}} beatFor makes the clock that calls `onBeat`
 * @property {RecorderMaker} [recorder] only in the page: a worker has no MediaRecorder
 * @property {number} keyEveryMs time between two keyframes
 * @property {number} [soundLateMs] delay of the sound against the picture, as measured for the browser
 */

const FIGURES_MS = 1000;
const LEAST_BEATS = 5; // a second: the preview must move
const MOST_BEATS = 25; // a second
const SLACK_MS = 10; // a beat is not exact
const SHED_AGAIN_MS = 2000; // between two times at which unsent pictures are dropped
const BEHIND_MS = 2000; // delay of the encoder after which the computer counts as busy
const JUDGE_MS = 200; // between two judgements of line and computer
const MOST_FAILURES = 3; // maximum number of encoder failures in a minute; one more, and the page records instead
const MEASURE_MS = 3000;

export class Engine {
  /** @type {SendingState} */
  state = "off";
  /** @type {Sender | null} */
  #sender = null;
  /** Still sends what was taken before the stop. @type {Sender | null} */
  #leaving = null;
  #left = Promise.resolve(); // settled when the last stop is complete
  /** @type {Maker | null} */
  #maker = null;
  #isOfFrames = false; // encoded here; otherwise recorded
  #name = ""; // of the last sender, by which the server knows this page again
  #ladder = new Ladder();
  #pace = new Pace();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;
  #pictureAt = 0;
  #judgedAt = 0;
  #shedAt = 0;
  #bytes = 0;
  #frames = 0;
  /** Times of encoder failures in the last minute, ms of `browserNow`. @type {number[]} */
  #failures = [];
  /** Tickets that the page was asked for, in order. @type {((rejected: any, answer: any) => void)[]} */
  #asked = [];

  /**
   * @param {(news: string, detail?: any) => void} tell calls the page: "state", "figures", "note", "ticket", "unable"
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
    chooseKind(); // now, because the answer takes a moment and a lecture must begin at once
  }

  // picture and sound

  /**
   * Show the pictures of a source; `null` takes them away.
   * @param {string} name camera, screen, or the page of a speaker
   * @param {import("./feeds.js").Feed | null} feed
   */
  show(name, feed) {
    this.composer.show(name, feed);
  }

  /**
   * Place the speakers beside the presenter.
   * @param {{page: string, name: string, isLost: boolean}[]} speakers
   * @param {import("../../lib/stage-tiles.js").Arrangement} arrangement
   */
  seat(speakers, arrangement) {
    this.composer.seat(speakers, arrangement);
  }

  /** Show that the camera gives no pictures. @param {boolean} lost */
  loseCamera(lost) {
    this.composer.cameraLost = lost;
  }

  /** Place the camera over the desktop, or hide it. @param {{corner: import("./composer.js").Corner, cornerShown: boolean}} layout */
  lay(layout) {
    this.composer.layout = layout;
  }

  /** Take sound from the mixer's worklet (ear.js). @param {MessagePort} port */
  listen(port) {
    port.onmessage = ({ data }) => this.#maker?.hear?.(data.counted, data.pieces);
  }

  /** Change the size of the picture. @param {Size} size */
  resize(size) {
    this.size = size;
    if (this.#maker) this.#begin();
    else this.composer.resize(size, Infinity);
  }

  /**
   * Take the sound from another mixer.
   * @param {boolean} isAsleep the browser has suspended the mixer, which then gives no samples to encode
   */
  hearAnew(isAsleep) {
    if (!this.#maker) return;
    if (!this.#isOfFrames) this.#begin();
    else if (isAsleep) this.#giveUp();
  }

  /** Set the rung for the beginning, as this computer was measured. @param {number} rung */
  beginAt(rung) {
    if (!this.#maker) this.#ladder = new Ladder(rung);
  }

  // sending

  /**
   * Begin to send. A sender that is still leaving goes on instead.
   * @param {{isOfFrames: boolean, takeOver: boolean}} wish isOfFrames: encode here in place of recording; takeOver: oust whoever sends
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
   * Make a sender with the name of the one before: by it the server knows that the same page comes back after a pause.
   * @param {boolean} frames
   * @returns {Sender}
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

  /** Encode, or record, at the ladder's present rung. */
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

  /** Time between two pictures, ms. */
  get everyMs() {
    return 1000 / (this.#maker ? this.#ladder.now.fps : MOST_BEATS);
  }

  /** Draw the newest picture and hand it to the maker. While the maker is full, nothing is drawn. */
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

  /** Draw, and hand over what is new, due or needed as a keyframe. @param {Maker} maker @param {number} now ms of `browserNow` */
  #see(maker, now) {
    const isDue = now - this.#pictureAt >= maker.stillMs;
    const isNew = this.composer.draw(now, isDue && maker.takesDrawings);
    const needsKey = this.#sender?.needsKey ?? false;
    if (!isNew && !needsKey && !isDue) return;
    maker.see(this.composer.canvas, isNew ? this.composer.at : now, needsKey);
    this.#pictureAt = now;
    this.#frames += 1;
  }

  /** Take another rung when line or computer ask for it. @param {number} now ms of `browserNow` */
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

  /** Begin anew after a failure, with another codec if need be. @param {Error} error of the encoder, or of the recorder */
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

  /** Stop, and tell the page that this browser cannot encode: the page records instead. */
  #giveUp() {
    this.stop();
    this.tell("unable", { hasSent: true });
  }

  /**
   * Take nothing more, and send the rest.
   * @returns {Promise<void>} settled when the server has the rest, or the sender has given it up
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
   * Send the rest and close.
   * @param {Sender} sender
   * @param {Promise<unknown> | undefined} last settled when everything has come out of the maker
   */
  async #leave(sender, last) {
    this.#leaving = sender;
    this.#enter("leaving", null);
    await last;
    if (sender !== this.#leaving) return; // it was started again
    const isTold = await sender.close();
    if (sender !== this.#leaving) return;
    if (!isTold) this.#name = ""; // the server does not know of the end: for it, a sender of this name still has the place
    this.#leaving = null;
    this.#enter("off", null);
  }

  close() {
    this.stop();
    this.beat.close();
    this.composer.close();
  }

  // tickets: only the page can ask the server for them

  /** @param {{sender: string, takeOver: boolean}} wish sender: its name @returns {Promise<{url: string, ticket: string}>} */
  #ask(wish) {
    return new Promise((resolve, reject) => {
      this.#asked.push((rejected, answer) => (answer ? resolve(answer) : reject(rejected)));
      this.tell("ticket", wish);
    });
  }

  /**
   * Answer the oldest request for a ticket.
   * @param {any} rejected reason, when there is no ticket
   * @param {{url: string, ticket: string} | null} answer
   */
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
   * Measure for three seconds how many pictures of 720 lines this computer encodes in a second.
   * @returns {Promise<{perSecond: number, rung: number} | null>} with the rung that fits. `null` means that the engine sends, or that
   *   this browser has no encoders
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
    // While the sender tries to connect again, the line is still down.
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
