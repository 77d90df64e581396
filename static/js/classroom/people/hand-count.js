// <hand-count>: the number of raised hands; hidden at zero.

class HandCount extends HTMLElement {
  #leave = new AbortController();

  connectedCallback() {
    this.#leave = new AbortController();
    this.#draw(Number(this.dataset.count));
    this.closest("[data-socket]")?.addEventListener("lesson:event", (event) => {
      const { kind, data } = /** @type {CustomEvent} */ (event).detail;
      if (kind.startsWith("hands.") && data.queue) this.#draw(data.queue.length);
    }, { signal: this.#leave.signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /** @param {number} count */
  #draw(count) {
    const words = (this.dataset.words ?? "{n}").replace("{n}", String(count));
    if (this.textContent !== words) this.textContent = words;
    this.toggleAttribute("data-none", count === 0);
  }
}

customElements.define("hand-count", HandCount);
