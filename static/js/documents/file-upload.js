// The upload of one file, and its row.

import { pageToken } from "../lib/page-token.js";
import { backoff, pause } from "../lib/backoff.js";
import { sizeText } from "../lib/size-text.js";

/** @typedef {typeof import("tus-js-client")} Tus */
/** @typedef {import("tus-js-client").DetailedError} TusError */
/** @typedef {{rules: DOMStringMap, words: DOMStringMap, onChange: (upload: FileUpload) => void}} Surroundings */

const TRIED_AGAIN = [409, 423, 429, 500, 502, 503, 504];

/**
 * Return the server's reason for refusing a file.
 * @param {Error | TusError} error
 * @returns {string | null} null if it did not answer, or another try may succeed soon
 */
export function refusalOf(error) {
  const reply = "originalResponse" in error ? error.originalResponse : null;
  if (!reply) return null;
  let told = { error: "", message: "", mend: "" };
  try {
    told = { ...told, ...JSON.parse(reply.getBody()) };
  } catch {
    // a proxy's page
  }
  if (told.error === "upload.offset" || (!told.error && TRIED_AGAIN.includes(reply.getStatus()))) return null;
  if (told.error === "crash" || told.error === "too_many") return null;
  return `${told.message} ${told.mend}`.trim();
}

export class FileUpload {
  /** @type {"waiting" | "going" | "refused" | "done" | "gone"} */
  state = "waiting";
  /** Id of its document on the server. */
  document = "";
  /** @type {import("tus-js-client").Upload | null} */
  #upload = null;
  #attempt = 0;
  /** Bytes that the server has confirmed. */
  #safe = 0;
  #resumed = false;
  #nap = new AbortController();

  /**
   * @param {File} file
   * @param {HTMLElement} row
   * @param {Surroundings} around
   */
  constructor(file, row, around) {
    this.file = file;
    this.row = row;
    this.around = around;
    this.#part("name").textContent = file.name;
    this.#part("cancel").ariaLabel = (around.words.cancel ?? "").replace("{name}", file.name);
    this.#part("cancel").addEventListener("click", () => this.#cancel());
    this.#say(around.words.waiting ?? "");
    this.#show(0);
  }

  get isUnderWay() {
    return this.state === "waiting" || this.state === "going";
  }

  /** @param {Tus} tus */
  async start(tus) {
    this.state = "going";
    const upload = new tus.Upload(this.file, {
      endpoint: this.around.rules.url,
      chunkSize: Number(this.around.rules.chunk),
      headers: { Accept: "application/json", ...pageToken() },
      metadata: { filename: this.file.name },
      retryDelays: null, // the row says that it waits, and `online` cuts the wait short
      removeFingerprintOnSuccess: true,
      onUploadUrlAvailable: () => { this.document = upload.url?.split("/").pop() ?? ""; this.around.onChange(this); },
      onProgress: (there, whole) => this.#progress(there, whole),
      onAfterResponse: (_request, reply) => this.#hear(reply.getHeader("Upload-Offset")),
      onSuccess: () => this.#finish(),
      onError: (error) => void this.#stumble(error),
    });
    this.#upload = upload;
    const [previous] = await upload.findPreviousUploads();
    if (previous) {
      this.#resumed = true;
      upload.resumeFromPreviousUpload(previous);
    }
    if (this.state === "going") upload.start();
  }

  /** Try again at once: the network is back. */
  hurry() {
    this.#nap.abort();
  }

  /** Stop, because the page is left. The upload can go on once the file is chosen again. */
  rest() {
    void this.#upload?.abort();
    this.#nap.abort();
    this.state = "gone";
  }

  /** @param {string} why */
  refuse(why) {
    this.state = "refused";
    this.#say("");
    this.#part("progress").hidden = true;
    const problem = this.#part("problem");
    problem.textContent = why;
    problem.hidden = false;
    this.#part("cancel").ariaLabel = (this.around.words.dismiss ?? "").replace("{name}", this.file.name);
  }

  /** @param {number} there @param {number} whole bytes */
  #progress(there, whole) {
    if (this.state !== "going") return;
    this.#show((100 * there) / Math.max(1, whole));
    this.#tell(this.#resumed ? "resumed" : "going", there);
    this.#resumed = false;
  }

  /** @param {string} [offset] */
  #hear(offset) {
    if (!offset) return;
    if (Number(offset) > this.#safe) this.#attempt = 0; // it moves, so the next wait is a short one again
    this.#safe = Number(offset);
  }

  /** @param {string} which of the words @param {number} there bytes */
  #tell(which, there) {
    const words = this.around.words[which] ?? "";
    this.#say(words.replace("{there}", sizeText(there)).replace("{whole}", sizeText(this.file.size)));
  }

  /** @param {Error | TusError} error */
  async #stumble(error) {
    if (this.state !== "going") return;
    const why = refusalOf(error);
    if (why !== null) {
      this.refuse(why || (this.around.words.lost ?? ""));
      this.around.onChange(this);
      return;
    }
    this.#tell("broken", this.#safe);
    this.#nap = new AbortController();
    await pause(backoff(this.#attempt, { first: 1000, most: 15_000 }), this.#nap.signal);
    this.#attempt += 1;
    if (this.state === "going") this.#upload?.start();
  }

  #finish() {
    this.state = "done";
    this.row.remove();
    this.around.onChange(this);
  }

  /** Cancel a running upload, or close the note about a refused one. */
  #cancel() {
    const wasGoing = this.state === "going";
    this.state = "gone";
    this.#nap.abort();
    this.row.remove();
    if (wasGoing) void this.#upload?.abort(true).catch(() => undefined); // the server forgets abandoned uploads
    this.around.onChange(this);
  }

  /** @param {number} percent */
  #show(percent) {
    /** @type {HTMLProgressElement} */ (this.#part("progress")).value = percent;
  }

  /** @param {string} words */
  #say(words) {
    this.#part("words").textContent = words;
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.row.querySelector(`[data-part="${name}"]`));
  }
}
