// Marks on the seek bar: turned pages or chapters, moments, search hits, unrecorded stretches, and the stretches that the viewer has seen.

const PAUSE_MS = 500; // between two drawings
const NEAR_MS = 3000; // what is shown a moment later is the same stretch
const WIDTH = 1000; // of the drawing, which is stretched over the bar

/**
 * @typedef {{from: number, to: number}} Span epoch ms
 * @typedef {import("./look.js").Look} Look
 */

export class SeekMarks {
  /** Moments worth a mark, epoch ms; the replay's list of moments gives them. @type {number[]} */
  marks = [];
  /** Beginnings of chapters, epoch ms. `null` marks each page that the presenter turned to. @type {number[] | null} */
  chapters = null;
  /** Moments that a search has found, epoch ms. @type {number[]} */
  hits = [];
  /** @type {Span[]} what one has seen on this page */
  #been = [];
  /** Stretches without a recording, as the page was given them and as events tell; the last may still last. @type {Span[]} */
  #rests;
  /** @type {Span[]} */
  #cuts;
  #drawnAt = 0;

  /**
   * @param {object} world
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} world.part
   * @param {Element | null} world.room which hears what happens in the lesson
   * @param {[number, number | null][]} [world.rests]
   * @param {[number, number][]} [world.cuts] stretches that presenters have left out
   * @param {() => number[]} world.turns moments at which the presenter turned to another page, epoch ms
   * @param {AbortSignal} signal
   */
  constructor({ part, room, rests = [], cuts = [], turns }, signal) {
    this.turns = turns;
    this.#cuts = cuts.map(([from, to]) => ({ from, to }));
    this.#rests = rests.map(([from, to]) => ({ from, to: to ?? Infinity }));
    this.shapes = Object.fromEntries(["been", "gaps", "pages", "marks", "hits"].map((name) => [name, part(`seek-${name}`)]));
    room?.addEventListener("lesson:event", (event) => {
      const { kind, at, data } = /** @type {CustomEvent} */ (event).detail;
      if (kind === "live.state") this.#turn(data.state === "on_air" && data.recording, at);
    }, { signal });
  }

  /** @param {boolean} isKept whether it is recorded from now on @param {number} at epoch ms */
  #turn(isKept, at) {
    const last = this.#rests.at(-1);
    const rests = last?.to === Infinity;
    if (isKept && last && rests) last.to = at;
    else if (!isKept && !rests) this.#rests.push({ from: at, to: Infinity });
  }

  /** @param {Look} look */
  draw(look) {
    const now = Date.now();
    if (now - this.#drawnAt < PAUSE_MS || look.bar.isDead) return;
    this.#drawnAt = now;
    this.#see(look);
    const place = placeBy(look);
    const ticks = (/** @type {number[]} */ walls, /** @type {number} */ height) => walls.map(place)
      .filter((x) => x > 0 && x < WIDTH).map((x) => `M${x} ${6 - height}v${2 * height}`).join("");
    const spans = (/** @type {Span[]} */ all, /** @type {string} */ shape) => all
      .map(({ from, to }) => ({ x: Math.max(0, place(from)), end: Math.min(WIDTH, place(to)) }))
      .filter(({ x, end }) => end > x).map(({ x, end }) => `M${x} ${shape}H${end}`).join("");
    // A replay has no room for what was not kept: a mark stands where the picture goes on.
    const gaps = look.mode === "replay" ? ticks(this.#missing(look.clock?.gaps ?? []), 4) : spans(this.#rests, "6");
    this.#draw("been", spans(this.#been, "11"));
    this.#draw("gaps", gaps);
    this.#draw("pages", ticks(this.chapters ?? this.turns(), 3));
    this.#draw("marks", ticks(this.marks, 6));
    this.#draw("hits", ticks(this.hits, 6));
  }

  /** Return the moments at which the picture goes on after an unrecorded stretch. Cuts are not shown. @param {readonly Span[]} gaps */
  #missing(gaps) {
    const isCut = (/** @type {Span} */ gap) => this.#cuts.some(({ from, to }) => from < gap.to && gap.from < to);
    return gaps.filter((gap) => !isCut(gap)).map(({ to }) => to);
  }

  /** @param {Look} look */
  #see({ wall, isPaused, isSeeking }) {
    if (wall === null || isPaused || isSeeking) return;
    const here = this.#been.find(({ from, to }) => wall > from - NEAR_MS && wall < to + NEAR_MS);
    if (!here) this.#been.push({ from: wall, to: wall });
    else if (wall > here.to) here.to = wall;
  }

  /** @param {string} name @param {string} path */
  #draw(name, path) {
    const shape = this.shapes[name];
    if (shape && shape.getAttribute("d") !== path) shape.setAttribute("d", path);
  }
}

/** A replay leaves out what was not kept: there, a moment is where its picture is. @param {Look} look */
function placeBy({ mode, clock, startedAt, bar }) {
  const round = (/** @type {number} */ share) => Math.round(10 * WIDTH * share) / 10;
  if (mode === "replay") return (/** @type {number} */ wall) => round((clock?.positionAt(wall) ?? -1) / bar.length);
  return (/** @type {number} */ wall) => (wall === Infinity ? WIDTH : round((wall - (startedAt ?? 0)) / 1000 / bar.length));
}
