// Sends the desk's requests to the addresses of documents, and fetches the list of their pages.

import { pageToken } from "../../lib/page-token.js";
import { Shelf } from "../../lib/leafing.js";

/** @typedef {import("../../lib/socket.js").Refusal} Refusal */
/** @typedef {import("../../lib/socket.js").LessonEvent} LessonEvent */

export class DocumentsDoor {
  /** @type {Promise<Shelf> | null} */
  #coming = null;
  #isOld = false;

  /** @param {{documents?: string, shelf?: string, track?: string}} addresses */
  constructor(addresses) {
    this.addresses = addresses;
  }

  /**
   * @param {"POST" | "DELETE"} method
   * @param {string} path below the documents' address
   * @returns {Promise<void>} rejected with a Refusal, or null when the server is not reached
   */
  async ask(method, path) {
    let reply;
    try {
      reply = await fetch(`${this.addresses.documents}${path}`, { method, headers: { ...pageToken(), Accept: "application/json", "HX-Request": "true" } });
    } catch {
      throw null;
    }
    if (reply.ok) return;
    const { error = "", message = "", mend = "" } = await reply.json().catch(() => ({}));
    throw message ? { code: error, message, mend } : null;
  }

  /** The newest list; asked for once however many want it. @returns {Promise<Shelf>} */
  shelf() {
    this.#isOld = true;
    this.#coming ??= this.#fetchShelf().finally(() => { this.#coming = null; });
    return this.#coming;
  }

  async #fetchShelf() {
    /** @type {any} */
    let books = [];
    while (this.#isOld) {
      this.#isOld = false;
      const reply = await fetch(this.addresses.shelf ?? "");
      if (!reply.ok) throw null;
      books = await reply.json();
    }
    return new Shelf(books);
  }

  /** Everything that has led the stage so far. @returns {Promise<LessonEvent[]>} */
  async track() {
    /** @type {LessonEvent[]} */
    const events = [];
    for (let after = 0, more = true; more;) {
      const reply = await fetch(after ? `${this.addresses.track}?after=${after}` : this.addresses.track ?? "");
      if (!reply.ok) throw null;
      const part = await reply.json();
      events.push(...part.events);
      ({ last: after, more } = part);
    }
    return events;
  }
}
