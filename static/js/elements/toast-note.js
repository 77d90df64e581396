// <toast-note>: leaves by itself unless it is an error; can be closed.

const STAYS_MS = 5000;

class ToastNote extends HTMLElement {
  connectedCallback() {
    this.querySelector(".toast__close")?.addEventListener("click", () => this.remove());
    if (this.hasAttribute("data-leaves")) setTimeout(() => this.remove(), STAYS_MS);
  }
}

customElements.define("toast-note", ToastNote);
