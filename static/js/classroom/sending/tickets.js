// The right to send, asked of the app for each connection anew: once, for half a minute, for this lesson.

/** Another presenter, or another window, is sending. */
export class TakenByOther extends Error {
  /**
   * @param {string} who
   * @param {number} since epoch ms
   */
  constructor(who, since) {
    super("taken");
    this.who = who;
    this.since = since;
  }
}

/**
 * @param {string} url
 * @param {boolean} takeOver send in place of whoever sends now
 * @returns {Promise<{url: string, ticket: string}>}
 */
export async function fetchTicket(url, takeOver) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  const body = new URLSearchParams(takeOver ? { take_over: "1" } : {});
  const reply = await fetch(url, { method: "POST", headers: { ...headers, Accept: "application/json" }, body });
  const said = await reply.json().catch(() => ({}));
  if (reply.ok) return said;
  if (reply.status === 409 && said.who) throw new TakenByOther(said.who, said.since);
  throw Object.assign(new Error(said.message ?? "ticket"), { status: reply.status, mend: said.mend ?? "" });
}
