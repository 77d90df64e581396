// Registers the service worker, after the page itself is there. Browsers without one, and pages without TLS, do without.

import { forgetLessons, rememberLessons } from "../lib/known-lessons.js";

if ("serviceWorker" in navigator && isSecureContext) {
  addEventListener("load", () => { navigator.serviceWorker.register(`/service-worker.js?language=${document.documentElement.lang === "en" ? "en" : "zh_CN"}`).catch(() => {}); }, { once: true });
}

// A page without a network can show no more than the cards of this page. Another person at this computer gets none of them.
const isSomebodyHere = document.querySelector("#account .account__name") !== null;
const cards = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-known]"));
if (document.getElementById("account") && !isSomebodyHere) forgetLessons();
if (isSomebodyHere && cards.length) {
  rememberLessons([...cards].map((card) => ({
    url: card.dataset.known ?? "",
    subject: card.querySelector(".card__subject")?.textContent?.trim() ?? "",
    teacher: card.querySelector(".card__owner")?.textContent?.trim() ?? "",
    at: Number(card.querySelector(".card__time local-time")?.getAttribute("ms")),
  })));
}
