// The browser's own encoders (WebCodecs): a picture and 20 ms of sound go in, and what comes out knows when it was taken. Never
// are more than two pictures in front of the encoder: one that does not keep up gets fewer.
//
// Source: W3C WebCodecs; AVC (H.264) WebCodecs Registration.

import { MAGIC, Track, description } from "../../lib/frames-wire.js";
import { SampleClock } from "../../lib/sample-clock.js";
import { browserNow } from "../../lib/sending-wire.js";
import { joined } from "../../lib/webm-parts.js";

/**
 * @typedef {import("../../lib/ladder.js").Rung} Rung
 * @typedef {{onHeader: (header: Uint8Array) => void, onFrame: (frame: import("../../lib/frame-queue.js").Frame) => void, onTook: (ms: number) => void, onFailure: (error: Error) => void}} Listener
 * @typedef {"avc1" | "vp08"} Fourcc
 */

const MOST_WAITING = 1; // beside the one that is being encoded
const SOUND_MS = 20;
const RATE = 48_000;
const CHANNELS = 2;
const TRIED = 3; // pictures that an encoder may have in hand
const TRY_MS = 1500;

/** H.264 goes through the server untouched; VP8 is encoded anew there. @type {Fourcc[]} */
const KINDS = ["avc1", "vp08"];

/** Whether this browser has encoders at all. */
export function hasEncoders() {
  return Boolean(globalThis.VideoEncoder && globalThis.AudioEncoder && globalThis.VideoFrame && globalThis.AudioData);
}

/** @type {Promise<Fourcc | null> | undefined} */
let chosen;

/** @returns {Promise<Fourcc | null>} what this browser really encodes; some say yes and cannot */
export function chooseKind() {
  chosen ??= tryAll();
  return chosen;
}

async function tryAll() {
  if (!hasEncoders() || !(await AudioEncoder.isConfigSupported(soundSettings(64)).catch(() => null))?.supported) return null;
  for (const kind of KINDS) if (await works(kind).catch(() => false)) return kind;
  return null;
}

/**
 * Whether a kind comes out soon after it has gone in. Firefox 153 on Linux keeps 41 pictures of H.264 back, and gives an avcC
 * record that no decoder understands.
 * @param {Fourcc} kind
 * @returns {Promise<boolean>}
 */
async function works(kind) {
  const settings = pictureSettings(kind, { video: 300, fps: 25 }, [320, 180]);
  if (!(await VideoEncoder.isConfigSupported(settings)).supported) return false;
  return new Promise((resolve) => {
    const encoder = new VideoEncoder({ output: () => resolve(true), error: () => resolve(false) });
    encoder.configure(settings);
    for (let number = 0; number < TRIED; number += 1) {
      const frame = new VideoFrame(new Uint8Array(320 * 180 * 1.5), { format: "I420", codedWidth: 320, codedHeight: 180, timestamp: number * 40_000 });
      encoder.encode(frame, { keyFrame: number === 0 });
      frame.close();
    }
    setTimeout(() => {
      resolve(false);
      if (encoder.state !== "closed") encoder.close();
    }, TRY_MS);
  });
}

/**
 * @param {Fourcc} kind
 * @param {{video: number, fps: number}} rung
 * @param {[number, number]} size
 * @returns {VideoEncoderConfig}
 */
function pictureSettings(kind, { video, fps }, [width, height]) {
  const h264 = height > 720 ? "avc1.42E028" : "avc1.42E01F"; // baseline, which every browser and phone decodes
  return {
    codec: kind === "avc1" ? h264 : "vp8", width, height, bitrate: video * 1000, framerate: fps, latencyMode: "realtime",
    ...(kind === "avc1" ? { avc: { format: "avc" } } : {}),
  };
}

/** @param {number} kbps @returns {AudioEncoderConfig} */
function soundSettings(kbps) {
  return { codec: "opus", sampleRate: RATE, numberOfChannels: CHANNELS, bitrate: kbps * 1000 };
}

export class Encoders {
  stillMs = 500;
  takesDrawings = false;
  /** @type {VideoEncoder | null} */
  #picture = null;
  /** @type {AudioEncoder | null} */
  #sound = null;
  #zero = Math.floor(browserNow()); // encoders want small numbers
  #at = 0;
  #keyAt = -Infinity;
  /** When each picture was handed over, by its timestamp. @type {Map<number, number>} */
  #handed = new Map();
  #clock = new SampleClock();
  /** When each piece of sound began, by its number. @type {Map<number, number>} */
  #began = new Map();
  #pieces = 0;
  #heardAt = 0;
  /** @type {Uint8Array} */
  #header = new Uint8Array(0);
  #kbps = 0; // of the sound

  /**
   * @param {Fourcc} kind
   * @param {Listener} listener
   * @param {number} keyEveryMs time between two keyframes: segments are cut there
   * @param {number} [soundLateMs] delay of a piece of sound behind a picture of the same moment, ms
   */
  constructor(kind, listener, keyEveryMs, soundLateMs = 0) {
    this.kind = kind;
    this.listener = listener;
    this.keyEveryMs = keyEveryMs;
    this.soundLateMs = soundLateMs;
  }

