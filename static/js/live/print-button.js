// <print-button>: prints the page. It needs scripts; without them browsers have a menu for the same.

class PrintButton extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.addEventListener("click", this.#print);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#print);
  }

  #print = () => window.print();
}

customElements.define("print-button", PrintButton);
