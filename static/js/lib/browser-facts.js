// What a browser says of itself, in lines of plain text for those who help.

import { serverClock } from "./server-clock.js";

/** @returns {Promise<string[]>} */
export async function browserFacts() {
  const { userAgent, hardwareConcurrency, language, mediaDevices } = navigator;
  const line = /** @type {any} */ (navigator).connection;
  const devices = (await mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  return [
    `browser: ${userAgent}`,
    `page: ${innerWidth}×${innerHeight} @${devicePixelRatio}, ${language}, ${hardwareConcurrency} cores, secure ${isSecureContext}`,
    `clock: ${new Date().toISOString()}, the server's is ${Math.round(serverClock.offset / 1000)} s ahead`,
    ...(line ? [`network: ${line.effectiveType}, ${line.downlink} Mbit/s, ${line.rtt} ms`] : []),
    ...devices.map(({ kind, label }) => `device ${kind}: ${label || "unnamed"}`),
  ];
}
