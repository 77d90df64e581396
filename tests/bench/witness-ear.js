// Hears beeps where sound is made, and not when a busy page gets to it. An audio worklet's module; see witness.js.

registerProcessor("witness-ear", class extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    Object.assign(this, processorOptions); // loud, quietMs
    this.heardAt = -Infinity;
  }

  process([[samples]]) {
    const now = Date.now(); // the player's own clock goes by this moment: it takes sound for heard when it is fetched
    samples?.forEach((value, number) => {
      if (Math.abs(value) < this.loud) return;
      const at = now + (1000 * number) / sampleRate;
      if (at - this.heardAt > this.quietMs) this.port.postMessage(at);
      this.heardAt = at;
    });
    return true;
  }
});
