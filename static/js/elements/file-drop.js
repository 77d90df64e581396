// <file-drop data-most="bytes" data-too-large="…">label, <input type="file">, hint</file-drop>: takes a dropped
// file, and reports at once if it is too large to send.

class FileDrop extends HTMLElement {
  connectedCallback() {
    this.addEventListener("dragover", this.#over);
    this.addEventListener("dragleave", this.#leave);
    this.addEventListener("drop", this.#drop);
    this.addEventListener("change", this.#look);
  }

  get #input() {
    return /** @type {HTMLInputElement} */ (this.querySelector("input[type=file]"));
  }

  /** @param {DragEvent} event */
  #over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.dataset.over = "";
  };

  #leave = () => {
    delete this.dataset.over;
  };

  /** @param {DragEvent} event */
  #drop = (event) => {
    this.#leave();
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.#input.files = event.dataTransfer.files;
    this.#look();
  };

  #look = () => {
    const file = this.#input.files?.[0];
    const tooLarge = file !== undefined && file.size > Number(this.dataset.most);
    this.#input.setCustomValidity(tooLarge ? (this.dataset.tooLarge ?? "") : "");
    if (tooLarge) this.#input.reportValidity();
  };
}

customElements.define("file-drop", FileDrop);
