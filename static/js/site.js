// On every page: the small elements, and a note if the server does not answer.

import "./elements/ask-first.js";
import "./elements/bulk-pick.js";
import "./elements/copy-button.js";
import "./elements/count-down.js";
import "./elements/fault-list.js";
import "./elements/file-drop.js";
import "./elements/local-time.js";
import "./elements/popups.js";
import "./elements/show-secret.js";
import "./elements/toast-note.js";
import "./follow.js";
import "./support/report.js";
import "./home/install.js";

// From everywhere, “/” leads to the search.
document.addEventListener("keydown", (event) => {
  const { target } = event;
  const isTyping = target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector(".site-search__words"));
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping || !field) return;
  event.preventDefault();
  field.focus();
});

/** @param {string} templateId */
function toast(templateId) {
  const template = document.getElementById(templateId);
  const place = document.getElementById("toasts");
  if (!(template instanceof HTMLTemplateElement) || !place || place.querySelector(`[data-from="${templateId}"]`)) return;
  const note = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  note.dataset.from = templateId;
  place.append(note);
}

/**
 * Return whether a person caused the request. Panels that poll keep silent: the page shows otherwise that it is offline.
 * @param {Event} event
 */
function wasAsked(event) {
  const { requestConfig } = /** @type {CustomEvent} */ (event).detail;
  return requestConfig?.verb !== "get";
}

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => { if (wasAsked(event)) toast("toast-unreachable"); });
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.successful) document.querySelector('[data-from="toast-unreachable"]')?.remove();
});

// An error names its place by HX-Retarget. Any other answer (a proxy's page while the server restarts) must not replace
// a panel, and a panel's own polling must not fill the screen with notes.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail.xhr.status < 400 || detail.xhr.status === 422) return;
  const meant = detail.xhr.getResponseHeader("HX-Retarget");
  detail.shouldSwap = Boolean(meant) && wasAsked(event);
  if (!meant && wasAsked(event)) toast("toast-unreachable");
});
