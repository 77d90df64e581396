// Small menus (`details.popup`) leave when one presses elsewhere, or Escape, which gives the focus back.

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
