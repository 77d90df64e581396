// What a browser says that it can, and cannot. Judged by its name, since trying it out would already be the harm.

/**
 * WebKit on Linux (GStreamer; WebKitGTK 2.50) stands still when a stream of pieces is to play faster or slower, takes back that
 * it was muted, and stops. Safari is not concerned.
 * @param {string} agent
 */
export function keepsToOnePace(agent) {
  return agent.includes("AppleWebKit") && agent.includes("Linux") && !/Chrom|Android/.test(agent);
}
