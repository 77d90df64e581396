// Puts the server's fragments into the page. A fragment replaces the element with its id. A new one goes into the list that its
// `data-into` names, in the order of `data-order`.

const NEAR_PX = 40;

/** Whether a list is scrolled to its end: then it follows what comes. @param {Element} list */
export function isAtEnd(list) {
  return list.scrollHeight - list.clientHeight - list.scrollTop < NEAR_PX;
}

/**
 * @param {string} html one element
 * @returns {HTMLElement | null} what stands on the page now
 */
export function place(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const fresh = /** @type {HTMLElement | null} */ (box.content.firstElementChild);
  if (!fresh?.id) return null;
  const old = document.getElementById(fresh.id);
  const list = document.getElementById(fresh.dataset.into ?? "");
  if (old) old.replaceWith(fresh);
  else if (list) list.insertBefore(fresh, behind(list, Number(fresh.dataset.order)));
  else return null;
  /** @type {any} */ (globalThis).htmx?.process(fresh);
  return fresh;
}

/**
 * Remove a withdrawn element and the quotations of it.
 * @param {string} id
 */
export function takeAway(id) {
  document.getElementById(id)?.remove();
  for (const quote of document.querySelectorAll(`[data-quotes="${CSS.escape(id)}"]`)) quote.remove();
}

/**
 * @param {Element} list
 * @param {number} order
 * @returns {Element | null} what the new one stands before; most often nothing
 */
function behind(list, order) {
  let next = null;
  for (let one = list.lastElementChild; one; one = one.previousElementSibling) {
    const its = Number(/** @type {HTMLElement} */ (one).dataset.order);
    if (!(its > order)) break;
    next = one;
  }
  return next;
}
