// What this browser remembers of somebody's choices from one page to the next. One that keeps nothing forgets them.

/** @param {string} key @returns {string | null} */
export function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @returns {any} what was remembered as JSON; an empty object where there is nothing that can be read */
export function rememberedFields(key) {
  try {
    return JSON.parse(remembered(key) ?? "{}") ?? {};
  } catch {
    return {};
  }
}

/** @param {string} key @param {unknown} value words as they are, anything else as JSON */
export function remember(key, value) {
  try {
    localStorage.setItem(key, typeof value === "string" ? value : JSON.stringify(value));
  } catch { /* then it begins anew next time */ }
}
