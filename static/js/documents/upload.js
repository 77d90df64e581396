// <document-upload>: sends dropped or chosen files, one or two at a time. They go on by themselves after a break, and
// after a reload once the same file is chosen again (tus 1.0.0). Each has a row with its progress, or the reason of its
// refusal. A whole file moves to the list of documents.

import { FileUpload } from "./file-upload.js";

/** @typedef {typeof import("tus-js-client")} Tus */

const AT_ONCE = 2;

class DocumentUpload extends HTMLElement {
  #leave = new AbortController();
  /** @type {FileUpload[]} */
  #uploads = [];
  /** @type {Promise<Tus> | null} */
  #library = null;
  #depth = 0;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.#files.addEventListener("change", () => this.#choose(), { signal });
    const drop = this.#part("drop");
    drop.addEventListener("dragenter", (event) => this.#over(event, 1), { signal });
    drop.addEventListener("dragleave", (event) => this.#over(event, -1), { signal });
    drop.addEventListener("dragover", (event) => this.#over(event, 0), { signal });
    drop.addEventListener("drop", (event) => this.#drop(event), { signal });
    window.addEventListener("beforeunload", (event) => { if (this.isBusy) event.preventDefault(); }, { signal });
    window.addEventListener("online", () => this.#uploads.forEach((one) => one.hurry()), { signal });
    document.addEventListener("htmx:afterSettle", () => this.#hideTwins(), { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
    for (const one of this.#uploads) one.rest();
  }

  get isBusy() {
    return this.#uploads.some((one) => one.isUnderWay);
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));
  }

  get #files() {
    return /** @type {HTMLInputElement} */ (this.#part("files"));
  }

  #choose() {
    this.add([...(this.#files.files ?? [])]);
    this.#files.value = "";
  }

  /** @param {DragEvent} event @param {number} change of the pointer's depth within the zone */
  #over(event, change) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#depth = Math.max(0, this.#depth + change);
    this.#part("drop").toggleAttribute("data-over", this.#depth > 0);
  }

  /** @param {DragEvent} event */
  #drop(event) {
    event.preventDefault();
    this.#depth = 0;
    this.#part("drop").removeAttribute("data-over");
    this.add([...(event.dataTransfer?.files ?? [])]);
  }

  /** @param {File[]} files */
  async add(files) {
    const template = /** @type {HTMLTemplateElement} */ (this.#part("row"));
    const added = files.map((file) => {
      const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
      this.#part("queue").append(row);
      return new FileUpload(file, row, { rules: this.dataset, words: this.#part("texts").dataset, onChange: (one) => this.#next(one) });
    });
    this.#uploads.push(...added);
    try {
      await (this.#library ??= this.#load());
    } catch {
      this.#library = null; // the next call loads it again
      for (const one of added) one.refuse(this.#part("texts").dataset.lost ?? "");
    }
    this.#next();
  }

  /** @returns {Promise<Tus>} */
  async #load() {
    await import(/** @type {string} */ (this.dataset.library));
    return /** @type {any} */ (window).tus;
  }

  /** @param {FileUpload} [changed] */
  async #next(changed) {
    if (changed?.state === "done") this.#arrive(changed);
    this.#uploads = this.#uploads.filter((one) => one.state !== "done" && one.state !== "gone");
    this.#hideTwins();
    if (!this.#library) return;
    const tus = await this.#library;
    const going = this.#uploads.filter((one) => one.state === "going").length;
    const waiting = this.#uploads.filter((one) => one.state === "waiting");
    for (const one of waiting.slice(0, Math.max(0, AT_ONCE - going))) one.start(tus);
  }

  /** Remove the row of a whole file, which the server's list shows from now on. @param {FileUpload} upload */
  #arrive(upload) {
    this.dispatchEvent(new CustomEvent("document:arrived", { bubbles: true, detail: { document: upload.document } }));
  }

  /** A document that arrives through this page has its row here, and none in the list meanwhile. */
  #hideTwins() {
    for (const twin of document.querySelectorAll(".document--uploading")) {
      twin.toggleAttribute("hidden", this.#uploads.some((one) => one.state === "going" && twin.id === `document-${one.document}`));
    }
  }
}

customElements.define("document-upload", DocumentUpload);
