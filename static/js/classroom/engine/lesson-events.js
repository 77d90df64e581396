// Connects a page with its socket. It places the fragments of each event and dispatches the event to the room's elements. Forms and
// buttons with `data-command` send commands.

import { serverClock } from "../../lib/server-clock.js";
import { LessonSocket } from "../../lib/socket.js";
import { say } from "../../lib/toast.js";
import { place, takeAway } from "./fragments.js";

/** @typedef {import("../../lib/socket.js").LessonEvent} LessonEvent */
/** @typedef {import("../../lib/socket.js").Refusal} Refusal */

/**
 * @param {HTMLElement} room carries the socket's address and the last event that the page shows; within it, each event is
 *   heard as `lesson:event`, what is not kept as `lesson:told`, and that the page is not let in any more as `lesson:refused`
 * @param {object} hears
 * @param {(data: any, event: LessonEvent) => void} hears.onState
 * @param {(online: boolean) => void} [hears.onLine]
 * @param {(code: number) => void} [hears.onRefused]
 * @returns {{close: () => void, hurry: () => void}} hurry tries at once, when there is no connection
 */
export function followLesson(room, { onState, onLine, onRefused }) {
  const socket = new LessonSocket(room.dataset.socket ?? "", Number(room.dataset.after), {
    onEvents: (events) => {
      for (const event of events) {
        room.dataset.after = String(event.id);
        if (event.kind === "live.state") onState(event.data, event);
        for (const [name, html] of Object.entries(event.html ?? {})) if (name !== "state") place(html);
        if (event.kind === "notice.given") say(event.data.text, event.data.by);
        if (event.data.gone) takeAway(event.data.gone);
        room.dispatchEvent(new CustomEvent("lesson:event", { detail: event }));
      }
    },
    onTold: (told) => {
      for (const html of Object.values(told.html ?? {})) place(html);
      room.dispatchEvent(new CustomEvent("lesson:told", { detail: told }));
    },
    onHello: ({ now }) => { serverClock.correct(now); showRefusal(room, null); },
    onLine: (online) => { room.toggleAttribute("data-offline", !online); onLine?.(online); },
    onRefused: (code) => { showRefusal(room, code); onRefused?.(code); room.dispatchEvent(new Event("lesson:refused")); },
  });
  const stop = new AbortController();
  const { signal } = stop;
  const hurry = () => { if (!document.hidden) socket.hurry(); };
  window.addEventListener("online", () => socket.hurry(true), { signal });
  window.addEventListener("offline", () => onLine?.(false), { signal });
  document.addEventListener("visibilitychange", hurry, { signal });
  // A page that comes back out of the browser's memory has missed everything since.
  window.addEventListener("pageshow", (event) => { if (event.persisted) socket.hurry(true); }, { signal });
  room.addEventListener("lesson:reseat", () => socket.hurry(true), { signal }); // she has signed in
  room.addEventListener("click", (event) => press(socket, event), { signal });
  room.addEventListener("submit", (event) => submit(socket, event), { signal });
  room.addEventListener("lesson:ask", (event) => {
    const { name, fields, resolve, reject } = /** @type {CustomEvent} */ (event).detail;
    socket.ask(name, fields).then(resolve, reject);
  }, { signal });
  socket.open();
  return { close: () => { stop.abort(); socket.close(); }, hurry: () => socket.hurry() };
}

/**
 * Ask for something from within a room.
 * @param {HTMLElement} element anywhere in the room
 * @param {string} name of the command
 * @param {Record<string, any>} fields
 * @returns {Promise<any>} rejected with a Refusal, or with null when the server is not reached
 */
export function ask(element, name, fields) {
  return new Promise((resolve, reject) => {
    element.dispatchEvent(new CustomEvent("lesson:ask", { bubbles: true, detail: { name, fields, resolve, reject } }));
  });
}

/**
 * A button that is a command: `data-command` names it, `data-fields` holds its fields as JSON.
 * @param {LessonSocket} socket
 * @param {Event} event
 */
async function press(socket, event) {
  const button = /** @type {Element} */ (event.target).closest?.("button[data-command]");
  if (!(button instanceof HTMLButtonElement) || button.ariaBusy === "true") return;
  button.closest("details.popup")?.removeAttribute("open");
  await carryOut(socket, button, button.dataset.command ?? "", JSON.parse(button.dataset.fields ?? "{}"));
}

/**
 * A form that is a command: its fields are the command's.
 * @param {LessonSocket} socket
 * @param {Event} event
 */
async function submit(socket, event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.dataset.command) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  /** @type {Record<string, any>} */
  const fields = JSON.parse(form.dataset.fields ?? "{}");
  for (const [name, value] of new FormData(form)) {
    const many = form.querySelectorAll(`[name="${name}"]:not([type="radio"])`).length > 1;
    fields[name] = many ? [...(fields[name] ?? []), value] : value;
  }
  const submitter = /** @type {SubmitEvent} */ (event).submitter;
  if (submitter instanceof HTMLButtonElement && submitter.name) fields[submitter.name] = submitter.value;
  if (await carryOut(socket, form, form.dataset.command, fields)) {
    if (form.dataset.done) say(form.dataset.done);
    if (form.hasAttribute("data-empties")) form.reset();
    form.closest("details.popup")?.removeAttribute("open");
    form.closest("dialog")?.close();
  }
}

/**
 * @param {LessonSocket} socket
 * @param {HTMLElement} element shows that it is at work
 * @param {string} name
 * @param {Record<string, any>} fields
 * @returns {Promise<boolean>} whether it was done
 */
async function carryOut(socket, element, name, fields) {
  element.ariaBusy = "true";
  try {
    const data = await socket.ask(name, fields);
    element.dispatchEvent(new CustomEvent("lesson:done", { bubbles: true, detail: { name, data } }));
    return true;
  } catch (why) {
    sayRefusal(/** @type {Refusal | null} */ (why));
    return false;
  } finally {
    element.ariaBusy = null;
  }
}

/** @param {Refusal | null} why null means that the server is not reached */
export function sayRefusal(why) {
  const words = /** @type {HTMLTemplateElement | null} */ (document.getElementById("toast-unreachable"));
  if (why) say(why.message, why.mend, true);
  else if (words) document.getElementById("toasts")?.append(words.content.cloneNode(true));
}

/**
 * Say why this page is not let in (classroom/studio/_refused.html).
 * @param {HTMLElement} room
 * @param {number | null} code of the closed socket; null means that the page is let in
 */
export function showRefusal(room, code) {
  const box = room.querySelector("[data-refusal]");
  if (!box) return;
  for (const line of box.querySelectorAll("[data-code]")) {
    line.toggleAttribute("hidden", /** @type {HTMLElement} */ (line).dataset.code !== String(code));
  }
  box.toggleAttribute("hidden", code === null);
}
