// A part of a page that follows the server. It fetches itself by htmx (hx-get of its own page, hx-select of its own
// id), stays while its content is the same (data-version), and rests while nobody looks.

const FOLLOWS = "[hx-select][data-version]";

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = /** @type {CustomEvent} */ (event).detail;
  if (document.hidden && elt.matches(FOLLOWS)) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  const old = /** @type {HTMLElement} */ (detail.requestConfig?.elt);
  if (!old?.matches(FOLLOWS) || detail.xhr.status >= 400) return;
  const fresh = new DOMParser().parseFromString(detail.serverResponse, "text/html").getElementById(old.id);
  if (!fresh || fresh.dataset.version === old.dataset.version) detail.shouldSwap = false;
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const part of document.querySelectorAll(FOLLOWS)) part.dispatchEvent(new Event("look"));
});
