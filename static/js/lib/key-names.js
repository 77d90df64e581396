// Keys by their names: "C", "Shift+L", "Alt+1", "?".

/**
 * @typedef {{key: string, code: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} Pressed
 */

const WIDE = "？"; // as Chinese keyboards write it

/**
 * @param {string} name
 * @param {Pressed} event
 * @returns {boolean} whether this key was pressed, and nothing else beside it
 */
export function isPressed(name, event) {
  if (event.ctrlKey || event.metaKey) return false;
  const parts = name.split("+");
  const key = parts.pop() ?? "";
  if (event.altKey !== parts.includes("Alt")) return false;
  if (key === "?") return event.key === "?" || event.key === WIDE; // where it stands, and whether it takes Shift, keyboards differ
  if (event.shiftKey !== parts.includes("Shift")) return false;
  if (/^[0-9]$/.test(key)) return event.code === `Digit${key}`; // with Alt, some systems write other signs
  return event.key.toLowerCase() === key.toLowerCase();
}
