// The page's token against forged requests. htmx sends the same; it stands once, on the page's body.

/** @returns {Record<string, string>} headers */
export function pageToken() {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
}
