// The last things that happened to what this browser sends: for the diagnostics page, which is another page.

const KEPT_AS = "sending-log";
const MOST = 80;

/** @param {string} words plain English: it is read by those who run the service */
export function note(words) {
  try {
    const lines = [...read(), `${new Date().toISOString()} ${words}`].slice(-MOST);
    localStorage.setItem(KEPT_AS, JSON.stringify(lines));
  } catch { /* a browser that keeps nothing has nothing to tell */ }
}

/** @returns {string[]} */
export function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]");
  } catch {
    return [];
  }
}
