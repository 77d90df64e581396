// The stage's host while an encoder sends the lesson: the speakers hear the presenter's microphone, and the server mixes their voices into
// the encoder's sound. It has the parts of `Sending` that the host needs.

import { Mixer } from "../sending/mixer.js";
import { Sources } from "../sending/sources.js";
import { VoiceLine } from "./voice-line.js";

const PROGRAMME = "programme"; // whom the server calls itself by on this line
const GOOD_MS = 2000; // the server says it twice a second

export class BesideEncoder extends EventTarget {
  sources = new Sources();
  mixer = new Mixer();
  figures = { rung: 0 };
  /** The microphone does not open: speakers are heard, and do not hear the presenter here. */
  isDeaf = false;
  /** @type {string[]} */
  #pages = [];
  /** @type {VoiceLine | null} */
  #line = null;
  #mixesAt = -Infinity;
  /** Another worker has the encoder, and the voices never come to it. */
  isApart = false;

  /** @param {import("./mesh.js").World["line"]} line the way of their voices, and its worklets */
  constructor(line) {
    super();
    this.line = line;
    this.sources.addEventListener("change", () => this.#plug());
  }

  /** Take the voices of those who speak into the lesson: this page is on the stage. */
  begin() {
    this.#line ??= new VoiceLine({
      ...this.line,
      onPiece: () => undefined, onChange: () => undefined,
      onWord: (_page, { mixes, here = true }) => {
        if (mixes) this.#mixesAt = performance.now();
        this.isApart = !here;
      },
    }, this.mixer.guestsTrack);
    this.#line.name([PROGRAMME]);
    this.open();
  }

  /** Open the microphone: by the press that asks for it, and by itself when somebody else is called later. */
  async open() {
    this.mixer.wake();
    if (this.sources.microphone) return;
    try {
      await this.sources.openMicrophone();
      this.isDeaf = false;
    } catch {
      this.isDeaf = true;
    }
  }

  /** Nobody speaks: no lamp burns beside a microphone. */
  rest() {
    this.#line?.close();
    this.#line = null;
    this.#mixesAt = -Infinity;
    this.isApart = false;
    this.sources.closeAll();
  }

  #plug() {
    this.mixer.connect(this.sources.microphone, null);
    this.dispatchEvent(new Event("change"));
  }

  /** @returns {import("../sending/engine.js").SendingState} as the server says: the encoder may be gone */
  get state() {
    return performance.now() - this.#mixesAt < GOOD_MS ? "sending" : "connecting";
  }

  /** @param {import("../sending/sending.js").Guest[]} guests */
  seat(guests) {
    for (const page of this.#pages) if (!guests.some((one) => one.page === page)) this.mixer.seat(page, null);
    this.#pages = guests.map(({ page }) => page);
    for (const { page, voice, isMuted } of guests) {
      this.mixer.seat(page, voice);
      this.mixer.silence(page, isMuted);
    }
  }

  close() {
    this.rest();
    return this.mixer.close();
  }
}
