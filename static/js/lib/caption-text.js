// Captions as WebVTT text and as rows of a table. The server reads whatever people upload; here comes only what it wrote.

/** @typedef {{start: number, end: number, text: string}} Row times in ms of the recording */

/** @param {number} ms @returns {string} 0:01:02.500 */
export function timeText(ms) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(Math.floor(ms % 1000)).padStart(3, "0")}`;
}

/** @param {string} text 0:01:02.500, 1:02,5 or 62 @returns {number | null} ms; null for anything else */
export function timeOf(text) {
  const found = /^(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,5})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!found) return null;
  const [hours, minutes, seconds] = found.slice(1, 4).map((part) => Number(part ?? 0));
  return (hours * 3600 + minutes * 60 + seconds) * 1000 + Number((found[4] ?? "").padEnd(3, "0"));
}

/** @param {string} vtt @returns {Row[]} */
export function rowsOf(vtt) {
  return vtt.replace(/\r\n?/g, "\n").split(/\n{2,}/).flatMap((block) => {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => line.includes("-->"));
    if (at < 0) return [];
    const [start, end] = lines[at].split("-->").map((part) => timeOf(part.trim().split(/\s/)[0]));
    const text = lines.slice(at + 1).join("\n").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&").trim();
    return start === null || end === null ? [] : [{ start, end, text }];
  });
}

/** @param {readonly Row[]} rows in any order; those without words are left out @returns {string} */
export function vttOf(rows) {
  const escaped = (/** @type {string} */ text) => text.split("\n").filter((line) => line.trim()).join("\n")
    .replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const long = (/** @type {number} */ ms) => timeText(ms).padStart(12, "0");
  const told = rows.filter(({ text }) => text.trim()).sort((one, other) => one.start - other.start || one.end - other.end);
  return `${["WEBVTT", ...told.map(({ start, end, text }) => `${long(start)} --> ${long(end)}\n${escaped(text)}`)].join("\n\n")}\n`;
}
