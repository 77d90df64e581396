// <cover-picker>: shows the chosen cover picture before it is sent, and refuses a too large one before any input is
// lost.

class CoverPicker extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this.#changed);
  }

  disconnectedCallback() {
    this.removeEventListener("change", this.#changed);
  }

  /** @param {Event} event */
  #changed = (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement)) return;
    if (input.type === "checkbox") return;
    const file = input.files?.[0];
    const tooLarge = file !== undefined && file.size > Number(this.dataset.most);
    input.setCustomValidity(tooLarge ? (this.dataset.tooLarge ?? "") : "");
    input.reportValidity();
    if (file && !tooLarge) this.#show(file);
  };

  /** @param {File} file */
  #show(file) {
    const picture = this.querySelector("img");
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      if (!picture) return;
      picture.src = String(reader.result);
      picture.hidden = false;
    });
    reader.readAsDataURL(file); // our policy allows no blob addresses
  }
}

customElements.define("cover-picker", CoverPicker);
