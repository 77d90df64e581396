// <order-list>: rows that are dragged to another place by their grips, with mouse, pen or finger. The buttons beside
// them do the same without dragging. The new order goes to the server with the element's hidden form.

class OrderList extends HTMLElement {
  #leave = new AbortController();
  /** @type {HTMLElement | null} */
  #row = null;
  #before = "";

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.addEventListener("pointerdown", (event) => this.#take(event), { signal });
    this.addEventListener("pointermove", (event) => this.#drag(event), { signal });
    for (const name of ["pointerup", "pointercancel"]) this.addEventListener(name, () => this.#drop(), { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  get #rows() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[data-id]")]);
  }

  get #order() {
    return this.#rows.map(({ dataset }) => dataset.id).join(" ");
  }

  /** @param {PointerEvent} event */
  #take(event) {
    const grip = /** @type {Element} */ (event.target).closest("[data-grip]");
    if (!grip || event.button !== 0) return;
    event.preventDefault();
    this.#row = grip.closest("[data-id]");
    this.#before = this.#order;
    this.#row?.setAttribute("data-dragged", "");
    this.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  #drag({ clientY }) {
    const row = this.#row;
    if (!row) return;
    const middle = (/** @type {HTMLElement} */ one) => { const { top, height } = one.getBoundingClientRect(); return top + height / 2; };
    const [before, after] = [row.previousElementSibling, row.nextElementSibling];
    if (before instanceof HTMLElement && clientY < middle(before)) before.before(row);
    else if (after instanceof HTMLElement && clientY > middle(after)) after.after(row);
  }

  #drop() {
    this.#row?.removeAttribute("data-dragged");
    if (this.#row && this.#order !== this.#before) this.#send();
    this.#row = null;
  }

  #send() {
    const form = /** @type {HTMLFormElement} */ (this.querySelector("[data-dropped]"));
    /** @type {HTMLInputElement} */ (form.elements.namedItem("ids")).value = this.#order;
    form.requestSubmit();
  }
}

customElements.define("order-list", OrderList);
