// Draws <lesson-sender>: its switches, the level and one line of words. It also tells the studio what learners get.

import { drawLevel } from "../../lib/level-meter.js";
import { partsOf, show } from "../engine/parts.js";
import { lay } from "./corner.js";

/** @typedef {import("./sources.js").SourceName} SourceName */

/**
 * @typedef {object} Look
 * @property {string} lesson the lesson's state
 * @property {import("./sending.js").SendingState} state
 * @property {import("./sending.js").Figures | null} figures
 * @property {boolean} isNew nothing was ever opened here
 * @property {boolean} rests camera and microphone have to be off
 * @property {boolean} busy this page sends, or tries to
 * @property {boolean} isTaken somebody else sends
 * @property {Record<SourceName, boolean>} on
 * @property {boolean} sounds learners hear something of this page
 * @property {import("./layout.js").Layout | null} cornered the camera's picture lies in the corner of it
 * @property {number} volume 1 as it comes
 * @property {boolean} push push to talk
 */

const LIVE = new Set(["on_air", "interrupted"]);

export class SenderFace {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.part = partsOf(host);
  }

  /** @param {Look} look */
  draw(look) {
    for (const name of /** @type {SourceName[]} */ (Object.keys(look.on))) this.#switch(name, look.on[name], look.rests);
    show(this.part("empty"), look.isNew);
    show(this.part("check-first"), look.lesson === "scheduled" && !look.busy && !look.isTaken);
    show(this.part("take"), look.isTaken && !look.rests);
    show(this.part("talk"), look.push);
    const corner = /** @type {HTMLElement} */ (this.part("corner"));
    show(corner, look.cornered !== null);
    if (look.cornered) lay(corner, look.cornered);
    const gain = this.part("gain");
    if (gain) gain.textContent = `${Math.round(look.volume * 100)}%`;
    this.#tell(look);
    this.#say(look);
  }

  /** @param {number} level loudness of the voice, 0 to 1 */
  level(level) {
    for (const meter of this.host.querySelectorAll("[data-part=level]")) drawLevel(meter, level);
  }

  /**
   * @param {SourceName} name
   * @param {boolean} on
   * @param {boolean} rests
   */
  #switch(name, on, rests) {
    const button = /** @type {HTMLButtonElement} */ (this.part(name));
    const words = (on ? button.dataset.on : button.dataset.off) ?? "";
    button.ariaPressed = String(on);
    button.disabled = rests;
    button.title = `${words} (${button.getAttribute("aria-keyshortcuts")})`;
    const label = this.part(`${name}-words`);
    if (label && label.textContent !== words) label.textContent = words;
  }

  /** The studio's bar says whether learners see and hear her, and whether her computer is slow: nobody else knows it. @param {Look} look */
  #tell({ busy, sounds, on, figures }) {
    const room = this.host.closest("studio-room");
    room?.toggleAttribute("data-is-slow", busy && figures?.reason === "processor");
    for (const [name, is] of /** @type {[string, boolean][]} */ ([["data-sends-sound", sounds], ["data-sends-picture", on.camera || on.screen]])) {
      if (busy) room?.setAttribute(name, is ? "yes" : "no");
      else room?.removeAttribute(name);
    }
  }

  /** @param {Look} look */
  #say({ lesson, state, figures, rests, isTaken }) {
    const line = /** @type {HTMLElement} */ (this.part("state"));
    const { kbps = 0, fps = 0, rung = 0, reason = "", lostS = 0 } = figures ?? {};
    let said = /** @type {string} */ (state);
    if (state === "leaving") said = "leaving";
    else if (rests && lesson !== "ended") said = "paused";
    else if (state === "sending" && rung > 0) said = reason === "processor" ? "slow" : "thin";
    else if (state === "refused" && isTaken) said = "taken";
    else if (state === "off" && LIVE.has(lesson)) said = "offAir";
    const lost = lostS > 0 ? (line.dataset.lost ?? "").replace("{s}", String(lostS)) : "";
    const text = (line.dataset[said] ?? "").replace("{kbps}", String(kbps)).replace("{fps}", String(fps)).replace("{s}", "10") + lost;
    this.host.dataset.sending = state;
    this.host.toggleAttribute("data-thin", rung > 0);
    this.host.dataset.reason = reason;
    if (line.textContent !== text) line.textContent = text;
  }
}
