// <fault-list>: links to the faulty fields of a form that has come back. The first field gets the focus and comes into
// view, whether the whole page was loaded or htmx has brought the form. A link does the same for its field.

const FIELDS = "input:not([type=hidden], [disabled], [hidden]), select:not([disabled]), textarea:not([disabled])";

class FaultList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#pressed);
    queueMicrotask(() => this.#show(this.querySelector("a"))); // htmx focuses `autofocus` in this same turn
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#pressed);
  }

  /** @param {MouseEvent} event */
  #pressed = (event) => {
    const link = /** @type {Element} */ (event.target).closest("a");
    if (link && this.#show(link)) event.preventDefault();
  };

  /** @param {HTMLAnchorElement | null} link */
  #show(link) {
    const place = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!place) return false;
    for (let fold = place.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
    const field = /** @type {HTMLElement | null} */ (place.matches(FIELDS) ? place : place.querySelector(FIELDS));
    field?.focus({ preventScroll: true });
    (field ?? place).scrollIntoView({ block: "center" });
    return true;
  }
}

customElements.define("fault-list", FaultList);
