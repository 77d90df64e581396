// Playlists that only grow: after the first time, only the new tail travels. A lesson of four hours has a playlist of a
// megabyte, of which some hundred bytes are fetched.

const OVERLAP = 64; // bytes fetched again, to notice a rewritten file

/** @typedef {{text: string, bytes: Uint8Array<ArrayBuffer>, at: number}} Known */

export class HttpError extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

export class TailStore {
  /** @type {Map<string, Known>} */
  #known = new Map();

  /**
   * @param {object} [options]
   * @param {typeof fetch} [options.fetch]
   * @param {() => number} [options.now] ms
   * @param {number} [options.restMs] a copy younger than this is returned without a request
   * @param {boolean} [options.grows] false for playlists that drop their beginning: they are read whole
   */
  constructor({ fetch = globalThis.fetch.bind(globalThis), now = Date.now, restMs = 0, grows = true } = {}) {
    this.grows = grows;
    this.fetch = fetch;
    this.now = now;
    this.restMs = restMs;
  }

  /**
   * @param {string} name name of the file, which stays while addresses expire
   * @param {string} url
   * @param {AbortSignal} [signal]
   * @returns {Promise<string>}
   */
  async read(name, url, signal) {
    const known = this.#known.get(name);
    if (known && this.now() - known.at < this.restMs) return known.text;
    const grown = known && this.grows ? await this.#tail(known, url, signal) : null;
    const bytes = grown ?? (await this.#whole(url, signal));
    const text = new TextDecoder().decode(bytes);
    this.#known.set(name, { text, bytes, at: this.now() });
    return text;
  }

  /**
   * @param {Known} known
   * @param {string} url
   * @param {AbortSignal} [signal]
   * @returns {Promise<Uint8Array<ArrayBuffer> | null>} null if the file is another one by now
   */
  async #tail(known, url, signal) {
    const from = Math.max(0, known.bytes.length - OVERLAP);
    const response = await this.fetch(url, { headers: { Range: `bytes=${from}-` }, signal, cache: "no-store" });
    if (response.status === 200) return new Uint8Array(await response.arrayBuffer());
    if (response.status === 416) return null;
    if (response.status !== 206) throw new HttpError(response.status);
    const tail = new Uint8Array(await response.arrayBuffer());
    const overlap = known.bytes.length - from;
    for (let i = 0; i < overlap; i += 1) if (tail[i] !== known.bytes[from + i]) return null;
    const grown = new Uint8Array(from + tail.length);
    grown.set(known.bytes.subarray(0, from));
    grown.set(tail, from);
    return grown;
  }

  /**
   * @param {string} url
   * @param {AbortSignal} [signal]
   */
  async #whole(url, signal) {
    const response = await this.fetch(url, { signal, cache: "no-store" });
    if (!response.ok || response.status === 204) throw new HttpError(response.status);
    return new Uint8Array(await response.arrayBuffer());
  }
}
