/** The name of this page, the same as long as it is open: what one page says to another on a stage goes to pages, not to people. */
export const pageName = globalThis.crypto?.randomUUID?.() ?? `page-${String(Math.random()).slice(2)}`;
