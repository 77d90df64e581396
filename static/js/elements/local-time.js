// <local-time ms="…" [bare]>time in the academy's zone</local-time>: names that zone if the browser lives in another
// one. With `bare`, as for a chat message, only the title names it, and <zone-note hidden>zone</zone-note> stands once
// on the page.

import { differs, withZone } from "../lib/academy-time.js";

class LocalTime extends HTMLElement {
  connectedCallback() {
    const ms = Number(this.getAttribute("ms"));
    const written = (this.textContent ?? "").trim();
    if (Number.isNaN(ms) || this.title) return;
    const named = withZone(written, ms);
    if (named === written) return;
    this.title = named;
    if (!this.hasAttribute("bare")) this.textContent = named;
  }
}

class ZoneNote extends HTMLElement {
  connectedCallback() {
    this.hidden = !differs(Date.now(), document.documentElement.dataset.zone ?? "");
  }
}

customElements.define("local-time", LocalTime);
customElements.define("zone-note", ZoneNote);
