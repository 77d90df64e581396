// <push-switch data-url data-key [data-endpoint]>: whether reminders come to this browser. The words for each state stand in
// the page. `data-endpoint` is where the server sends them, so both sides must agree before it says “on”.

import { pageToken } from "../lib/page-token.js";

/** @typedef {"on" | "off" | "asked" | "unable" | "refused" | "unreached" | "failed"} State */

const READY_MS = 10_000; // a worker that is not there by then will not come
const REACHED_MS = 30_000; // browsers go on trying for ever where a network swallows what they send to the push service

class PushSwitch extends HTMLElement {
  connectedCallback() {
    if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return;
    this.#words("unable").hidden = true;
    this.#button("on").addEventListener("click", () => this.#doing(this.#switchOn()));
    this.#button("off").addEventListener("click", () => this.#doing(this.#switchOff()));
    this.#doing(this.#look());
  }

  /** @param {string} part */
  #button(part) {
    return /** @type {HTMLButtonElement} */ (this.querySelector(`[data-part="${part}"] button`));
  }

  /** One deed at a time. @param {Promise<State>} deed */
  async #doing(deed) {
    for (const part of ["on", "off"]) this.#button(part).disabled = true;
    const state = await deed.catch((/** @type {any} */ why) => {
      this.#words("failed").textContent = `${why?.message ?? ""} ${why?.mend ?? ""}`.trim();
      return /** @type {State} */ ("failed");
    });
    for (const part of ["on", "off"]) this.#button(part).disabled = false;
    this.#show(state);
  }

  /** @returns {Promise<State>} */
  async #look() {
    if (Notification.permission === "denied") return "refused";
    const ready = await within(READY_MS, navigator.serviceWorker.ready);
    if (!ready) return "unable";
    const { pushManager } = ready;
    const known = await pushManager.getSubscription();
    if (known && known.endpoint === this.dataset.endpoint) return "on";
    await known?.unsubscribe(); // it belongs to whoever was signed in here before
    return "off";
  }

  /** @returns {Promise<State>} */
  async #switchOn() {
    if (await Notification.requestPermission() !== "granted") return Notification.permission === "denied" ? "refused" : "off";
    const { pushManager } = await navigator.serviceWorker.ready;
    await (await pushManager.getSubscription())?.unsubscribe(); // it may be bound to an older key
    this.#say("asked");
    const subscribing = pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: this.dataset.key });
    const made = await within(REACHED_MS, subscribing.catch(() => null));
    if (!made) return "unreached";
    const { endpoint = "", keys = {} } = made.toJSON();
    try {
      await this.#ask("POST", new URLSearchParams({ endpoint, ...keys }));
    } catch (why) {
      await made.unsubscribe();
      throw why;
    }
    this.dataset.endpoint = endpoint;
    return "on";
  }

  /** @returns {Promise<State>} */
  async #switchOff() {
    await this.#ask("DELETE");
    delete this.dataset.endpoint;
    const { pushManager } = await navigator.serviceWorker.ready;
    await (await pushManager.getSubscription())?.unsubscribe();
    return "off";
  }

  /**
   * @param {string} method
   * @param {URLSearchParams} [body]
   */
  async #ask(method, body) {
    const reply = await fetch(this.dataset.url ?? "", { method, body, headers: { Accept: "application/json", ...pageToken() } });
    if (!reply.ok) throw await reply.json();
  }

  /** @param {State} state */
  #words(state) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-state="${state}"]`));
  }

  /** @param {State} state */
  #say(state) {
    for (const words of this.querySelectorAll("[data-state]")) /** @type {HTMLElement} */ (words).hidden = words !== this.#words(state);
  }

  /** @param {State} state */
  #show(state) {
    this.#say(state);
    const isOn = state === "on" || (state === "failed" && this.dataset.endpoint !== undefined);
    this.querySelector('[data-part="problem"]')?.toggleAttribute("hidden", !isOn);
    this.querySelector('[data-part="on"]')?.toggleAttribute("hidden", isOn || state === "refused" || state === "unable");
    this.querySelector('[data-part="off"]')?.toggleAttribute("hidden", !isOn);
  }
}

/**
 * Wait for a deed, and no longer than some time (ms): then for nothing.
 * @template T
 * @param {number} most
 * @param {Promise<T>} deed
 * @returns {Promise<T | null>}
 */
function within(most, deed) {
  return Promise.race([deed, new Promise((late) => { setTimeout(late, most, null); })]);
}

customElements.define("push-switch", PushSwitch);
