// The page's token against forged requests. It stands once, on the page's body. htmx sends the same one.

/** @returns {Record<string, string>} headers */
export function pageToken() {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
}
