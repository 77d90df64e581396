// <search-picker>: chooses people or units from a search. htmx fills in the hits, and a press on a hit chooses it.

class SearchPicker extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#pressed);
    this.addEventListener("keydown", this.#typed);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#pressed);
    this.removeEventListener("keydown", this.#typed);
  }

  get #search() {
    return /** @type {HTMLInputElement} */ (this.querySelector("input[type=search]"));
  }

  get #found() {
    return /** @type {HTMLElement} */ (this.querySelector(".picker__found"));
  }

  /** @param {MouseEvent} event */
  #pressed = (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button?.classList.contains("picker__hit")) this.#choose(button);
    if (button?.classList.contains("picker__remove")) {
      button.closest("li")?.remove();
      this.#search.focus();
    }
  };

  /** Choose the first hit on Enter, in place of sending the form. @param {KeyboardEvent} event */
  #typed = (event) => {
    if (event.target !== this.#search || event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      const first = this.#found.querySelector(".picker__hit");
      if (first instanceof HTMLButtonElement) this.#choose(first);
    }
    if (event.key === "Escape") this.#clear();
  };

  /** @param {HTMLButtonElement} hit */
  #choose(hit) {
    const one = hit.parentElement?.querySelector("template")?.content.querySelector("li");
    const id = one?.querySelector("input")?.value;
    const chosen = this.querySelector(".picker__chosen");
    if (one && chosen && !chosen.querySelector(`input[value="${id}"]`)) chosen.append(document.importNode(one, true));
    this.#clear();
    this.#search.focus();
    this.#checkRadio();
  }

  /** Check the radio that `checks` names, which stands for the list: a choice from the list implies it. */
  #checkRadio() {
    const radio = document.getElementById(this.getAttribute("checks") ?? "");
    if (radio instanceof HTMLInputElement) radio.checked = true;
  }

  #clear() {
    this.#search.value = "";
    this.#found.replaceChildren();
  }
}

customElements.define("search-picker", SearchPicker);