  /**
   * Encode like this from now on; the bit rate changes under way, another size begins with a keyframe.
   * @param {Rung} rung
   * @param {[number, number]} size
   */
  begin({ video, audio, fps }, size) {
    this.#picture ??= new VideoEncoder({ output: (chunk, about) => this.#seen(chunk, about), error: (error) => this.#fail(error) });
    this.#picture.configure(pictureSettings(this.kind, { video, fps }, size));
    this.#keyAt = -Infinity;
    this.#sound ??= new AudioEncoder({ output: (chunk) => this.#heard(chunk), error: (error) => this.#fail(error) });
    if (audio !== this.#kbps) this.#sound.configure(soundSettings(audio));
    this.#kbps = audio;
  }

  /** Whether it takes another picture. */
  get isFull() {
    return (this.#picture?.encodeQueueSize ?? 0) > MOST_WAITING;
  }

  /**
   * @param {CanvasImageSource} canvas
   * @param {number} at when it was taken, ms
   * @param {boolean} needsKey
   */
  see(canvas, at, needsKey) {
    if (this.#picture?.state !== "configured") return;
    this.#at = Math.max(at, this.#at + 1);
    const timestamp = Math.round((this.#at - this.#zero) * 1000);
    const keyFrame = needsKey || this.#at - this.#keyAt >= this.keyEveryMs;
    if (keyFrame) this.#keyAt = this.#at;
    const frame = new VideoFrame(canvas, { timestamp });
    this.#handed.set(timestamp, performance.now());
    this.#picture.encode(frame, { keyFrame });
    frame.close();
  }

  /**
   * @param {number} counted ms of sound up to the end of this piece
   * @param {Float32Array<ArrayBuffer>[]} pieces one for each channel
   */
  hear(counted, pieces) {
    const at = this.#clock.beganAt(counted, browserNow(), SOUND_MS) - this.soundLateMs;
    if (this.#sound?.state !== "configured") return;
    const data = new Float32Array(CHANNELS * pieces[0].length);
    pieces.forEach((piece, channel) => data.set(piece, channel * piece.length));
    const timestamp = this.#pieces * SOUND_MS * 1000;
    this.#began.set(this.#pieces, at);
    this.#began.delete(this.#pieces - 50);
    this.#pieces += 1;
    const sound = new AudioData({ format: "f32-planar", sampleRate: RATE, numberOfFrames: pieces[0].length, numberOfChannels: CHANNELS, timestamp, data });
    this.#sound.encode(sound);
    sound.close();
  }

  /** Settled when everything has come out. */
  async stop() {
    const encoders = [this.#picture, this.#sound];
    [this.#picture, this.#sound] = [null, null];
    await Promise.all(encoders.map((one) => (one?.state === "configured" ? one.flush().catch(() => undefined) : undefined)));
    for (const one of encoders) if (one && one.state !== "closed") one.close();
  }

  /** @param {EncodedVideoChunk} chunk @param {EncodedVideoChunkMetadata | undefined} about */
  #seen(chunk, about) {
    const handed = this.#handed.get(chunk.timestamp);
    this.#handed.delete(chunk.timestamp);
    if (handed !== undefined) this.listener.onTook(performance.now() - handed);
    if (about?.decoderConfig) this.#describe(about.decoderConfig);
    this.listener.onFrame({ isSound: false, isKey: chunk.type === "key", at: this.#zero + chunk.timestamp / 1000, data: bytesOf(chunk) });
  }

  /** @param {EncodedAudioChunk} chunk */
  #heard(chunk) {
    // Firefox takes off what its encoder looks ahead, a third of a piece
    const at = this.#began.get(Math.round(chunk.timestamp / (SOUND_MS * 1000))) ?? this.#heardAt + SOUND_MS;
    this.#heardAt = Math.max(at, this.#heardAt);
    this.listener.onFrame({ isSound: true, isKey: true, at: this.#heardAt, data: bytesOf(chunk) });
  }

  /** @param {VideoDecoderConfig} about */
  #describe({ codedWidth = 0, codedHeight = 0, description: config }) {
    const bytes = config ? new Uint8Array(ArrayBuffer.isView(config) ? config.buffer.slice(config.byteOffset, config.byteOffset + config.byteLength) : /** @type {ArrayBuffer} */ (config)) : undefined;
    const header = joined([
      MAGIC,
      description(Track.PICTURE, { fourcc: this.kind, width: codedWidth, height: codedHeight, config: bytes }),
      description(Track.SOUND, { fourcc: "Opus" }),
    ]);
    if (header.length === this.#header.length && header.every((byte, index) => byte === this.#header[index])) return;
    this.#header = header;
    this.listener.onHeader(header);
  }

  /** @param {Error} error */
  #fail(error) {
    if (this.#picture) this.listener.onFailure(error);
  }
}

/** @param {EncodedVideoChunk | EncodedAudioChunk} chunk */
function bytesOf(chunk) {
  const data = new Uint8Array(chunk.byteLength);
  chunk.copyTo(data);
  return data;
}
