// <show-secret><input type="password"><button data-show data-hide></show-secret>

class ShowSecret extends HTMLElement {
  connectedCallback() {
    const input = /** @type {HTMLInputElement} */ (this.querySelector("input"));
    const button = /** @type {HTMLButtonElement} */ (this.querySelector("button[data-show]"));
    button.addEventListener("click", () => {
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      button.textContent = (shown ? button.dataset.hide : button.dataset.show) ?? "";
      button.setAttribute("aria-pressed", String(shown));
    });
  }
}

customElements.define("show-secret", ShowSecret);
