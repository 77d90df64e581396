// Choices of a person that this browser remembers from one page to the next. A browser without storage forgets them.

/** @param {string} key @returns {string | null} */
export function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Return what this tab remembers. Frames of other sites may have no storage. @param {string} key @returns {string | null} */
export function rememberedHere(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Remember something until this tab is closed. @param {string} key @param {string} value */
export function rememberHere(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch { /* then it is asked again */ }
}

/** @param {string} key @returns {any} value remembered as JSON, or an empty object if there is none */
export function rememberedFields(key) {
  try {
    return JSON.parse(remembered(key) ?? "{}") ?? {};
  } catch {
    return {};
  }
}

/** @param {string} key @param {unknown} value a string as it is, anything else as JSON */
export function remember(key, value) {
  try {
    localStorage.setItem(key, typeof value === "string" ? value : JSON.stringify(value));
  } catch { /* then it begins anew next time */ }
}
