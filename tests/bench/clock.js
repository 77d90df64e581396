// Reads the clock in the picture while it plays. Installed by the bench as window.bench.
(() => {
  if (window.bench) return;
  const { BITS, BOX, TICK_MS, EPOCH_MS } = /*SETTINGS*/ {};
  const canvas = document.createElement("canvas");
  canvas.width = BITS;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let watched = null;
  let last = null;
  const bench = { delays: [], gaps: [], frames: [], waits: 0, reset() { this.delays = []; this.gaps = []; this.waits = 0; last = null; } };
  window.bench = bench;

  function onFrame(_now, { mediaTime, presentedFrames }) {
    const now = Date.now();
    if (last !== null && now - last > 400) bench.gaps.push(now - last);
    last = now;
    if (bench.frames.length < 3000) bench.frames.push([now, mediaTime]);
    if (presentedFrames % 5 === 0) bench.delays.push(now - EPOCH_MS - clock());
    watched.requestVideoFrameCallback(onFrame);
  }

  function clock() {
    context.imageSmoothingEnabled = false;
    context.drawImage(watched, 0, BOX / 2 - 1, BITS * BOX, 2, 0, 0, BITS, 1);
    const { data } = context.getImageData(0, 0, BITS, 1);
    let value = 0;
    for (let bit = 0; bit < BITS; bit += 1) if (data[4 * bit] > 127) value += 2 ** bit;
    return value * TICK_MS;
  }

  function look() {
    const video = document.querySelector("video");
    if (!video || video === watched) return;
    watched = video;
    video.addEventListener("waiting", () => { bench.waits += 1; });
    video.requestVideoFrameCallback(onFrame);
  }

  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  look();
})();
