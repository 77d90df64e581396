// A beat that goes on while the page lies in the background: browsers slow the timers of hidden pages down to one a second
// or less, and those of workers not. Presenters switch to their slides: what they send must not stop then. A page that is
// late is not beaten again before it has answered.

let timer = 0;
let isWaiting = false;

addEventListener("message", ({ data }) => {
  isWaiting = false;
  if (data === null) return; // the answer to a beat
  clearInterval(timer);
  if (data > 0) timer = setInterval(beat, 1000 / data);
});

function beat() {
  if (isWaiting) return;
  isWaiting = true;
  postMessage(0);
}
