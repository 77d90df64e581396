// The connection to one other page on the stage: sound and picture both ways, and a channel for messages between the two.

import { Negotiation } from "../../lib/negotiation.js";
import { FULL_LINES } from "../../lib/stage-ease.js";

/**
 * @typedef {{page: string, key: string, name: string, host: boolean, number: number}} Who a page on the stage. key: of the person; host: it is
 *   the studio; number: larger for a page that came later
 * @typedef {{voice: MediaStreamTrack | null, picture: MediaStreamTrack | null}} Tracks
 */

/**
 * @typedef {object} Word message between two pages; a missing field leaves its fact as it was
 * @property {boolean} [picture] she shows herself
 * @property {number} [lines] maximum height of pictures both ways
 * @property {number} [level] how loud she was at her microphone since the last message, 0 to 1
 * @property {{why: import("../../lib/stage-lamp.js").Why, isRecorded: boolean}} [lamp] whether she is in what the studio sends
 * @property {boolean} [mixes] from media_worker: it mixes voices into the lesson's sound
 * @property {boolean} [here] from media_worker: this worker has the lesson's encoder
 */

/**
 * @typedef {object} World
 * @property {boolean} calls this page begins the call; otherwise it answers
 * @property {boolean} isPolite it gives way when both pages offer at once (perfect negotiation, W3C WebRTC)
 * @property {RTCIceServer[]} ice
 * @property {Tracks} tracks of this page
 * @property {number} lines maximum height of pictures both ways; 0 means voices alone
 * @property {(said: import("../../lib/negotiation.js").Said) => void} say sends an offer, an answer or a candidate to the other page
 * @property {(word: Word) => void} onWord
 * @property {() => void} onChange a track came, or the connection is in another state
 */

const BITS = 600_000; // a second, of a picture of full height; a smaller one gets its share
const FRAMES = 20; // a second
export const canConnect = "RTCPeerConnection" in globalThis; // some institutes switch WebRTC off
const PATIENCE_MS = 2000; // without a line, before a new way is looked for: most lines come back by themselves

export class Peer {
  /** @type {RTCRtpTransceiver[]} sound, picture */
  #lanes = [];
  /** @type {RTCDataChannel | null} */
  #channel = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isClosed = false;
  /** The other page was closed, or has closed the connection. The channel tells it long before the connection times out. */
  #isHungUp = false;
  /** The other side shows itself. Its picture lane is there in any case. */
  shows = false;
  /** The way by the server. `null` means that voices go directly. @type {import("./voice-line.js").VoiceLine | null} */
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

  /** Tracks that this page sends at the present height. @returns {Tracks} */
  get #tracks() {
    const { voice, picture } = this.world.tracks;
    return { voice, picture: this.lines > 0 ? picture : null };
  }

  /** Maximum height of pictures both ways; 0 means voices alone. */
  get lines() {
    return this.world.lines;
  }

  /** Set the maximum height of pictures both ways. @param {number} lines */
  limit(lines) {
    if (lines === this.lines) return;
    this.#ease(lines);
    this.tell({ lines });
  }

  /** Use this height without telling the other page. @param {number} lines */
  #ease(lines) {
    this.world.lines = lines;
    this.replace(this.world.tracks);
    this.world.onChange();
  }

  /**
   * Open the channel for messages. The caller does so before it offers, the other page before it answers: a channel that is opened
   * later would make the browser negotiate once more.
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

  /** Answer a call: this page's tracks use the lanes that the caller made. @param {RTCPeerConnection | null} connection */
  #join(connection) {
    if (this.world.calls || !connection) return;
    this.#openChannel(connection);
    this.#lanes = connection.getTransceivers();
    for (const lane of this.#lanes) lane.direction = "sendrecv";
    this.#send();
  }

  /** Return the settings of the picture's encoder. @param {MediaStreamTrack | null} picture */
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

  /** Send a message, if there is a way at this moment. @param {Word} word */
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

  /** Tracks that come from the other page. @returns {Tracks} */
  get tracks() {
    if (this.line) return { voice: this.line.voiceOf(this.who.page), picture: null };
    const [voice, picture] = ["audio", "video"].map((kind) => this.connection?.getReceivers().find(({ track }) => track.kind === kind)?.track ?? null);
    return this.isConnected ? { voice, picture: this.shows ? picture : null } : { voice: null, picture: null };
  }

  /** Whether the two pages are connected, directly or by a relay. The way by the server does not count. */
  get isConnected() {
    return this.connection?.connectionState === "connected" && !this.#isHungUp;
  }

  /** Whether the other page has closed the connection, or was closed. */
  get isHungUp() {
    return this.#isHungUp;
  }

  /** Whether voices arrive, by whatever way. */
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
