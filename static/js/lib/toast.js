// A short message that leaves by itself, made from the page's own template.

/**
 * @param {string} message
 * @param {string} [mend] the way to mend it
 * @param {boolean} [isError]
 */
export function say(message, mend = "", isError = false) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("toast-plain"));
  const note = /** @type {HTMLElement | undefined} */ (template?.content.firstElementChild?.cloneNode(true));
  if (!note) return;
  note.classList.toggle("toast--error", isError);
  note.setAttribute("role", isError ? "alert" : "status");
  /** @type {HTMLElement} */ (note.querySelector(".toast__message")).textContent = message;
  /** @type {HTMLElement} */ (note.querySelector(".toast__mend")).textContent = mend;
  const place = document.getElementById("toasts");
  place?.append(note);
  if (place) raise(place);
}

/** Raise the toasts above an open dialog, which covers all that was on the top layer before. @param {HTMLElement} place */
function raise(place) {
  if (!document.querySelector("dialog:modal") || !("showPopover" in place)) return;
  if (place.matches(":popover-open")) place.hidePopover();
  place.popover = "manual";
  place.showPopover();
}
