// Abilities that a browser claims and does not have. Its name decides, since a trial would already do the harm.

/**
 * Return whether the browser cannot change its playback rate. WebKit on Linux (GStreamer; WebKitGTK 2.50) then freezes
 * a stream of pieces, unmutes and stops. Safari does not.
 * @param {string} agent
 */
export function keepsToOnePace(agent) {
  return agent.includes("AppleWebKit") && agent.includes("Linux") && !/Chrom|Android/.test(agent);
}
