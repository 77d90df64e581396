// How much may be on its way to the server at once: what is on its way can not be taken back, so it is little.

export const CUT_BYTES = 16 * 1024; // longest piece
const LEAST_FLIGHT_BYTES = 32 * 1024;
const MOST_FLIGHT_BYTES = 2 * 1024 * 1024;
const MORE = 1.5; // than the line has taken lately: it may take more
const ACK_MS = 150; // the server acknowledges every 100 ms
const LATE_MS = 250;

/**
 * So many bytes may be on their way at once: what the line takes until an answer is here (as BBR does it,
 * draft-cardwell-iccrg-bbr-congestion-control, 4.6.2). A line that turns thin has no more than that to clear away.
 * @param {number} kbps what the line takes
 * @param {number} rttMs there and back
 */
export function flightBytes(kbps, rttMs) {
  return Math.min(MOST_FLIGHT_BYTES, Math.max(LEAST_FLIGHT_BYTES, (MORE * kbps * (rttMs + ACK_MS)) / 8));
}

/**
 * Whether something is late: more would only wait in buffers that nobody can empty.
 * @param {number} sentAt when the eldest of what is on its way was sent, ms
 * @param {number} now ms
 * @param {number} rttMs there and back
 */
export function isLate(sentAt, now, rttMs) {
  return now - sentAt > 2 * rttMs + LATE_MS;
}
