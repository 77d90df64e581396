// Reads media playlists (RFC 8216), as far as our own use it.

/**
 * Return the pieces of a media playlist with their capture times.
 * @param {string} text
 * @returns {import("./media-clock.js").Piece[]}
 */
export function piecesOf(text) {
  /** @type {import("./media-clock.js").Piece[]} */
  const pieces = [];
  let start = 0;
  let duration = 0;
  /** @type {number | null} */
  let wall = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("#EXTINF:")) duration = parseFloat(line.slice(8));
    else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) wall = Date.parse(line.slice(25).trim());
    else if (line.trim() && !line.startsWith("#")) {
      pieces.push({ start, duration, programDateTime: wall });
      start += duration;
      if (wall !== null) wall += duration * 1000;
    }
  }
  return pieces;
}

/**
 * Return the capture time at the end of the newest piece of a playlist.
 * @param {string} text
 * @returns {{edge: number, duration: number} | null} epoch ms, and the length of that piece in ms
 */
export function newestOf(text) {
  const last = piecesOf(text).at(-1);
  if (!last || last.programDateTime === null) return null;
  return { edge: last.programDateTime + last.duration * 1000, duration: last.duration * 1000 };
}

/** @param {string} text @returns {number} the target duration, ms */
export function targetOf(text) {
  return Number(/#EXT-X-TARGETDURATION:(\d+)/.exec(text)?.[1] ?? 0) * 1000;
}
