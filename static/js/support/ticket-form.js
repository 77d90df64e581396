// The page of a question: the text is kept until it is sent, files are measured before they travel, and the diagnostics
// stand there to be read before anybody agrees to send them.

import "../elements/kept-draft.js";
import { browserFacts } from "../lib/browser-facts.js";
import { rememberedFields } from "../lib/memory.js";
import { read } from "../lib/sending-log.js";
import { FRESH_MS, REPORT } from "./report.js";

class TicketForm extends HTMLElement {
  #leave = new AbortController();

  connectedCallback() {
    this.#leave = new AbortController();
    this.addEventListener("change", (event) => this.#measure(event), { signal: this.#leave.signal });
    const facts = this.querySelector("textarea[name=facts]");
    if (facts instanceof HTMLTextAreaElement && !facts.value) void this.#gather(facts);
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /** @param {HTMLTextAreaElement} facts */
  async #gather(facts) {
    const page = /** @type {HTMLInputElement | null} */ (this.querySelector("input[name=page]"))?.value ?? "";
    const { path = "", at = 0, lines = [] } = rememberedFields(REPORT);
    const ofThePage = path === page && Date.now() - at < FRESH_MS ? lines : [];
    facts.value = [...(await browserFacts()), ...ofThePage, ...read().map((words) => `sent: ${words}`)].join("\n");
  }

  /** The server refuses the same files, but only once everything has arrived. @param {Event} event */
  #measure(event) {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
    const files = [...(input.files ?? [])];
    const tooMany = files.length > Number(this.dataset.mostFiles);
    const tooLarge = files.some((file) => file.size > Number(this.dataset.mostBytes));
    input.setCustomValidity(tooMany ? (this.dataset.many ?? "") : tooLarge ? (this.dataset.large ?? "") : "");
    if (tooMany || tooLarge) input.reportValidity();
  }
}

customElements.define("ticket-form", TicketForm);
