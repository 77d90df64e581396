// <seconds-left until="ms" now="ms" data-words="{n} s left" data-over="…">: whole seconds left by the server's clock, which
// `now` told when this was rendered; moved to another place of the page, it still knows.

class SecondsLeft extends HTMLElement {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {number | undefined} ms by which the server's clock is ahead */
  #offset;

  connectedCallback() {
    this.#offset ??= Number(this.getAttribute("now")) - Date.now();
    this.#timer = setInterval(() => this.#show(), 250);
    this.#show();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  #show() {
    const left = Number(this.getAttribute("until")) - Date.now() - (this.#offset ?? 0);
    const text = left > 0 ? (this.dataset.words ?? "{n}").replace("{n}", String(Math.ceil(left / 1000))) : this.dataset.over ?? "";
    if (this.textContent !== text) this.textContent = text;
    this.toggleAttribute("data-soon", left < 10_000);
  }
}

customElements.define("seconds-left", SecondsLeft);
