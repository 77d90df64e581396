// Small menus (`details.popup`) close after a press elsewhere, or after Escape, which also returns the focus.

/** @param {(popup: HTMLDetailsElement) => boolean} which */
function close(which) {
  for (const popup of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.popup[open]"))) {
    if (which(popup)) popup.open = false;
  }
}

document.addEventListener("pointerdown", ({ target }) => close((popup) => !popup.contains(/** @type {Node} */ (target))));
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  close((popup) => {
    if (popup.contains(document.activeElement)) popup.querySelector("summary")?.focus();
    return true;
  });
});
