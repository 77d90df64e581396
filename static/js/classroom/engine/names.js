/** A name for one thing that is sent, so that it is written once however often it is sent. */
export function newName() {
  return crypto.randomUUID?.() ?? String(Math.random()).slice(2);
}
