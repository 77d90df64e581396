// Shows why a source cannot be opened, and how to mend it in this browser. Markup: classroom/sending/_problems.html.

const DEVICES = new Set(["camera", "microphone"]); // of which there may be another one

/**
 * @param {HTMLElement} place holds all that can be said
 * @param {string} source
 * @param {string} problem empty: nothing stands in the way any more
 */
export function sayProblem(place, source, problem) {
  const names = [`${source}:${problem}`, `any:${problem}`];
  const lines = /** @type {HTMLElement[]} */ ([...place.querySelectorAll("[data-problem]")]);
  const said = lines.find((line) => names.includes(line.dataset.problem ?? ""));
  for (const line of lines) line.hidden = line !== said;
  place.hidden = !said;
  const instead = /** @type {HTMLElement | null} */ (place.querySelector("[data-part=check-instead]"));
  if (instead) instead.hidden = !DEVICES.has(source);
  const figures = /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll("[data-browser]"));
  for (const figure of figures) figure.hidden = figure.dataset.browser !== browser();
  if (said) place.scrollIntoView({ block: "nearest" });
}

function browser() {
  if (/firefox/i.test(navigator.userAgent)) return "firefox";
  return /chrom|edg/i.test(navigator.userAgent) ? "chrome" : "safari";
}
