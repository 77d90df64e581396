// <ask-first><form>…</form><dialog>…</dialog></ask-first>: the form is sent after a yes.

class AskFirst extends HTMLElement {
  #agreed = false;

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#ask(event), { capture: true });
    this.addEventListener("click", (event) => this.#answer(event));
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
  }

  /** @param {Event} event */
  #ask(event) {
    if (this.#agreed) {
      this.#agreed = false;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#dialog.showModal();
  }

  /** @param {Event} event */
  #answer(event) {
    const answer = /** @type {Element} */ (event.target).closest("[data-answer]");
    if (!(answer instanceof HTMLElement)) return;
    this.#dialog.close();
    if (answer.dataset.answer !== "yes") return;
    this.#agreed = true;
    this.querySelector("form")?.requestSubmit();
  }
}

customElements.define("ask-first", AskFirst);
