// Negotiates a connection between two pages, even if both make an offer at the same moment: "perfect negotiation" (WebRTC 1.0, 10.7).
// No DOM in here: the caller hands over the connection.

/**
 * @typedef {{sdp?: RTCSessionDescriptionInit | RTCSessionDescription | null, candidates?: (RTCIceCandidateInit | RTCIceCandidate)[]}} Said
 * @typedef {object} World
 * @property {boolean} isPolite gives way when both have offered at once
 * @property {(said: Said) => void} say brings it to the other page, in order
 * @property {() => void} onFirstOffer called before the first answer: the own tracks join those of the other page
 */

const GATHER_MS = 100; // candidates come in bursts, and a page may not say something for each

export class Negotiation {
  #isMaking = false;
  #ignores = false;
  #hasAnswered = false;
  #isClosed = false;
  /** @type {RTCIceCandidate[]} */
  #candidates = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** One thing after the other: a candidate must not overtake the description that it belongs to. */
  #chain = Promise.resolve();

  /**
   * @param {RTCPeerConnection} connection
   * @param {World} world
   */
  constructor(connection, world) {
    this.connection = connection;
    this.world = world;
    connection.onnegotiationneeded = () => { this.#offer(); };
    connection.onicecandidate = ({ candidate }) => { if (candidate) this.#gather(candidate); };
  }

  async #offer() {
    if (this.#isClosed) return;
    try {
      this.#isMaking = true;
      await this.connection.setLocalDescription();
      if (!this.#isClosed) this.world.say({ sdp: this.connection.localDescription });
    } catch (error) {
      if (!this.#isClosed) throw error;
    } finally {
      this.#isMaking = false;
    }
  }

  /**
   * Handle a message of the other page.
   * @param {Said} said
   * @returns {Promise<void>} rejected where it makes no sense
   */
  take(said) {
    this.#chain = this.#chain.catch(() => undefined).then(() => this.#take(said));
    return this.#chain;
  }

  /** @param {Said} said */
  async #take({ sdp, candidates = [] }) {
    const { connection, world } = this;
    if (this.#isClosed) return;
    if (sdp) {
      const clashes = sdp.type === "offer" && (this.#isMaking || connection.signalingState !== "stable");
      this.#ignores = !world.isPolite && clashes;
      if (this.#ignores) return;
      await connection.setRemoteDescription(sdp);
      if (sdp.type === "offer" && !this.#isClosed) await this.#answer();
    }
    for (const candidate of candidates) {
      try {
        await connection.addIceCandidate(candidate);
      } catch (error) {
        if (!this.#ignores && !this.#isClosed) throw error;
      }
    }
  }

  async #answer() {
    const { connection, world } = this;
    if (!this.#hasAnswered) world.onFirstOffer();
    this.#hasAnswered = true;
    await connection.setLocalDescription();
    if (!this.#isClosed) world.say({ sdp: connection.localDescription });
  }

  /** @param {RTCIceCandidate} candidate */
  #gather(candidate) {
    if (this.#candidates.push(candidate) > 1) return;
    this.#timer = setTimeout(() => this.world.say({ candidates: this.#candidates.splice(0) }), GATHER_MS);
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.connection.onnegotiationneeded = this.connection.onicecandidate = null;
    this.connection.close();
  }
}
