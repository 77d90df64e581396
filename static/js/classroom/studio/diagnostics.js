// <lesson-diagnostics>: adds what only the browser knows to what the server says of a lesson.

import { read } from "../../lib/sending-log.js";
import { serverClock } from "../../lib/server-clock.js";
import { partsOf } from "../engine/parts.js";
import { recordable } from "../sending/recorder.js";

class LessonDiagnostics extends HTMLElement {
  async connectedCallback() {
    const part = partsOf(this);
    const text = /** @type {HTMLElement} */ (part("text"));
    for (const line of await facts()) text.append(`${line}\n`);
    const copy = /** @type {HTMLButtonElement} */ (part("copy"));
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.textContent ?? "");
        copy.textContent = copy.dataset.done ?? "";
      } catch { // pages without TLS have no clipboard: it is marked, and copied by hand
        getSelection()?.selectAllChildren(text);
      }
    });
  }
}

/** @returns {Promise<string[]>} */
async function facts() {
  const { userAgent, hardwareConcurrency, language, mediaDevices } = navigator;
  const line = /** @type {any} */ (navigator).connection;
  const devices = (await mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  return [
    `browser: ${userAgent}`,
    `page: ${innerWidth}×${innerHeight} @${devicePixelRatio}, ${language}, ${hardwareConcurrency} cores, secure ${isSecureContext}`,
    `clock: ${new Date().toISOString()}, the server's is ${Math.round(serverClock.offset / 1000)} s ahead`,
    `records: ${recordable() || "nothing"}`,
    ...(line ? [`network: ${line.effectiveType}, ${line.downlink} Mbit/s, ${line.rtt} ms`] : []),
    ...devices.map(({ kind, label }) => `device ${kind}: ${label || "unnamed"}`),
    ...read().map((words) => `sent: ${words}`),
  ];
}

customElements.define("lesson-diagnostics", LessonDiagnostics);
