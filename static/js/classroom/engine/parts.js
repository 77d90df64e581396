// The parts of a player's markup, found by name. A part that the template leaves out is null.

/**
 * @param {ParentNode} root
 * @returns {<T extends Element = HTMLElement>(name: string) => T | null}
 */
export function partsOf(root) {
  return (name) => root.querySelector(`[data-part="${name}"]`);
}

/**
 * @param {Element | null} element
 * @param {boolean} shown
 */
export function show(element, shown) {
  if (element) element.toggleAttribute("hidden", !shown);
}
