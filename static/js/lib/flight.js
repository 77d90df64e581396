// Limits of the bytes in flight to the server. They are few, because they cannot be recalled.

export const CUT_BYTES = 16 * 1024; // maximum size of a piece
const LEAST_FLIGHT_BYTES = 32 * 1024;
const MOST_FLIGHT_BYTES = 2 * 1024 * 1024;
const MORE = 1.5; // factor over the line's recent rate, because it may take more
const ACK_MS = 150; // the server acknowledges every 100 ms
const LATE_MS = 250;

/**
 * Return the maximum bytes in flight: those that the line takes in a round trip (as in BBR,
 * draft-cardwell-iccrg-bbr-congestion-control, 4.6.2). A line that turns thin has no more than that to clear away.
 * @param {number} kbps rate of the line
 * @param {number} rttMs round trip
 */
export function flightBytes(kbps, rttMs) {
  return Math.min(MOST_FLIGHT_BYTES, Math.max(LEAST_FLIGHT_BYTES, (MORE * kbps * (rttMs + ACK_MS)) / 8));
}

/**
 * Return whether bytes in flight are late. More bytes would only wait in buffers that nobody can empty.
 * @param {number} sentAt when the oldest bytes in flight were sent, ms
 * @param {number} now ms
 * @param {number} rttMs round trip
 */
export function isLate(sentAt, now, rttMs) {
  return now - sentAt > 2 * rttMs + LATE_MS;
}
