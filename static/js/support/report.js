// On every page: its last errors, and what it knows of picture and sound at the moment when somebody reports a problem.
// It stays in this browser until the person sends it, see ticket-form.js.

import { remember } from "../lib/memory.js";

export const REPORT = "report";
export const FRESH_MS = 30 * 60_000; // a report about what the page knew longer ago says nothing
const MOST_ERRORS = 20;

/** @type {string[]} */
const errors = [];

/** @param {string} words */
function note(words) {
  errors.push(`${new Date().toISOString()} ${words}`.slice(0, 400));
  if (errors.length > MOST_ERRORS) errors.shift();
}

window.addEventListener("error", (event) => note(`error: ${event.message} ${event.filename}:${event.lineno}`));
window.addEventListener("unhandledrejection", (event) => note(`error: ${event.reason}`));

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a[data-reports]");
  if (link) remember(REPORT, { path: location.pathname + location.search, at: Date.now(), lines: [...pageFacts(), ...errors] });
}, { capture: true });

/** @returns {string[]} what the page shows of a lesson, in lines */
function pageFacts() {
  const room = /** @type {HTMLElement | null} */ (document.querySelector("[data-socket]"));
  const videos = [...document.querySelectorAll("video")];
  const said = [...document.querySelectorAll("[data-part^=vital], [data-part=wait-text], [data-part=refusal], .health, .refusal")];
  return [
    `page: ${location.pathname}, loaded ${Math.round(performance.now() / 1000)} s ago, ${document.visibilityState}`,
    ...(room ? [`lesson: ${room.dataset.state}`] : []),
    ...videos.map((video) => {
      const { readyState, networkState, paused, muted, currentTime, videoWidth, videoHeight, error, buffered } = video;
      const ahead = buffered.length ? buffered.end(buffered.length - 1) - currentTime : 0;
      const lost = video.getVideoPlaybackQuality?.().droppedVideoFrames ?? 0;
      return `video: ready ${readyState}, network ${networkState}, paused ${paused}, muted ${muted}, ${videoWidth}×${videoHeight}, at ${currentTime.toFixed(1)} s, ${ahead.toFixed(1)} s buffered, ${lost} lost, error ${error?.code ?? "none"}`;
    }),
    ...said.filter((one) => one instanceof HTMLElement && one.offsetParent && one.innerText.trim()).map((one) => `says: ${/** @type {HTMLElement} */ (one).innerText.trim().replaceAll(/\s+/g, " ").slice(0, 300)}`),
  ];
}
