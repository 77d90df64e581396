// New place of a person in a queue, as the key of the person before whom she comes. An empty key means the end.

/**
 * Dragged downwards she comes behind whom she was dropped on, upwards before.
 * @param {string[]} keys in order
 * @param {string} dragged
 * @param {string} onto
 * @returns {string | null} `null` means that she keeps her place
 */
export function beforeWhenDropped(keys, dragged, onto) {
  const [from, to] = [keys.indexOf(dragged), keys.indexOf(onto)];
  if (from < 0 || to < 0 || from === to) return null;
  return keys[from < to ? to + 1 : to] ?? "";
}

/**
 * One place up or down.
 * @param {string[]} keys in order
 * @param {string} moved
 * @param {number} step -1: towards the front, 1: towards the end
 * @returns {string | null} `null` means that there is no such place
 */
export function beforeWhenStepped(keys, moved, step) {
  const at = keys.indexOf(moved);
  if (at < 0 || at + step < 0 || at + step >= keys.length) return null;
  return step < 0 ? keys[at - 1] : (keys[at + 2] ?? "");
}
