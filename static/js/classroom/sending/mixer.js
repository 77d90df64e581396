// The sound that is sent: microphone and desktop, each with its own volume, in one track that never changes. So a
// device can be exchanged while the recorder goes on. Where a browser keeps its mixer asleep (Firefox without a loudspeaker
// does, for as long as there is none), the microphone goes as it is.

import { SoundDebt } from "../../lib/sound-debt.js";

const FLOOR_DB = -60; // what is quieter counts as silence
const HUSH = 0.01; // no voice is as quiet, few rooms are louder: -40 dB
const WAKE_MS = 2000;

/**
 * @typedef {{node: MediaStreamAudioSourceNode, track: MediaStreamTrack} | null} Input
 * @typedef {{input: Input, gain: GainNode, meter: AnalyserNode}} Seat
 */

export class Mixer {
  /** @type {Input} */
  #microphone = null;
  /** @type {Input} */
  #screen = null;
  #muted = false;
  #debt = new SoundDebt();

  constructor() {
    this.context = new AudioContext({ latencyHint: "interactive", sampleRate: 48_000 });
    this.output = this.context.createMediaStreamDestination();
    this.voice = this.context.createGain();
    this.desktop = this.context.createGain();
    this.meter = this.context.createAnalyser();
    this.meter.fftSize = 1024;
    this.#samples = new Float32Array(this.meter.fftSize);
    this.context.addEventListener("statechange", () => this.#apply());
    this.stage = this.context.createGain();
    this.talk = this.context.createMediaStreamDestination();
    this.voice.connect(this.output);
    this.voice.connect(this.meter);
    this.desktop.connect(this.output);
    this.ear = this.context.createAnalyser();
    this.ear.fftSize = 8192; // 0.17 s
    this.#heard = new Float32Array(this.ear.fftSize);
    this.voice.connect(this.ear);
    this.desktop.connect(this.ear);
    this.stage.connect(this.output);
    this.stage.connect(this.ear);
    this.voice.connect(this.talk);
    this.desktop.connect(this.talk);
  }

  /** Voices of others who speak, by the pages that they come from. @type {Map<string, Seat>} */
  #seats = new Map();

  /** @returns {MediaStreamTrack} what those who speak hear of this page: everything but themselves */
  get talkTrack() {
    return this.talk.stream.getAudioTracks()[0];
  }

  /** @returns {MediaStreamTrack} the voices of others alone, for a lesson whose own sound comes from an encoder */
  get guestsTrack() {
    if (!this.#guests) {
      this.#guests = this.context.createMediaStreamDestination();
      this.stage.connect(this.#guests);
    }
    return this.#guests.stream.getAudioTracks()[0];
  }

  /** @type {MediaStreamAudioDestinationNode | null} */
  #guests = null;

  /**
   * Take the voice of somebody else into what is sent, or take it out again.
   * @param {string} page
   * @param {MediaStreamTrack | null} track
   */
  seat(page, track) {
    const old = this.#seats.get(page);
    if ((old?.input?.track ?? null) === track) return;
    if (old) this.#plug(old.input, null, old.gain);
    old?.gain.disconnect();
    this.#seats.delete(page);
    if (!track) return;
    const [gain, meter] = [this.context.createGain(), this.context.createAnalyser()];
    meter.fftSize = 8192;
    gain.connect(this.stage);
    gain.connect(meter);
    this.#seats.set(page, { input: this.#plug(null, track, gain), gain, meter });
  }

  /** @param {string} page @param {boolean} isMuted */
  silence(page, isMuted) {
    this.#seats.get(page)?.gain.gain.setTargetAtTime(isMuted ? 0 : 1, this.context.currentTime, 0.01);
  }

  /** @param {string} page @returns {number} the loudest moment of somebody's voice within the last 0.17 s, 0 to 1 */
  heardOf(page) {
    const seat = this.#seats.get(page);
    return seat ? peakOf(seat.meter, this.#heard) : 0;
  }

  /** @param {string} page @returns {boolean} whether her voice goes into what is sent */
  has(page) {
    return this.#seats.has(page);
  }

  /** @type {Float32Array<ArrayBuffer>} */
  #samples;
  /** @type {Float32Array<ArrayBuffer>} */
  #heard;

  get isAsleep() {
    return this.context.state !== "running";
  }

  /** @returns {MediaStreamTrack | null} the only one, unless the mixer is asleep */
  get track() {
    return this.isAsleep ? (this.#microphone?.track ?? null) : this.output.stream.getAudioTracks()[0];
  }

  /**
   * Have what is sent heard, piece by piece (ear.js).
   * @param {string} ear address of the script
   * @returns {Promise<MessagePort>} where the pieces come
   */
  async hearBy(ear) {
    await this.context.audioWorklet.addModule(ear);
    const node = new AudioWorkletNode(this.context, "ear", { numberOfOutputs: 0, channelCount: 2, channelCountMode: "explicit" });
    this.voice.connect(node);
    this.desktop.connect(node);
    this.stage.connect(node);
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage(port1, [port1]);
    return port2;
  }

  /** Browsers keep sound asleep until the page is touched; it is not waited for longer than a moment. */
  async wake() {
    await Promise.race([this.context.resume(), new Promise((resolve) => { setTimeout(resolve, WAKE_MS); })]);
  }

  /**
   * @param {MediaStreamTrack | null} microphone
   * @param {MediaStreamTrack | null} screenSound
   */
  connect(microphone, screenSound) {
    this.#microphone = this.#plug(this.#microphone, microphone, this.voice);
    this.#screen = this.#plug(this.#screen, screenSound, this.desktop);
    this.#apply();
  }

  /** @param {number} gain 0 to 2 */
  setVolume(gain) {
    this.volume = gain;
    this.#apply();
  }

  volume = 1;

  get muted() {
    return this.#muted;
  }

  set muted(muted) {
    this.#muted = muted;
    this.#apply();
  }

  /** @returns {number} loudness of the voice, 0 (silence) to 1 (as loud as can be) */
  get level() {
    const peak = peakOf(this.meter, this.#samples);
    return peak === 0 ? 0 : Math.max(0, 1 - (20 * Math.log10(peak)) / FLOOR_DB);
  }

  /**
   * Sound comes late after a while (lib/sound-debt.js). To be called every now and then: it is mended while nobody speaks.
   */
  catchUp() {
    if (this.isAsleep || !this.#debt.isLate(performance.now(), this.context.currentTime) || peakOf(this.ear, this.#heard) > HUSH) return;
    const [microphone, screenSound] = [this.#microphone?.track ?? null, this.#screen?.track ?? null];
    this.connect(null, null);
    this.connect(microphone, screenSound);
    for (const seat of this.#seats.values()) {
      const track = seat.input?.track ?? null;
      this.#plug(seat.input, null, seat.gain);
      seat.input = this.#plug(null, track, seat.gain);
    }
  }

  close() {
    this.connect(null, null);
    for (const page of [...this.#seats.keys()]) this.seat(page, null);
    return this.context.close();
  }

  #apply() {
    const { currentTime } = this.context;
    if (this.#microphone) this.#microphone.track.enabled = !(this.isAsleep && this.#muted);
    this.voice.gain.setTargetAtTime(this.#muted ? 0 : this.volume, currentTime, 0.01); // no click
  }

  /**
   * @param {Input} old
   * @param {MediaStreamTrack | null} track
   * @param {AudioNode} into
   * @returns {Input}
   */
  #plug(old, track, into) {
    if ((old?.track ?? null) === track) return old;
    old?.node.disconnect();
    if (!track) return null;
    const node = this.context.createMediaStreamSource(new MediaStream([track]));
    node.connect(into);
    this.#debt.plugged(performance.now(), this.context.currentTime);
    return { node, track };
  }
}

/**
 * @param {AnalyserNode} analyser
 * @param {Float32Array<ArrayBuffer>} samples as many as it keeps
 */
function peakOf(analyser, samples) {
  analyser.getFloatTimeDomainData(samples);
  return samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
