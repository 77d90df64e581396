// Keys by their names: "C", "Shift+L", "Alt+1", "?". It also tells whether a pressed key is a command at all.

/**
 * @typedef {{key: string, code: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} Pressed
 */

const WIDE = "？"; // as Chinese keyboards write it
const TYPED_IN = "input:not([type='checkbox'], [type='radio'], [type='range']), textarea, select, [contenteditable]:not([contenteditable='false'])";
const HAS_KEYS_OF_ITS_OWN = "lesson-player, details[open]";

/**
 * @param {EventTarget | null} target
 * @returns {HTMLElement | null} the field for typing
 */
export function typedIn(target) {
  return target instanceof HTMLElement ? target.closest(TYPED_IN) : null;
}

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether this key may be a command of the page: nobody types, no dialog is open, and the focused
 *   element has no keys of its own
 */
export function isFree(event) {
  const isTaken = event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]");
  const target = event.target instanceof Element ? event.target : document.body;
  return !isTaken && !typedIn(target) && !target.closest(HAS_KEYS_OF_ITS_OWN);
}

/**
 * @param {string} name
 * @param {Pressed} event
 * @returns {boolean} whether exactly this key was pressed
 */
export function isPressed(name, event) {
  if (event.ctrlKey || event.metaKey) return false;
  const parts = name.split("+");
  const key = parts.pop() ?? "";
  if (event.altKey !== parts.includes("Alt")) return false;
  if (key === "?") return event.key === "?" || event.key === WIDE; // keyboards differ in its place and its Shift
  if (event.shiftKey !== parts.includes("Shift")) return false;
  if (/^[0-9]$/.test(key)) return event.code === `Digit${key}`; // with Alt, some systems write other characters
  return event.key.toLowerCase() === key.toLowerCase();
}
