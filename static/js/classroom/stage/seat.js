// <stage-seat>: the page of a learner on the stage. When she is called, a red frame appears and then her microphone opens. She talks with the
// others directly while the lesson's player rests. When she leaves, all tracks are closed and the player goes on from that moment.

import { drawLevel } from "../../lib/level-meter.js";
import { pageName } from "../../lib/page-name.js";
import { serverClock } from "../../lib/server-clock.js";
import { Lamp } from "../../lib/stage-lamp.js";
import { ask, sayRefusal } from "../engine/lesson-events.js";
import { partsOf, show } from "../engine/parts.js";
import { holdToTalk } from "../sending/talk.js";
import { sayProblem } from "./check.js";
import { Level, canSpeak, closeDevices, openDevices } from "./devices.js";
import { Mesh } from "./mesh.js";
import { Pictures } from "./pictures.js";
import { followStage, lineOf, roomOf } from "./stage-data.js";
import "./time-left.js";

/** @typedef {import("./mesh.js").Member} Member */
/** @typedef {import("./devices.js").Way} Way */

const LOOK_MS = 100; // between two looks at the level and the lamp
const NO_HOST_MS = 4000; // after a call, without a studio that could send her voice: then the teacher uses an encoder
const TELL_EVERY = 10; // looks between two levels sent to the studio
const LAST_WORD_MS = 120; // from the lamp to the microphone: a word that she began under the lamp is heard to its end
const LAST_WORDS_MS = 200; // her last words take so long through the studio, and she must not hear them again in the player

