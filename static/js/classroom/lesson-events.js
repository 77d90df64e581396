// What the socket says, told to a page: the state of the lesson and its fragments.

import { LessonSocket } from "../lib/socket.js";

/**
 * @param {HTMLElement} room carries the socket's address and the last event that the page shows
 * @param {object} hears
 * @param {(data: any, event: import("../lib/socket.js").LessonEvent) => void} hears.onState
 * @param {(now: number) => void} [hears.onHello]
 * @param {(online: boolean) => void} [hears.onLine]
 * @returns {() => void} closes it
 */
export function followLesson(room, { onState, onHello, onLine }) {
  const socket = new LessonSocket(room.dataset.socket ?? "", Number(room.dataset.after), {
    onEvent: (event) => {
      room.dataset.after = String(event.id);
      if (event.kind === "live.state") onState(event.data, event);
    },
    onHello: ({ now }) => onHello?.(now),
    onLine: (online) => onLine?.(online),
  });
  const stop = new AbortController();
  const hurry = () => { if (!document.hidden) socket.hurry(); };
  window.addEventListener("online", () => socket.hurry(true), { signal: stop.signal });
  window.addEventListener("offline", () => onLine?.(false), { signal: stop.signal });
  document.addEventListener("visibilitychange", hurry, { signal: stop.signal });
  // A page that comes back out of the browser's memory has missed everything since.
  window.addEventListener("pageshow", (event) => { if (event.persisted) socket.hurry(true); }, { signal: stop.signal });
  socket.open();
  return () => { stop.abort(); socket.close(); };
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
