// A beat that goes on while the page lies in the background: browsers slow the timers of hidden pages down to one a second
// or less, and those of workers not. Presenters switch to their slides: what they send must not stop then.

let timer = 0;

addEventListener("message", ({ data }) => {
  clearInterval(timer);
  if (data > 0) timer = setInterval(() => postMessage(0), 1000 / data);
});
