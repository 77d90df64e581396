// What a person would see and hear, read from inside the page. Installed by the tests as window.eyes.
(() => {
  if (window.eyes) return;
  const BITS = 22, BOX = 26, TICK_MS = 20, WIDTH = 640;
  const NOISE = 12; // of 255: what encoding does to a picture that stands still
  const video = () => document.querySelector("lesson-player video");
  const canvas = document.createElement("canvas");
  const frames = { count: 0, firstAt: null, lastAt: null, stoodStill: 0 };
  const states = [];
  let watched = null;
  let seen = null;

  function onFrame() {
    const now = Date.now();
    frames.count += 1;
    frames.stoodStill = Math.max(frames.stoodStill, now - (frames.lastAt ?? now));
    frames.lastAt = now;
    frames.firstAt ??= frames.lastAt;
    watched?.requestVideoFrameCallback(onFrame);
  }

  function look() {
    const now = video();
    if (now && now !== watched) {
      watched = now;
      if (now.requestVideoFrameCallback) now.requestVideoFrameCallback(onFrame);
    }
    const text = document.querySelector("#live-state .pill")?.textContent.trim() ?? null;
    if (text && states.at(-1)?.text !== text) states.push({ text, at: Date.now() });
  }

  function glance() {
    [canvas.width, canvas.height] = [32, 18];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(video(), 0, 0, 32, 18);
    return [...context.getImageData(0, 0, 32, 18).data];
  }

  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  look();

  window.eyes = {
    frames,
    states,
    // ms since the tests' epoch at which the picture was taken that is shown now; null without a picture
    clock() {
      const one = video();
      if (!one || one.readyState < 2 || !one.videoWidth) return null;
      const scale = one.videoWidth / WIDTH;
      // in one stroke: between two the video may have gone on, and the bits would be of two pictures
      canvas.width = BITS * BOX;
      canvas.height = 2;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      const { width, height } = canvas;
      context.drawImage(one, 0, 0.4 * BOX * scale, width * scale, height * scale, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, 1);
      let value = 0;
      for (let bit = 0; bit < BITS; bit += 1) if (data[4 * Math.round((bit + 0.5) * BOX)] > 127) value += 2 ** bit;
      return value * TICK_MS;
    },
    // colour (red, green, blue) of a little place in the picture, given in shares of its width and height; null without a picture
    colour(x, y) {
      const one = video();
      if (!one || one.readyState < 2 || !one.videoWidth) return null;
      const spot = canvas.getContext("2d", { willReadFrequently: true });
      [canvas.width, canvas.height] = [1, 1];
      spot.drawImage(one, x * one.videoWidth - 4, y * one.videoHeight - 4, 8, 8, 0, 0, 1, 1);
      return [...spot.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    },
    // for how long (s) each picture that was looked at by this has been the same
    still() {
      const now = glance();
      if (!seen || now.some((value, at) => Math.abs(value - seen.picture[at]) > NOISE)) seen = { picture: now, at: Date.now() };
      return (Date.now() - seen.at) / 1000;
    },
    // how many pictures were shown, by whatever the browser can count
    pictures() {
      const one = video();
      return Math.max(frames.count, one?.getVideoPlaybackQuality?.().totalVideoFrames ?? 0);
    },
    position: () => video()?.currentTime ?? null,
    length: () => video()?.duration ?? null,
    pill: () => document.querySelector("#live-state .pill")?.textContent.trim() ?? null,
    curtain: () => document.querySelector("#live-state .curtain")?.innerText ?? "",
    heard() {
      const one = video();
      return {
        muted: one.muted,
        volume: one.volume,
        decoded: window.chrome ? one.webkitAudioDecodedByteCount : null, // only Chromium counts
        tracks: one.mozHasAudio ?? one.audioTracks?.length ?? 0,
      };
    },
    text: (selector) => document.querySelector(selector)?.innerText ?? "",
    click(selector) {
      const one = document.querySelector(selector);
      one.click();
    },
    // the seek bar, as a hand would move it
    seek(value) {
      const bar = document.querySelector('[data-part="seek"]');
      bar.value = String(value);
      bar.dispatchEvent(new Event("input", { bubbles: true }));
      bar.dispatchEvent(new Event("change", { bubbles: true }));
    },
  };
})();
