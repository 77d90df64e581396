// A visitor has signed in beside the page: the page goes on with her as she is now. The fragments that
// depend on her are fetched anew, the player plays on, and the socket comes back under her name.

import { place } from "./fragments.js";

/** Name of the channel on which the window that signed her in says so, with the id of the lesson. */
export const CHANNEL = "jiangtang.signed-in";

const HERS = ["account", "beneath-player", "stage-seat", "side"]; // ids of fragments that depend on who one is

/**
 * @param {HTMLElement} room
 * @returns {Promise<void>} rejected when the page cannot be fetched; it stays as it is
 */
export async function takeSeatAnew(room) {
  const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!reply.ok) throw new Error(String(reply.status));
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  const its = /** @type {HTMLElement | null} */ (fresh.querySelector("[data-socket]"));
  if (!its) throw new Error("another page");
  document.body.setAttribute("hx-headers", fresh.body.getAttribute("hx-headers") ?? "{}");
  if (its.dataset.seat) room.dataset.seat = its.dataset.seat;
  for (const id of HERS) {
    const element = fresh.getElementById(id);
    if (element) place(element.outerHTML);
  }
  document.getElementById("guest-bar")?.remove();
  room.dispatchEvent(new CustomEvent("lesson:reseat"));
}