class StageSeat extends HTMLElement {
  #leave = new AbortController();
  #part = partsOf(this);
  /** @type {import("./stage-data.js").Stage | null} */
  #stage = null;
  /** Off the stage; "coming" while devices open or the server is asked; "on" while she is heard. @type {"off" | "coming" | "on"} */
  #state = "off";
  /** She has answered this call. No device opens by itself until the next call. */
  #isAnswered = false;
  #isMuted = false; // by herself
  #talks = false; // she holds the button down to speak although she is muted
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Level | null} */
  #level = null;
  /** @type {Mesh | null} */
  #mesh = null;
  /** @type {Pictures | null} */
  #pictures = null;
  #lamp = new Lamp(0);
  #loudest = 0; // level since the last report to the studio, 0 to 1
  #looks = 0;
  /** When she was called while no studio sent, ms of performance.now(). Infinity means that she does not wait. */
  #waitsSince = Infinity;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;
  /** Her turn has ended, and the microphone is about to close. @type {ReturnType<typeof setTimeout> | undefined} */
  #ending;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const on = (/** @type {string} */ name, /** @type {() => void} */ heard) => this.#part(name)?.addEventListener("click", heard, { signal });
    on("speak", () => this.#come("voice"));
    on("show-and-speak", () => this.#come("both"));
    on("decline", () => this.#decline());
    on("leave", () => this.#goOff());
    on("mute", () => { this.#isMuted = !this.#isMuted; this.#apply(); });
    holdToTalk(/** @type {HTMLElement} */ (this.#part("talk")), () => this.#state === "on" && this.#isMuted, (talks) => { this.#talks = talks; this.#apply(); }, signal);
    roomOf(this).addEventListener("lesson:refused", () => this.#end(), { signal });
    window.addEventListener("pagehide", () => this.#end(), { signal });
    followStage(this, signal, { onStage: (stage) => this.#take(stage), onSignal: (said) => this.#mesh?.hear(said) });
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#end();
  }

  /** Her own entry among the members. @returns {Member | undefined} */
  get #mine() {
    return this.#stage?.members.find(({ key, host }) => key === this.dataset.me && !host);
  }

  get #hasHost() {
    return this.#stage?.members.some(({ host }) => host) ?? false;
  }

  get #player() {
    return /** @type {import("../player/player.js").LessonPlayer | null} */ (roomOf(this).querySelector("lesson-player"));
  }

  /** @param {import("./stage-data.js").Stage} stage */
  #take(stage) {
    if (stage.version < (this.#stage?.version ?? 0)) return; // a newer one has overtaken it
    this.#stage = stage;
    this.#judge();
  }

  /** Follow the newest state of the stage. */
  #judge() {
    const mine = this.#mine;
    if (!mine) {
      this.#isAnswered = false;
      this.#endSoon();
    } else if (this.#state === "on" && mine.page && mine.page !== pageName) {
      this.#isAnswered = true;
      this.#end(); // she is on the stage in another window
    } else if (this.#state === "off" && mine.page === "" && mine.way && this.#hasHost && !this.#isAnswered) this.#come(/** @type {Way} */ (mine.way));
    if (this.#state === "on") {
      this.#mesh?.meet(this.#stage?.members ?? []);
      this.#apply();
    }
    this.#draw();
  }

  /** Open her devices and enter the stage. @param {Way} way voice, or voice and picture */
  async #come(way) {
    if (this.#state !== "off") return;
    this.#isAnswered = true;
    this.#state = "coming";
    this.#say("", "");
    this.#draw(); // no microphone is open before the red frame is there
    try {
      if (!canSpeak()) throw isSecureContext ? "failed" : "insecure";
      const stream = await openDevices(way);
      this.#stream = stream;
      if (!this.#isComing) return this.#end();
      const entered = await ask(this, "stage.enter", {});
      if (!this.#isComing) return this.#end();
      this.#enter(stream, entered);
    } catch (why) {
      this.#end();
      if (typeof why === "string") this.#say(why, "");
      else if (why === null) sayRefusal(null);
      else this.#say("", `${/** @type {import("../../lib/socket.js").Refusal} */ (why).message} ${/** @type {any} */ (why).mend ?? ""}`);
    }
    return this.#draw();
  }

  /** Whether she may still enter, after devices or server took their time: her turn has not ended and the page is open. */
  get #isComing() {
    return this.#state === "coming" && this.isConnected && (this.#mine !== undefined || (this.#stage?.free ?? false));
  }

  /**
   * Connect with the others, now that the server has let her in.
   * @param {MediaStream} stream of her devices
   * @param {import("./stage-data.js").Stage & {ice: RTCIceServer[]}} entered
   */
  #enter(stream, entered) {
    this.#state = "on";
    this.#isMuted = this.#talks = false;
    this.#lamp = new Lamp(performance.now());
    this.#level = new Level(stream);
    this.#level.chime();
    const pane = this.#player?.querySelector("[data-part=video-pane]") ?? this;
    this.#player?.hold();
    this.#pictures = new Pictures(pane, stream);
    const say = (/** @type {string} */ to, /** @type {string} */ about) => { ask(this, "stage.signal", { to, about }).catch(() => undefined); };
    const [voice] = stream.getAudioTracks();
    const [picture = null] = stream.getVideoTracks();
    this.#mesh = new Mesh({
      page: pageName, ice: entered.ice, say, line: lineOf(this),
      onChange: () => this.#pictures?.draw(this.#mesh?.peers ?? []),
      onWord: (page, { lamp }) => { if (lamp && this.#mesh?.peer(page)?.who.host) this.#lamp.hear(lamp, performance.now()); },
    }, { voice, picture });
    this.#take(entered);
    this.#pulse = setInterval(() => this.#look(), LOOK_MS);
    this.#apply();
  }

  /** 结束发言. */
  #goOff() {
    this.#isAnswered = true;
    this.#end();
    ask(this, "stage.leave", {}).catch(() => ask(this, "hands.lower", {}).catch(() => undefined));
  }

  /** Refuse the call, and lower her hand. */
  #decline() {
    this.#isAnswered = true;
    this.#say("", "");
    if (this.#mine) ask(this, "hands.lower", {}).catch(() => undefined);
    this.#draw();
  }

  /** End her turn, because another person did, once the word that she has begun is over. */
  #endSoon() {
    if (this.#state !== "on") return this.#end();
    this.#ending ??= setTimeout(() => { this.#end(); this.#judge(); }, LAST_WORD_MS);
    this.#drawLamp();
  }

  /** Close everything, so that no track is left. The player goes on from this moment. */
  #end() {
    const was = this.#state;
    this.#state = "off";
    clearTimeout(this.#ending);
    this.#ending = undefined;
    clearInterval(this.#pulse);
    closeDevices(this.#stream);
    this.#level?.close();
    this.#mesh?.close();
    this.#pictures?.close();
    this.#stream = this.#level = this.#mesh = this.#pictures = null;
    this.#drawLamp();
    if (was === "on") this.#player?.release(serverClock.now() + LAST_WORDS_MS);
    if (was !== "off") this.#draw();
  }

  /** Open or close the microphone, as her own switches and the teacher's say. */
  #apply() {
    const isOpen = (!this.#isMuted || this.#talks) && !this.#mine?.muted;
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = isOpen;
    this.#draw();
  }

  /** Show her level, and now and then send it to the studio. */
  #look() {
    const level = this.#level?.now ?? 0;
    drawLevel(this.#part("level"), Math.sqrt(level));
    this.#loudest = Math.max(this.#loudest, this.#stream?.getAudioTracks().some(({ enabled }) => enabled) ? level : 0);
    this.#looks += 1;
    if (this.#looks % TELL_EVERY === 0) {
      for (const peer of this.#mesh?.peers ?? []) if (peer.who.host) peer.tell({ level: this.#loudest });
      this.#loudest = 0;
    }
    this.#drawLamp();
  }

  /** Show whether the lesson hears her, and if not, why. */
  #drawLamp() {
    const studio = this.#mesh?.peers.find((peer) => peer.who.host);
    const isGone = !this.#hasHost || (studio?.isHungUp ?? false);
    const dark = this.#state === "on" ? this.#lamp.why({ isReached: studio?.isReached ?? false, isGone }, performance.now()) : "connecting";
    show(this.#part("by-line"), this.#mesh?.heardByLine.some(({ who }) => who.host) ?? false);
    show(this.#part("eased"), Boolean(this.#stream?.getVideoTracks().length) && (this.#mesh?.peers.some(({ who, line, lines }) => who.host && !line && lines === 0) ?? false));
    const why = this.#mine?.muted ? "muted" : dark;
    const lamp = /** @type {HTMLElement} */ (this.#part("lamp"));
    const word = this.#ending ? "" : why === "" ? (this.#lamp.isRecorded ? "recorded" : "live") : why.replace(/_(\w)/g, (_all, letter) => letter.toUpperCase());
    if (lamp.dataset.says !== word) {
      lamp.dataset.says = word;
      lamp.textContent = lamp.dataset[word] ?? "";
    }
  }

  /**
   * Say why she is not on the stage.
   * @param {string} problem of a device, as `openDevices` names it; "" means none
   * @param {string} refusal of the server, in words; "" means none
   */
  #say(problem, refusal) {
    sayProblem(this.#part("problem"), problem);
    const line = /** @type {HTMLElement} */ (this.#part("refused"));
    line.textContent = refusal;
    show(line, refusal !== "");
  }

  /**
   * Return whether she was called and no studio has come to take her voice: a teacher who sends with an encoder may have none.
   * @param {Member | undefined} mine her entry
   * @param {boolean} isOn she is on the stage, or coming
   */
  #hasNoStudio(mine, isOn) {
    const now = performance.now();
    if (!mine?.way || this.#hasHost || isOn) this.#waitsSince = Infinity;
    else if (this.#waitsSince === Infinity) {
      this.#waitsSince = now;
      setTimeout(() => { if (this.isConnected) this.#draw(); }, NO_HOST_MS + LOOK_MS);
    }
    return now - this.#waitsSince >= NO_HOST_MS;
  }

  #draw() {
    const mine = this.#mine;
    const isOn = this.#state !== "off";
    roomOf(this)?.toggleAttribute("data-on-stage", isOn);
    show(this.#part("on"), isOn);
    const canTake = !mine && (this.#stage?.free ?? false) && this.#hasHost;
    const isUnheard = this.#hasNoStudio(mine, isOn);
    show(this.#part("call"), !isOn && ((mine !== undefined && this.#hasHost) || canTake || isUnheard));
    show(this.#part("decline"), mine !== undefined);
    for (const name of ["speak", "show-and-speak"]) show(this.#part(name), !isUnheard);
    const title = /** @type {HTMLElement} */ (this.#part("call-title"));
    title.textContent = (isUnheard ? title.dataset.unheard : mine ? (mine.page ? title.dataset.elsewhere : title.dataset.called) : title.dataset.free) ?? "";
    this.#part("time")?.setAttribute("data-until", String(mine?.until_ms ?? 0));
    const isSilent = this.#isMuted && !this.#talks;
    const open = /** @type {HTMLElement} */ (this.#part("open"));
    const words = (mine?.muted ? open.dataset.muted : isSilent ? open.dataset.off : open.dataset.on) ?? "";
    if (open.textContent !== words) open.textContent = words;
    const mute = /** @type {HTMLElement} */ (this.#part("mute"));
    mute.ariaPressed = String(this.#isMuted);
    /** @type {HTMLElement} */ (this.#part("mute-words")).textContent = (this.#isMuted ? mute.dataset.off : mute.dataset.on) ?? "";
    show(this.#part("talk"), this.#isMuted);
  }
}

customElements.define("stage-seat", StageSeat);
