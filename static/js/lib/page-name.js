/** The name of this page, the same as long as it is open. Messages on a stage are addressed to pages, not to people. */
export const pageName = globalThis.crypto?.randomUUID?.() ?? `page-${String(Math.random()).slice(2)}`;
