// The camera's corner picture, moved by mouse, finger or keys over the picture that is sent.

const STEP = 0.02; // of the picture, with each press of a key

/**
 * @param {HTMLElement} handle lies over the camera's picture
 * @param {HTMLElement} stage shows the whole picture
 * @param {import("./layout.js").Layout} layout
 * @param {AbortSignal} signal
 * @param {() => void} onPlaced
 */
export function guideCorner(handle, stage, layout, signal, onPlaced) {
  const place = (/** @type {Partial<import("./layout.js").Corner>} */ wish) => {
    layout.place(wish);
    lay(handle, layout);
  };
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const { x, y } = layout.corner;
    const { width, height } = stage.getBoundingClientRect();
    const done = new AbortController();
    handle.addEventListener("pointermove", (move) => {
      place({ x: x + (move.clientX - event.clientX) / width, y: y + (move.clientY - event.clientY) / height });
    }, { signal: done.signal });
    for (const end of ["pointerup", "pointercancel"]) {
      handle.addEventListener(end, () => { done.abort(); onPlaced(); }, { signal: done.signal });
    }
  }, { signal });
  handle.addEventListener("wheel", (event) => {
    event.preventDefault();
    place({ width: layout.corner.width * (event.deltaY < 0 ? 1.06 : 1 / 1.06) });
    onPlaced();
  }, { signal });
  handle.addEventListener("keydown", (event) => {
    const { x, y, width } = layout.corner;
    const wish = {
      ArrowLeft: { x: x - STEP }, ArrowRight: { x: x + STEP }, ArrowUp: { y: y - STEP }, ArrowDown: { y: y + STEP },
      "+": { width: width + STEP }, "-": { width: width - STEP },
    }[event.key];
    if (!wish) return;
    event.preventDefault();
    event.stopPropagation();
    place(wish);
    onPlaced();
  }, { signal });
  lay(handle, layout);
}

/**
 * Lay the handle over the camera's picture.
 * @param {HTMLElement} handle
 * @param {import("./layout.js").Layout} layout
 */
export function lay(handle, layout) {
  const { x, y, width } = layout.corner;
  for (const [name, value] of Object.entries({ left: x, top: y, width, height: layout.cornerHeight })) handle.style.setProperty(name, `${value * 100}%`);
}
