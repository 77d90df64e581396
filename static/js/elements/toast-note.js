// <toast-note>: leaves by itself, but not while the pointer or the focus is on it. It can be closed.

const STAYS_MS = 5000;
const ERROR_STAYS_MS = 8000;

class ToastNote extends HTMLElement {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  connectedCallback() {
    this.querySelector(".toast__close")?.addEventListener("click", () => this.remove());
    if (!this.hasAttribute("data-leaves")) return;
    for (const name of ["pointerenter", "focusin"]) this.addEventListener(name, () => clearTimeout(this.#timer));
    for (const name of ["pointerleave", "focusout"]) this.addEventListener(name, () => this.#count());
    this.#count();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #count() {
    clearTimeout(this.#timer);
    if (this.matches(":hover, :focus-within")) return;
    this.#timer = setTimeout(() => this.remove(), this.classList.contains("toast--error") ? ERROR_STAYS_MS : STAYS_MS);
  }
}

customElements.define("toast-note", ToastNote);
