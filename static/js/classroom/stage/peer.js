// The connection to one other page on the stage: sound and picture both ways, and a channel for messages between the two.

import { Negotiation } from "../../lib/negotiation.js";
import { FULL_LINES } from "../../lib/stage-ease.js";

/**
 * @typedef {{page: string, key: string, name: string, host: boolean, number: number}} Who
 * @typedef {{voice: MediaStreamTrack | null, picture: MediaStreamTrack | null}} Tracks
 * @typedef {{picture?: boolean, lines?: number, muted?: boolean, level?: number, lamp?: {why: import("../../lib/stage-lamp.js").Why, isRecorded: boolean}, mixes?: boolean, here?: boolean}} Word
 * @typedef {object} World
 * @property {boolean} calls this page begins
 * @property {boolean} isPolite
 * @property {RTCIceServer[]} ice
 * @property {Tracks} tracks
 * @property {number} lines maximum height of pictures both ways
 * @property {(said: import("../../lib/negotiation.js").Said) => void} say
 * @property {(word: Word) => void} onWord
 * @property {() => void} onChange a track came, or the connection is in another state
 */

const BITS = 600_000; // of a picture of full height; of a smaller one its share
const FRAMES = 20;
export const canConnect = "RTCPeerConnection" in globalThis; // some institutes switch WebRTC off
const PATIENCE_MS = 2000; // most broken lines come back by themselves

export class Peer {
  /** @type {RTCRtpTransceiver[]} sound, picture */
  #lanes = [];
  /** @type {RTCDataChannel | null} */
  #channel = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isClosed = false;
  /** The other page was closed, or has closed the connection: long before that times out. */
  #isHungUp = false;
  /** The other side shows itself: its picture lane is there in any case. */
  shows = false;
  /** By way of the server, where there is no other. @type {import("./voice-line.js").VoiceLine | null} */
  line = null;

  /**
   * @param {Who} who
   * @param {World} world
   */
  constructor(who, world) {
    this.who = who;
    this.world = world;
    this.connection = canConnect ? new RTCPeerConnection({ iceServers: world.ice, bundlePolicy: "max-bundle" }) : null;
    this.negotiation = this.connection && new Negotiation(this.connection, { isPolite: world.isPolite, say: world.say, onFirstOffer: () => this.#join(this.connection) });
    if (!this.connection) return;
    this.connection.ontrack = () => world.onChange();
    this.connection.onconnectionstatechange = () => this.#turn();
    if (world.calls) this.#call(this.connection);
  }

  /** @returns {Tracks} what is sent */
  get #tracks() {
    const { voice, picture } = this.world.tracks;
    return { voice, picture: this.lines > 0 ? picture : null };
  }

  /** Maximum height of pictures both ways; 0: only voices. */
  get lines() {
    return this.world.lines;
  }

  /** Set the maximum height of pictures both ways. @param {number} lines */
  limit(lines) {
    if (lines === this.lines) return;
    this.#ease(lines);
    this.tell({ lines });
  }

  /** @param {number} lines */
  #ease(lines) {
    this.world.lines = lines;
    this.replace(this.world.tracks);
    this.world.onChange();
  }

  /**
   * Made by the page that calls before it does, by the other one before it answers: a channel asks for a negotiation by itself.
   * @param {RTCPeerConnection} connection
   */
  #openChannel(connection) {
    const channel = connection.createDataChannel("words", { negotiated: true, id: 0 });
    channel.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    channel.onopen = () => this.tell({ picture: this.#tracks.picture !== null, ...(this.lines < FULL_LINES ? { lines: this.lines } : {}) });
    channel.onclose = () => { this.#isHungUp = true; this.world.onChange(); };
    this.#channel = channel;
  }

  /** @param {RTCPeerConnection} connection */
  #call(connection) {
    this.#openChannel(connection);
    const { voice, picture } = this.#tracks;
    this.#lanes = [
      connection.addTransceiver(voice ?? "audio", { direction: "sendrecv" }),
      connection.addTransceiver(picture ?? "video", { direction: "sendrecv", sendEncodings: [this.#encoding(picture)] }),
    ];
  }

  /** The other page has called: the own tracks go the same ways. @param {RTCPeerConnection | null} connection */
  #join(connection) {
    if (this.world.calls || !connection) return;
    this.#openChannel(connection);
    this.#lanes = connection.getTransceivers();
    for (const lane of this.#lanes) lane.direction = "sendrecv";
    this.#send();
  }

  /** @param {MediaStreamTrack | null} picture */
  #encoding(picture) {
    const lines = this.lines || FULL_LINES;
    return { maxBitrate: (BITS * lines) / FULL_LINES, maxFramerate: FRAMES, scaleResolutionDownBy: Math.max(1, (picture?.getSettings().height ?? lines) / lines) };
  }

  /** Send other tracks. @param {Tracks} tracks */
  replace(tracks) {
    this.world.tracks = tracks;
    this.#send();
    this.tell({ picture: this.#tracks.picture !== null });
  }

  #send() {
    const [sound, sight] = this.#lanes;
    const { voice, picture } = this.#tracks;
    sound?.sender.replaceTrack(voice).catch(() => undefined); // closed meanwhile
    sight?.sender.replaceTrack(picture).then(async () => {
      const settings = sight.sender.getParameters();
      if (!picture || settings.encodings.length === 0) return;
      Object.assign(settings.encodings[0], this.#encoding(picture));
      await sight.sender.setParameters(settings);
    }).catch(() => undefined);
  }

  /** @param {Word} word */
  tell(word) {
    if (this.line) this.line.tell(this.who.page, word);
    else if (this.#channel?.readyState === "open") this.#channel.send(JSON.stringify(word));
  }

  /** @param {Word} word */
  #hear(word) {
    if (word.picture !== undefined) {
      this.shows = word.picture;
      this.world.onChange();
    }
    if (word.lines !== undefined && word.lines !== this.lines) this.#ease(word.lines);
    this.world.onWord(word);
  }

  /** @returns {Tracks} what comes from there */
  get tracks() {
    if (this.line) return { voice: this.line.voiceOf(this.who.page), picture: null };
    const [voice, picture] = ["audio", "video"].map((kind) => this.connection?.getReceivers().find(({ track }) => track.kind === kind)?.track ?? null);
    return this.isConnected ? { voice, picture: this.shows ? picture : null } : { voice: null, picture: null };
  }

  /** @returns {boolean} directly, or by a relay */
  get isConnected() {
    return this.connection?.connectionState === "connected" && !this.#isHungUp;
  }

  /** @returns {boolean} the other page is not there any more, as far as is known */
  get isHungUp() {
    return this.#isHungUp;
  }

  /** @returns {boolean} by whatever way */
  get isReached() {
    return this.line ? this.line.voiceOf(this.who.page) !== null : this.isConnected;
  }

  #turn() {
    const connectionState = this.connection?.connectionState;
    clearTimeout(this.#timer);
    if (connectionState === "failed") this.#mend();
    else if (connectionState === "disconnected") this.#timer = setTimeout(() => this.#mend(), PATIENCE_MS);
    this.world.onChange();
  }

  #mend() {
    if (!this.#isClosed && this.world.calls) this.connection?.restartIce();
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.connection) this.connection.ontrack = this.connection.onconnectionstatechange = null;
    if (this.#channel) this.#channel.onmessage = this.#channel.onopen = this.#channel.onclose = null;
    this.negotiation?.close();
  }
}
