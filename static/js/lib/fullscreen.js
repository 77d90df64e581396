// One button shows a player on the whole screen, and ends that.

/**
 * @param {HTMLElement} player
 * @param {HTMLVideoElement | null} video its picture; iPhones give the whole screen to videos only
 * @returns {Promise<void>} rejected where the browser refuses
 */
export async function toggleFullscreen(player, video) {
  if (document.fullscreenElement) await document.exitFullscreen();
  else if (player.requestFullscreen) await player.requestFullscreen();
  else /** @type {any} */ (video)?.webkitEnterFullscreen?.();
}
