// Sound in one byte a sample: the continuous µ-law curve (ITU-T G.711 approximates it), sign in the highest bit. 38 dB of signal over noise,
// at any loudness, is enough for a voice.

const MU = 255;
const STEPS = 127;

/** @param {number} value -1 to 1 @returns {number} 0 to 255 */
export function encode(value) {
  const size = Math.log1p(MU * Math.min(1, Math.abs(value))) / Math.log1p(MU);
  return (value < 0 ? 0x80 : 0) | Math.round(size * STEPS);
}

/** Sample of each byte. */
export const decoded = Float32Array.from({ length: 256 }, (_, byte) => {
  const size = ((MU + 1) ** ((byte & 0x7f) / STEPS) - 1) / MU;
  return byte & 0x80 ? -size : size;
});
