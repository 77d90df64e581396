// Media addresses are signed and expire. For an old address this returns the newest address of the same file.

/** @typedef {"live" | "full" | "preview"} Scope */
/** @typedef {{live: string, full: string, audio: string, full_audio: string, preview: string | null}} Addresses */

export class AddressBook {
  /** @type {Map<string, Scope>} folder of an address, old or new → its scope */
  #folders = new Map();
  /** @type {Promise<void> | null} */
  #asking = null;

  /**
   * @param {Addresses} addresses
   * @param {string} source answers with fresh addresses as JSON
   * @param {string} [base]
   */
  constructor(addresses, source, base = globalThis.location?.href) {
    this.source = source;
    this.base = base;
    this.addresses = addresses;
    this.#learn(addresses);
  }

  /**
   * @param {Scope} scope
   * @param {boolean} audioOnly
   * @returns {string}
   */
  playlist(scope, audioOnly) {
    const { live, full, audio, full_audio, preview } = this.addresses;
    if (scope === "preview") return this.#absolute(preview ?? live);
    if (scope === "full") return this.#absolute(audioOnly ? full_audio : full);
    return this.#absolute(audioOnly ? audio : live);
  }

  /** @param {string} url as found in a playlist, maybe hours ago. @returns {string} */
  fresh(url) {
    const [folder, file] = split(this.#absolute(url));
    const scope = this.#folders.get(folder);
    return scope ? split(this.playlist(scope, false))[0] + file : url;
  }

  /** Return the name of a file, without the signature. @param {string} url @returns {string} */
  name(url) {
    const [folder, file] = split(this.#absolute(url));
    return `${this.#folders.get(folder) ?? folder}/${file}`;
  }

  /** Ask for fresh addresses. Many callers share one question. @returns {Promise<void>} */
  renew() {
    this.#asking ??= this.#ask().finally(() => { this.#asking = null; });
    return this.#asking;
  }

  async #ask() {
    const response = await fetch(this.source, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!response.ok) return;
    this.addresses = await response.json();
    this.#learn(this.addresses);
  }

  /** @param {Addresses} addresses */
  #learn({ live, full, preview }) {
    this.#folders.set(split(this.#absolute(live))[0], "live");
    this.#folders.set(split(this.#absolute(full))[0], "full");
    if (preview) this.#folders.set(split(this.#absolute(preview))[0], "preview");
  }

  /** @param {string} url */
  #absolute(url) {
    return new URL(url, this.base).href;
  }
}

/** @param {string} url @returns {[string, string]} folder with its slash, file */
function split(url) {
  const cut = url.lastIndexOf("/") + 1;
  return [url.slice(0, cut), url.slice(cut)];
}
