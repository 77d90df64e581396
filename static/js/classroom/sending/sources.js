// Camera, microphone and desktop of a presenter: opened, exchanged while the lesson goes on, lost and found again.

import { remember, rememberedFields } from "../../lib/memory.js";

/**
 * @typedef {"camera" | "microphone" | "screen"} SourceName
 * @typedef {"denied" | "missing" | "busy" | "cancelled" | "insecure" | "failed"} Problem what stands in the way of a source
 * @typedef {{camera: string, microphone: string, speaker: string, noiseSuppression: boolean, size: "720p" | "1080p"}} Wishes ids of devices; empty: whichever the browser chooses
 */

/** @type {Wishes} */
const FIRST_WISHES = { camera: "", microphone: "", speaker: "", noiseSuppression: true, size: "720p" };
const KEPT_AS = "studio-devices";
const VIRTUAL = /\b(OBS|vMix|virtual)\b/i; // as these programs name their cameras

/** A source could not be opened. */
export class SourceRefused extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem);
    this.problem = problem;
  }
}

/**
 * Tells `change` (a source came or went) and `lost` (detail: its name; the device was unplugged, or the browser's own bar ended the sharing).
 */
export class Sources extends EventTarget {
  /** @type {MediaStreamTrack | null} */
  camera = null;
  /** @type {MediaStreamTrack | null} */
  microphone = null;
  /** @type {MediaStreamTrack | null} */
  screen = null;
  /** @type {MediaStreamTrack | null} sound of the shared tab or screen, where the browser gives it */
  screenSound = null;

  /** @param {MediaDevices | undefined} [devices] not there where the page has no TLS */
  constructor(devices = navigator.mediaDevices) {
    super();
    this.devices = devices;
    this.wishes = /** @type {Wishes} */ ({ ...FIRST_WISHES, ...rememberedFields(KEPT_AS) });
  }

  /** @param {Partial<Wishes>} wishes */
  remember(wishes) {
    Object.assign(this.wishes, wishes);
    remember(KEPT_AS, this.wishes);
  }

  /** @returns {Promise<MediaDeviceInfo[]>} names are empty until the browser has been allowed something */
  async list() {
    return (await this.devices?.enumerateDevices()) ?? [];
  }

  /** Open the camera, or another one in its place. @throws {SourceRefused} */
  async openCamera() {
    const [width, height] = this.wishes.size === "1080p" ? [1920, 1080] : [1280, 720];
    const [track] = await this.#ask("camera", { video: { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } } });
    this.#take("camera", track);
  }

  /** Open the camera that another program makes of its picture; the usual one, where there is none. @throws {SourceRefused} */
  async openVirtualCamera() {
    await this.openCamera(); // a browser names its devices to pages that were let at one
    const made = (await this.list()).find(({ kind, label }) => kind === "videoinput" && VIRTUAL.test(label));
    if (!made || this.camera?.getSettings().deviceId === made.deviceId) return;
    this.remember({ camera: made.deviceId });
    await this.openCamera();
  }

  /** Open the microphone, or another one in its place. @throws {SourceRefused} */
  async openMicrophone() {
    const { noiseSuppression } = this.wishes;
    const [track] = await this.#ask("microphone", { audio: { noiseSuppression, echoCancellation: true, autoGainControl: true } });
    this.#take("microphone", track);
  }

  /** 共享桌面: a screen, a window or a tab, with its sound where there is one. @throws {SourceRefused} */
  async shareScreen() {
    if (!this.devices?.getDisplayMedia) throw new SourceRefused(isSecureContext ? "missing" : "insecure");
    try {
      const stream = await this.devices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: true });
      const [sound] = stream.getAudioTracks();
      this.screenSound?.stop();
      this.screenSound = sound ?? null;
      this.#take("screen", stream.getVideoTracks()[0]);
    } catch (error) {
      const problem = problemOf(error);
      throw new SourceRefused(problem === "denied" ? "cancelled" : problem);
    }
  }

  /** @param {SourceName} name */
  close(name) {
    const track = this[name];
    if (!track) return;
    this[name] = null;
    track.stop();
    if (name === "screen") {
      this.screenSound?.stop();
      this.screenSound = null;
    }
    this.dispatchEvent(new Event("change"));
  }

  /** Everything off, really: no lamp burns beside a camera. */
  closeAll() {
    for (const name of /** @type {SourceName[]} */ (["camera", "microphone", "screen"])) this.close(name);
  }

  /**
   * @param {"camera" | "microphone"} name
   * @param {{video?: MediaTrackConstraints, audio?: MediaTrackConstraints}} wanted
   * @returns {Promise<MediaStreamTrack[]>}
   */
  async #ask(name, wanted) {
    if (!this.devices?.getUserMedia) throw new SourceRefused(isSecureContext ? "missing" : "insecure");
    const id = this.wishes[name];
    const constraints = /** @type {MediaTrackConstraints} */ (wanted.video ?? wanted.audio);
    for (const deviceId of id ? [{ exact: id }, undefined] : [undefined]) {
      try {
        const stream = await this.devices.getUserMedia({ [wanted.video ? "video" : "audio"]: { ...constraints, ...(deviceId ? { deviceId } : {}) } });
        return stream.getTracks();
      } catch (error) {
        // the one that was chosen last time may lie at home: any other is better than none
        const isElsewhere = deviceId && ["OverconstrainedError", "NotFoundError"].includes(/** @type {Error} */ (error).name);
        if (!isElsewhere) throw new SourceRefused(problemOf(error));
      }
    }
    throw new SourceRefused("missing");
  }

  /**
   * @param {SourceName} name
   * @param {MediaStreamTrack} track
   */
  #take(name, track) {
    const old = this[name];
    this[name] = track;
    old?.stop();
    track.addEventListener("ended", () => {
      if (this[name] !== track) return;
      this[name] = null;
      this.dispatchEvent(new CustomEvent("lost", { detail: name }));
      this.dispatchEvent(new Event("change"));
    });
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * What the names of getUserMedia's errors mean (Media Capture and Streams, 10.2).
 * @param {unknown} error
 * @returns {Problem}
 */
export function problemOf(error) {
  switch (/** @type {Error} */ (error).name) {
    case "NotAllowedError":
    case "SecurityError": return "denied";
    case "NotFoundError":
    case "OverconstrainedError": return "missing";
    case "NotReadableError":
    case "AbortError": return "busy";
    default: return "failed";
  }
}
