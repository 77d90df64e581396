// What the page shows, whenever it changes: with the clock in the picture that is on the screen at that moment, and the
// moment that the player takes it for. Needs eyes.js; installed by tests as window.turns.
(() => {
  if (window.turns) return;
  const turns = [];
  window.turns = turns;
  let last = "";
  let heard = null;

  function look() {
    const view = document.querySelector("lesson-player slide-view");
    const page = view?.page;
    if (!page || page.page === last) return;
    last = page.page;
    const turn = { page: page.page, clock: window.eyes.clock(), wall: view.closest("lesson-player").wall, heard, painted: null };
    turns.push(turn);
    requestAnimationFrame(() => setTimeout(() => { turn.painted = Date.now(); }));
  }

  document.querySelector("[data-socket]")?.addEventListener("lesson:event", () => { heard = Date.now(); }, true);
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  look();
})();
