// <lesson-diagnostics>: adds what only the browser knows to what the server says of a lesson.

import { browserFacts } from "../../lib/browser-facts.js";
import { read } from "../../lib/sending-log.js";
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
  return [...(await browserFacts()), `records: ${recordable() || "nothing"}`, ...read().map((words) => `sent: ${words}`)];
}

customElements.define("lesson-diagnostics", LessonDiagnostics);
