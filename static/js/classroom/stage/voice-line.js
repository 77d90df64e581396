// Carries voices where WebRTC finds no way: a websocket of media_worker passes pieces of sound on to the named pages (docs/ingest.md).
// Messages between pages travel this way as well.

import { backoff, pause } from "../../lib/backoff.js";
import { SoundDebt } from "../../lib/sound-debt.js";
import { isHush } from "../../lib/voice-buffer.js";
import { ACK_EVERY, VoiceFlow } from "../../lib/voice-flow.js";

const NO_ALIAS_HZ = 7000; // of 8000 that 16 kHz can hold: a filter is not a cliff

/**
 * @typedef {object} World
 * @property {() => Promise<string>} address of the websocket, good for half a minute
 * @property {string} mouth address of a worklet
 * @property {string} ear address of a worklet
 * @property {(page: string) => void} onPiece
 * @property {(page: string, word: import("./peer.js").Word) => void} onWord
 * @property {() => void} onChange the line is open or broken
 */

export class VoiceLine {
  /** @type {WebSocket | null} */
  #socket = null;
  #leave = new AbortController();
  #context = new AudioContext({ latencyHint: "interactive" });
  #loaded;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  #debt = new SoundDebt();
  /** @type {MediaStreamTrack | null} */
  #voice = null;
  #filter = lowPass(this.#context);
  /** @type {Map<string, {node: AudioWorkletNode, track: MediaStreamTrack}>} by page */
  #ears = new Map();
  /** @type {string[]} */
  #hearers = [];
  #flow = new VoiceFlow(() => undefined);
  #got = 0;
  isOpen = false;

  /**
   * @param {World} world
   * @param {MediaStreamTrack | null} voice what the others hear
   */
  constructor(world, voice) {
    this.world = world;
    this.#context.resume(); // not waited for: Firefox settles it when it likes
    this.#loaded = Promise.all([world.mouth, world.ear].map((script) => this.#context.audioWorklet.addModule(script)));
    this.#loaded.then(() => this.#speak(), () => undefined); // without it the others are heard all the same
    this.replace(voice);
    this.#keep();
  }

  /** @param {MediaStreamTrack | null} voice */
  replace(voice) {
    this.#voice = voice;
    this.#source?.disconnect();
    this.#source = voice && this.#context.createMediaStreamSource(new MediaStream([voice]));
    this.#source?.connect(this.#filter.first);
    this.#debt.plugged(performance.now(), this.#context.currentTime);
  }

  #speak() {
    if (this.#leave.signal.aborted) return;
    const mouth = new AudioWorkletNode(this.#context, "voice-mouth", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    this.#filter.last.connect(mouth);
    mouth.port.onmessage = ({ data }) => {
      const now = performance.now();
      if (this.#debt.isLate(now, this.#context.currentTime) && isHush(new Uint8Array(data))) this.replace(this.#voice);
      if (this.isOpen && this.#hearers.length > 0) this.#flow.push(data, now);
    };
  }

  /** Set the pages that hear this one. @param {string[]} pages */
  name(pages) {
    if (pages.join() === this.#hearers.join()) return;
    this.#hearers = pages;
    for (const page of this.#ears.keys()) if (!pages.includes(page)) this.#forget(page);
    this.#say({ type: "to", pages });
  }

  /** @param {string} page @returns {MediaStreamTrack | null} her voice, once there is some */
  voiceOf(page) {
    return this.#ears.get(page)?.track ?? null;
  }

  /** @param {string} to @param {import("./peer.js").Word} word */
  tell(to, word) {
    this.#say({ type: "word", to, word });
  }

  /** @param {object} frame */
  #say(frame) {
    if (this.isOpen) this.#socket?.send(JSON.stringify(frame));
  }

  /** Open the line, and again whenever it breaks. */
  async #keep() {
    const { signal } = this.#leave;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const address = await this.world.address().catch(() => ""); // not on the stage any more, or the classroom's own line is down
      if (address && !signal.aborted && await this.#serve(address)) attempt = 0;
      await pause(backoff(attempt), signal);
    }
  }

  /** @param {string} address @returns {Promise<boolean>} settled when the line is closed: whether it was open */
  #serve(address) {
    return new Promise((resolve) => {
      const socket = this.#socket = new WebSocket(address);
      let wasOpen = false;
      socket.binaryType = "arraybuffer";
      socket.onopen = () => {
        wasOpen = true;
        this.#flow = new VoiceFlow((piece) => socket.send(piece));
        this.#got = 0;
        this.#open(true);
        this.#say({ type: "to", pages: this.#hearers });
      };
      socket.onmessage = ({ data }) => {
        if (typeof data === "string") this.#hear(JSON.parse(data));
        else this.#play(new Uint8Array(data));
      };
      socket.onclose = () => { this.#open(false); resolve(wasOpen); };
      this.#leave.signal.addEventListener("abort", () => socket.close(), { once: true });
    });
  }

  /** @param {boolean} isOpen */
  #open(isOpen) {
    if (this.isOpen === isOpen) return;
    this.isOpen = isOpen;
    this.world.onChange();
  }

  /** @param {{type: string, from: string, word: import("./peer.js").Word, pieces: number}} frame */
  #hear({ type, from, word, pieces }) {
    if (type === "got") this.#flow.got(pieces, performance.now());
    else if (type === "word") this.world.onWord(from, word);
  }

  /** @param {Uint8Array} message length of the page's name, the name, and a piece of its voice */
  #play(message) {
    this.#got += 1;
    if (this.#got === ACK_EVERY) {
      this.#say({ type: "got", pieces: this.#got });
      this.#got = 0;
    }
    const page = String.fromCharCode(...message.subarray(1, 1 + message[0]));
    this.world.onPiece(page);
    if (!this.#hearers.includes(page)) return; // put down, or unknown
    const piece = message.slice(1 + message[0]);
    const ear = this.#ears.get(page);
    if (ear) ear.node.port.postMessage(piece, [piece.buffer]);
    else this.#loaded.then(() => this.#listen(page), () => undefined);
  }

  /** @param {string} page */
  #listen(page) {
    if (this.#ears.has(page) || this.#leave.signal.aborted || !this.#hearers.includes(page)) return;
    const node = new AudioWorkletNode(this.#context, "voice-ear", { numberOfInputs: 0, outputChannelCount: [1] });
    const { first, last } = lowPass(this.#context);
    const out = this.#context.createMediaStreamDestination();
    node.connect(first);
    last.connect(out);
    this.#ears.set(page, { node, track: out.stream.getAudioTracks()[0] });
    this.world.onChange();
  }

  /** @param {string} page */
  #forget(page) {
    const ear = this.#ears.get(page);
    ear?.node.disconnect();
    ear?.track.stop();
    this.#ears.delete(page);
  }

  close() {
    this.#leave.abort();
    for (const page of [...this.#ears.keys()]) this.#forget(page);
    this.#context.close();
  }
}

/**
 * Two filters after each other, of fourth order together (Butterworth).
 * @param {AudioContext} context
 */
function lowPass(context) {
  const [first, last] = [0.541, 1.307].map((quality) => new BiquadFilterNode(context, { type: "lowpass", frequency: NO_ALIAS_HZ, Q: 20 * Math.log10(quality) }));
  first.connect(last);
  return { first, last };
}
