// Begins a replay at the moment in its address, or else at the place at which the person left it, on any device.

import { partsOf, show } from "../classroom/engine/parts.js";
import { clockText } from "../lib/clock-text.js";
import { pageToken } from "../lib/page-token.js";
import { addressOf, isWorthGoingOn, placeNamed, shownPlace, wholePlace } from "../lib/places.js";

const EVERY_MS = 30_000; // between two reports of where one is
const SAID_MS = 12_000; // time for which the page says from where it goes on
const LOOKED_MS = 30_000; // a person who follows a link and plays less has only looked: her own place stays

/**
 * @typedef {object} World the player, as far as a place needs it
 * @property {HTMLVideoElement} video
 * @property {() => number | null} wall capture time of the picture, epoch ms
 * @property {(wall: number) => void} goTo a moment of capture, epoch ms
 * @property {(position: number) => void} goToPosition s
 * @property {() => void} startOver
 */

export class PlaceKeeper {
  #toldAt = Date.now();
  #told = 0;
  #began = false;
  /** The person followed a link to a moment, and has a place of her own elsewhere. */
  #onlyLooks = false;
  #played = 0;
  #lastTime = 0;

  /**
   * @param {HTMLElement} room its data-left is the moment where she left (epoch ms), its data-place the address to report to
   * @param {World} world
   * @param {AbortSignal} signal
   */
  constructor(room, world, signal) {
    this.room = room;
    this.world = world;
    this.part = partsOf(room);
    /** @type {[number, number][]} */
    this.cuts = JSON.parse(room.dataset.cuts || "[]").map((/** @type {[number, number]} */ cut) => cut.map((ms) => ms / 1000));
    world.video.addEventListener("timeupdate", () => this.#pass(), { signal });
    world.video.addEventListener("pause", () => this.#tell(), { signal });
    window.addEventListener("pagehide", () => this.#tell(), { signal });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.#tell(); }, { signal });
    this.part("start-over")?.addEventListener("click", () => this.#startOver(), { signal });
  }

  /** The moments of the recording are known: go where one wants to begin, once. @param {import("../classroom/player/look.js").Clock} clock */
  begin(clock) {
    const { world } = this;
    if (this.#began || !clock.known) return;
    this.#began = true;
    const asked = /^#at=(\d{13})$/.exec(location.hash); // a link from a table leads to a moment
    const named = placeNamed(new URLSearchParams(location.search).get("t"));
    const shared = named === null ? null : shownPlace(named, this.cuts);
    const left = Number(this.room.dataset.left ?? 0);
    const end = clock.edge === null ? null : clock.positionAt(clock.edge);
    const position = left ? clock.positionAt(left) : null;
    this.#onlyLooks = Boolean(left) && (Boolean(asked) || shared !== null);
    if (asked) world.goTo(Number(asked[1]));
    else if (shared !== null) this.#goOn(Math.min(shared, Math.max(0, (end ?? shared) - 1)), "shared");
    else if (position !== null && end !== null && isWorthGoingOn(position, end)) this.#goOn(position, "left");
  }

  /** @param {number} position s @param {"shared" | "left"} why */
  #goOn(position, why) {
    this.world.goToPosition(position);
    const words = this.part("resumed-words");
    if (words) words.textContent = (words.dataset[why] ?? "").replace("{time}", clockText(position));
    show(this.part("resumed"), true);
    setTimeout(() => show(this.part("resumed"), false), SAID_MS);
  }

  #startOver() {
    show(this.part("resumed"), false);
    this.world.startOver();
    this.#send("DELETE");
  }

  #pass() {
    const { video } = this.world;
    const step = video.currentTime - this.#lastTime;
    this.#lastTime = video.currentTime;
    if (step > 0 && step < 2) this.#played += step * 1000; // longer steps are leaps
    if (this.#played >= LOOKED_MS) this.#onlyLooks = false;
    const copy = this.part("share");
    const time = this.part("share-time");
    const text = clockText(video.currentTime);
    if (time && time.textContent !== text) time.textContent = text;
    copy?.setAttribute("value", addressOf(location.href, wholePlace(video.currentTime, this.cuts)));
    if (Date.now() - this.#toldAt > EVERY_MS && !video.paused) this.#tell();
  }

  #tell() {
    const wall = this.world.wall();
    if (!this.#began || this.#onlyLooks || wall === null || Math.abs(wall - this.#told) < 1000) return;
    this.#told = wall;
    this.#toldAt = Date.now();
    this.#send("POST", new URLSearchParams({ at: String(Math.round(wall)) }));
  }

  /** @param {string} method @param {URLSearchParams} [body] */
  #send(method, body) {
    const { place } = this.room.dataset;
    // A lost report is repeated in some seconds; at worst the replay begins a little earlier the next time.
    if (place) fetch(place, { method, body, headers: pageToken(), keepalive: true }).catch(() => null);
  }
}
