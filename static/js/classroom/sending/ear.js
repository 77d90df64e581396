// Hears what the mixer gives, on the thread of the sound card: a page that is busy does not hold it up. Pieces of 20 ms go
// straight to where they are encoded.

const PIECE = 960; // samples: 20 ms, one packet of Opus

const scope = /** @type {any} */ (globalThis); // AudioWorkletGlobalScope

class Ear extends scope.AudioWorkletProcessor {
  /** @type {MessagePort | null} */
  #out = null;
  #pieces = [new Float32Array(PIECE), new Float32Array(PIECE)];
  #filled = 0;

  constructor() {
    super();
    this.port.onmessage = (/** @type {MessageEvent} */ { data }) => { this.#out = data; };
  }

  /** @param {Float32Array[][]} inputs */
  process([input]) {
    const frames = input[0]?.length ?? 128; // nothing is plugged in: silence
    for (let from = 0; from < frames;) {
      const count = Math.min(frames - from, PIECE - this.#filled);
      this.#pieces.forEach((piece, channel) => {
        const samples = input[channel] ?? input[0];
        if (samples) piece.set(samples.subarray(from, from + count), this.#filled);
      });
      this.#filled += count;
      from += count;
      if (this.#filled === PIECE) this.#hand((scope.currentFrame + from) / scope.sampleRate);
    }
    return true;
  }

  /** @param {number} endsAt seconds on the clock of the sound card */
  #hand(endsAt) {
    const pieces = this.#pieces;
    this.#pieces = pieces.map(() => new Float32Array(PIECE));
    this.#filled = 0;
    this.#out?.postMessage({ counted: endsAt * 1000, pieces }, pieces.map((one) => one.buffer));
  }
}

scope.registerProcessor("ear", Ear);
