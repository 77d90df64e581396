// What the socket says, told to a page: the state of the lesson and its fragments, and that there is no socket for it.

import { LessonSocket } from "../lib/socket.js";

/**
 * @param {HTMLElement} room carries the socket's address and the last event that the page shows
 * @param {object} hears
 * @param {(data: any, event: import("../lib/socket.js").LessonEvent) => void} hears.onState
 * @param {(now: number) => void} [hears.onHello]
 * @param {(online: boolean) => void} [hears.onLine]
 * @param {(code: number) => void} [hears.onRefused]
 * @returns {{close: () => void, hurry: () => void}} hurry tries at once, when there is no connection
 */
export function followLesson(room, { onState, onHello, onLine, onRefused }) {
  const socket = new LessonSocket(room.dataset.socket ?? "", Number(room.dataset.after), {
    onEvent: (event) => {
      room.dataset.after = String(event.id);
      if (event.kind === "live.state") onState(event.data, event);
    },
    onHello: ({ now }) => { showRefusal(room, null); onHello?.(now); },
    onLine: (online) => onLine?.(online),
    onRefused: (code) => { showRefusal(room, code); onRefused?.(code); },
  });
  const stop = new AbortController();
  const hurry = () => { if (!document.hidden) socket.hurry(); };
  window.addEventListener("online", () => socket.hurry(true), { signal: stop.signal });
  window.addEventListener("offline", () => onLine?.(false), { signal: stop.signal });
  document.addEventListener("visibilitychange", hurry, { signal: stop.signal });
  // A page that comes back out of the browser's memory has missed everything since.
  window.addEventListener("pageshow", (event) => { if (event.persisted) socket.hurry(true); }, { signal: stop.signal });
  socket.open();
  return { close: () => { stop.abort(); socket.close(); }, hurry: () => socket.hurry() };
}

/**
 * Say why this page is not let in (classroom/_refused.html).
 * @param {HTMLElement} room
 * @param {number | null} code of the closed socket; null: it is let in
 */
export function showRefusal(room, code) {
  const box = room.querySelector("[data-refusal]");
  if (!box) return;
  for (const line of box.querySelectorAll("[data-code]")) {
    line.toggleAttribute("hidden", /** @type {HTMLElement} */ (line).dataset.code !== String(code));
  }
  box.toggleAttribute("hidden", code === null);
}

/**
 * Put a fragment of the server in the place of the one with the same id.
 * @param {string} html
 */
export function swapFragment(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const fresh = box.content.firstElementChild;
  const old = fresh?.id && document.getElementById(fresh.id);
  if (fresh && old) old.replaceWith(fresh);
}
