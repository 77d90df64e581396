// Push to talk: the microphone is open only while a key or a button is held, and never longer.

import { isFree, isPressed } from "../../lib/key-names.js";

/**
 * @param {HTMLElement} button held by mouse, finger, space or enter
 * @param {() => boolean} isOn whether T is heard
 * @param {(talks: boolean) => void} onTalk
 * @param {AbortSignal} signal
 */
export function holdToTalk(button, isOn, onTalk, signal) {
  let talks = false;
  const set = (/** @type {boolean} */ wish) => {
    if (wish === talks) return;
    talks = wish;
    button.ariaPressed = String(talks);
    onTalk(talks);
  };
  const release = () => set(false);
  const holds = (/** @type {KeyboardEvent} */ event) => (event.target === button ? [" ", "Enter"].includes(event.key) : isPressed("T", event) && isFree(event) && isOn());
  document.addEventListener("keydown", (event) => {
    if (!holds(event)) return;
    if (event.target === button) event.preventDefault();
    set(true);
  }, { signal });
  // Whatever was pressed with it, and wherever it is let go: who does not hold it does not talk.
  document.addEventListener("keyup", (event) => { if (event.key.toLowerCase() === "t" || event.target === button) release(); }, { signal });
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId);
    set(true);
  }, { signal });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) button.addEventListener(end, release, { signal });
  button.addEventListener("contextmenu", (event) => event.preventDefault(), { signal }); // a long touch is no wish for a menu
  window.addEventListener("blur", release, { signal });
  document.addEventListener("visibilitychange", release, { signal });
}
