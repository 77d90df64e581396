// The page's knowledge of the stage: the template brings it, and events change it.

import { ask } from "../engine/lesson-events.js";

/**
 * @typedef {import("./mesh.js").Member} Member
 * @typedef {{members: Member[], free: boolean, turn_s: number, next_by_itself: boolean, layout: import("../../lib/stage-tiles.js").Arrangement, version: number}} Stage
 */

/** @param {HTMLElement} element @returns {HTMLElement} */
export const roomOf = (element) => /** @type {HTMLElement} */ (element.closest("[data-socket]"));

/**
 * The way of voices by the server.
 * @param {HTMLElement} element names the worklets that it needs
 * @param {boolean} [mix] into what an encoder sends
 * @returns {import("./mesh.js").World["line"]}
 */
export function lineOf(element, mix = false) {
  const { mouth = "", ear = "" } = element.dataset;
  return { mouth, ear, address: async () => (await ask(element, "stage.voice", { mix })).address };
}

/**
 * @param {HTMLElement} element has the stage as `data-stage`
 * @param {AbortSignal} signal
 * @param {object} hears
 * @param {(stage: Stage) => void} hears.onStage also now
 * @param {(signal: import("./mesh.js").Signal) => void} hears.onSignal
 * @param {(data: any) => void} [hears.onState] of the lesson
 */
export function followStage(element, signal, { onStage, onSignal, onState }) {
  const room = roomOf(element);
  room.addEventListener("lesson:event", (event) => {
    const { kind, data } = /** @type {CustomEvent} */ (event).detail;
    if (kind.startsWith("stage.") && data.members) onStage(data);
    if (kind === "live.state") onState?.(data);
  }, { signal });
  room.addEventListener("lesson:told", (event) => {
    const { kind, data } = /** @type {CustomEvent} */ (event).detail;
    if (kind === "stage.signal") onSignal(data);
  }, { signal });
  onStage(JSON.parse(element.dataset.stage ?? "{}"));
}
