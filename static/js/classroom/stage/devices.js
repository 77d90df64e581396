// The microphone and the camera of a person who wants to speak.

import { problemOf } from "../sending/sources.js";

/** @typedef {"" | "voice" | "both"} Way in writing, by voice, by voice and picture */

const VOICE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 30 }, facingMode: "user" };

/** Whether this page may ask for a microphone at all: browsers want TLS. */
export function canSpeak() {
  return "mediaDevices" in navigator;
}

/**
 * Open what she wants to speak with.
 * @param {Way} way
 * @returns {Promise<MediaStream>} without a picture where there is no camera
 * @throws {import("../sending/sources.js").Problem}
 */
export async function openDevices(way) {
  const ask = (/** @type {boolean} */ picture) => navigator.mediaDevices.getUserMedia({ audio: VOICE, video: picture && PICTURE });
  try {
    return await ask(way === "both").catch((error) => {
      if (way !== "both") throw error;
      return ask(false); // a voice without a picture is better than nothing
    });
  } catch (error) {
    throw problemOf(error);
  }
}

/** Close the devices, so that no lamp burns beside a camera. @param {MediaStream | null} stream */
export function closeDevices(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Level of a microphone: the loudest moment of the last 0.2 s, 0 to 1. */
export class Level {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {AnalyserNode | null} */
  #meter = null;
  #samples = new Float32Array(8192);

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.#context = new AudioContext();
    this.#context.resume(); // not waited for: Firefox settles it when it likes
    this.#meter = this.#context.createAnalyser();
    this.#meter.fftSize = this.#samples.length;
    this.#context.createMediaStreamSource(stream).connect(this.#meter);
  }

  get now() {
    this.#meter?.getFloatTimeDomainData(this.#samples);
    return this.#samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  }

  /** A short high tone: she is on. */
  chime() {
    const context = /** @type {AudioContext} */ (this.#context);
    const [tone, gain] = [context.createOscillator(), context.createGain()];
    tone.frequency.value = 880;
    gain.gain.setValueAtTime(0.12, context.currentTime);
    gain.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.25);
    tone.connect(gain).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.25);
  }

  close() {
    this.#context?.close();
    this.#context = this.#meter = null;
  }
}
