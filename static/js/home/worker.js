// The service worker. It keeps the page for times without a network, with the files of that page, and nothing else: pages
// hold names and keys, and media have a cache of their own. It answers only when a page cannot be loaded. It shows
// reminders of lessons. A new version waits until no page of the old one is open, so it changes nothing in a lesson that
// runs. The server writes `self.SHELL = {page, files, icon}` before this text.

const worker = /** @type {any} */ (globalThis);
const shell = /** @type {{page: string, files: string[], icon: string}} */ (worker.SHELL);
const KEPT = `shell-${hashOf(JSON.stringify(shell))}`;
/** Downloads are saved by the browser, which shows its own error. */
const DOWNLOADS = /\/(?:download|export|media)/;

worker.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(keep());
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(forgetOlder());
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== worker.location.origin) return;
  if (request.mode === "navigate") {
    if (!DOWNLOADS.test(pathname)) event.respondWith(loaded(event));
  } else if (isKept(request.url)) {
    event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
  }
});

worker.addEventListener("push", (/** @type {any} */ event) => {
  const { title, body, url } = event.data.json();
  event.waitUntil(worker.registration.showNotification(title, { body, tag: url, icon: shell.icon, data: url }));
});

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});

/**
 * Lead to a page, in the window that shows it already, if there is one. The site may have several names, and she is signed
 * in at the one of this worker.
 * @param {string} address
 */
async function open(address) {
  const url = worker.location.origin + new URL(address).pathname;
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find((/** @type {any} */ one) => one.url.split(/[?#]/)[0] === url);
  await (shown ? shown.focus() : worker.clients.openWindow(url));
}

/** Visitors' pages: what is kept is nobody's. */
async function keep() {
  const cache = await caches.open(KEPT);
  await cache.addAll([shell.page, ...shell.files].map((address) => new Request(address, { credentials: "omit" })));
}

async function forgetOlder() {
  await worker.registration.navigationPreload?.enable();
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("shell-") && name !== KEPT).map((name) => caches.delete(name)));
}

/** @param {any} event */
async function loaded(event) {
  try {
    return (await event.preloadResponse) ?? await fetch(event.request);
  } catch {
    return (await caches.match(shell.page)) ?? Response.error();
  }
}

/** @param {string} address */
function isKept(address) {
  const { pathname, search } = new URL(address);
  return shell.files.includes(pathname + search);
}

/** Number of a text, for the name of its cache (FNV-1a, 32 bits). @param {string} text */
function hashOf(text) {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}
