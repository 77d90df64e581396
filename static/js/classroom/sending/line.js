// Measures rate and round trip of the line to media_worker by sending to it, as a lesson does.

const BLOCK_BYTES = 128 * 1024;
const MEASURE_MS = 3000;
const ON_ITS_WAY = 4; // blocks at once: a long way must not look like a thin line
const LOOKS = 4;
const GIVE_UP_MS = 8000;

/**
 * @param {string} url of the app, which names the place and gives the right to measure
 * @param {string} token of the page
 * @returns {Promise<{kbps: number, ms: number}>} rejected with the address that was not reached
 */
export async function measureLine(url, token) {
  const reply = await fetch(url, { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token } });
  const { address } = await reply.json();
  const socket = new WebSocket(address);
  try {
    return await measure(socket);
  } catch {
    throw new Error(new URL(address).host);
  } finally {
    socket.close();
  }
}

/** @param {WebSocket} socket */
async function measure(socket) {
  const noise = new Uint8Array(BLOCK_BYTES);
  for (let start = 0; start < BLOCK_BYTES; start += 65_536) crypto.getRandomValues(noise.subarray(start, start + 65_536)); // nothing on the way shrinks it
  /** @type {(() => void)[]} */
  const waiting = [];
  socket.onmessage = () => waiting.shift()?.();
  const said = (/** @type {Uint8Array<ArrayBuffer>} */ data) => new Promise((resolve) => { waiting.push(() => resolve(undefined)); socket.send(data); });
  const lost = new Promise((_resolve, reject) => {
    socket.onclose = socket.onerror = () => reject(new Error("closed"));
    setTimeout(() => reject(new Error("silent")), GIVE_UP_MS);
  });
  const work = async () => {
    await new Promise((resolve) => { socket.onopen = resolve; });
    let ms = Infinity;
    for (let look = 0; look < LOOKS; look += 1) {
      const start = performance.now();
      await said(new Uint8Array(1));
      ms = Math.min(ms, performance.now() - start);
    }
    const start = performance.now();
    let bytes = 0;
    const lane = async () => {
      while (performance.now() - start < MEASURE_MS) {
        await said(noise);
        bytes += BLOCK_BYTES;
      }
    };
    await Promise.all(Array.from({ length: ON_ITS_WAY }, lane));
    return { kbps: (bytes * 8) / (performance.now() - start), ms };
  };
  return /** @type {Promise<{kbps: number, ms: number}>} */ (Promise.race([work(), lost]));
}
