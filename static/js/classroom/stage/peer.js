// The connection to one other page on the stage: sound and picture both ways, and a channel for what the two say to each other.

import { Negotiation } from "../../lib/negotiation.js";

/**
 * @typedef {{page: string, key: string, name: string, host: boolean, number: number}} Who
 * @typedef {{voice: MediaStreamTrack | null, picture: MediaStreamTrack | null}} Tracks
 * @typedef {{picture?: boolean, muted?: boolean, level?: number, lamp?: {why: import("../../lib/stage-lamp.js").Why, isRecorded: boolean}}} Word
 * @typedef {object} World
 * @property {boolean} calls this page begins
 * @property {boolean} isPolite
 * @property {RTCIceServer[]} ice
 * @property {Tracks} tracks
 * @property {(said: import("../../lib/negotiation.js").Said) => void} say
 * @property {(word: Word) => void} onWord
 * @property {() => void} onChange a track came, or the connection is in another state
 */

const LINES = 360; // of a speaker's picture: four of them share one screen
const BITS = 600_000;
const FRAMES = 20;
const PATIENCE_MS = 2000; // a line that broke comes back by itself most of the time

export class Peer {
  /** @type {RTCRtpTransceiver[]} sound, picture */
  #lanes = [];
  /** @type {RTCDataChannel | null} */
  #channel = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isClosed = false;
  /** The other side shows itself: its picture lane is there in any case. */
  shows = false;

  /**
   * @param {Who} who
   * @param {World} world
   */
  constructor(who, world) {
    this.who = who;
    this.world = world;
    this.connection = new RTCPeerConnection({ iceServers: world.ice, bundlePolicy: "max-bundle" });
    this.negotiation = new Negotiation(this.connection, { isPolite: world.isPolite, say: world.say, onFirstOffer: () => this.#join() });
    this.connection.ontrack = () => world.onChange();
    this.connection.onconnectionstatechange = () => this.#turn();
    if (world.calls) this.#call();
  }

  get #tracks() {
    return this.world.tracks;
  }

  /** Made by the page that calls before it does, by the other one before it answers: a channel asks for a negotiation by itself. */
  #openChannel() {
    const channel = this.connection.createDataChannel("words", { negotiated: true, id: 0 });
    channel.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    channel.onopen = () => this.tell({ picture: this.#tracks.picture !== null });
    this.#channel = channel;
  }

  #call() {
    this.#openChannel();
    const { voice, picture } = this.#tracks;
    this.#lanes = [
      this.connection.addTransceiver(voice ?? "audio", { direction: "sendrecv" }),
      this.connection.addTransceiver(picture ?? "video", { direction: "sendrecv", sendEncodings: [this.#encoding(picture)] }),
    ];
  }

  /** The other page has called: the own tracks go the same ways. */
  #join() {
    if (this.world.calls) return;
    this.#openChannel();
    this.#lanes = this.connection.getTransceivers();
    for (const lane of this.#lanes) lane.direction = "sendrecv";
    this.#send();
  }

  /** @param {MediaStreamTrack | null} picture */
  #encoding(picture) {
    return { maxBitrate: BITS, maxFramerate: FRAMES, scaleResolutionDownBy: Math.max(1, (picture?.getSettings().height ?? LINES) / LINES) };
  }

  /** Other tracks than until now. @param {Tracks} tracks */
  replace(tracks) {
    this.world.tracks = tracks;
    this.#send();
    this.tell({ picture: tracks.picture !== null });
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
    if (this.#channel?.readyState === "open") this.#channel.send(JSON.stringify(word));
  }

  /** @param {Word} word */
  #hear(word) {
    if (word.picture !== undefined) {
      this.shows = word.picture;
      this.world.onChange();
    }
    this.world.onWord(word);
  }

  /** @returns {Tracks} what comes from there */
  get tracks() {
    const [voice, picture] = ["audio", "video"].map((kind) => this.connection.getReceivers().find(({ track }) => track.kind === kind)?.track ?? null);
    return this.isConnected ? { voice, picture: this.shows ? picture : null } : { voice: null, picture: null };
  }

  get isConnected() {
    return this.connection.connectionState === "connected";
  }

  #turn() {
    const { connectionState } = this.connection;
    clearTimeout(this.#timer);
    if (connectionState === "failed") this.#mend();
    else if (connectionState === "disconnected") this.#timer = setTimeout(() => this.#mend(), PATIENCE_MS);
    this.world.onChange();
  }

  #mend() {
    if (!this.#isClosed && this.world.calls) this.connection.restartIce();
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.connection.ontrack = this.connection.onconnectionstatechange = null;
    if (this.#channel) this.#channel.onmessage = this.#channel.onopen = null;
    this.negotiation.close();
  }
}
