// <copy-button value="…" [address] data-done="…" data-failed="…"><button>…</button></copy-button>

class CopyButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", () => this.#copy());
  }

  async #copy() {
    const value = this.getAttribute("value") ?? "";
    const text = this.hasAttribute("address") ? new URL(value, location.href).href : value;
    const done = (await written(text)) ? this.dataset.done : this.dataset.failed;
    const label = this.querySelector("button span");
    if (!label || this.dataset.label) return;
    this.dataset.label = label.textContent ?? "";
    label.textContent = done ?? "";
    label.setAttribute("role", "status");
    setTimeout(() => {
      label.textContent = this.dataset.label ?? "";
      delete this.dataset.label;
    }, 1800);
  }
}

/** @param {string} text */
async function written(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writtenTheOldWay(text); // pages without TLS have no clipboard
  }
}

/** @param {string} text */
function writtenTheOldWay(text) {
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "visually-hidden";
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  return done;
}

customElements.define("copy-button", CopyButton);
