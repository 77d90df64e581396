// <studio-room>: the presenter's page. The health panel brings the buttons along; the socket says when to look at once.

import "./player.js";
import { followLesson } from "./lesson-events.js";

class StudioRoom extends HTMLElement {
  /** @type {(() => void) | undefined} */
  #leave;

  connectedCallback() {
    this.#leave = followLesson(this, {
      onState: (data) => {
        this.dataset.state = data.state;
        document.body.dispatchEvent(new CustomEvent("refresh"));
      },
      onLine: (online) => this.toggleAttribute("data-offline", !online),
    });
    this.addEventListener("htmx:oobBeforeSwap", (event) => keepButtons(/** @type {CustomEvent} */ (event)));
  }

  disconnectedCallback() {
    this.#leave?.();
  }
}

/**
 * Buttons that say the same stay: nobody loses the focus or a half-made press to a poll.
 * @param {CustomEvent} event
 */
function keepButtons({ detail }) {
  const fresh = detail.fragment?.firstElementChild ?? detail.fragment;
  const old = /** @type {HTMLElement} */ (detail.target);
  const same = old.dataset.version === /** @type {HTMLElement | null} */ (fresh)?.dataset?.version;
  if (same || old.querySelector("dialog[open], [aria-busy]")) detail.shouldSwap = false;
}

customElements.define("studio-room", StudioRoom);
