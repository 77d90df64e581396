// What the seek bar shows beside the position: pages, marks, stretches that were not kept, and where one has been.

const PAUSE_MS = 500; // between two drawings
const NEAR_MS = 3000; // what is shown a moment later is the same stretch
const WIDTH = 1000; // of the drawing, which is stretched over the bar

/** @typedef {{from: number, to: number}} Span epoch ms */

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
   * @param {import("./player.js").LessonPlayer} player
   * @param {ReturnType<typeof import("../engine/parts.js").partsOf>} part
   * @param {[number, number | null][]} rests
   * @param {[number, number][]} cuts stretches that presenters have left out
   * @param {AbortSignal} signal
   */
  constructor(player, part, rests, cuts, signal) {
    this.player = player;
    this.#cuts = cuts.map(([from, to]) => ({ from, to }));
    this.#rests = rests.map(([from, to]) => ({ from, to: to ?? Infinity }));
    this.shapes = Object.fromEntries(["been", "gaps", "pages", "marks", "hits"].map((name) => [name, part(`seek-${name}`)]));
    player.closest("[data-socket]")?.addEventListener("lesson:event", (event) => {
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

  /** @param {number} last length of the bar, s */
  update(last) {
    const now = Date.now();
    if (now - this.#drawnAt < PAUSE_MS || last <= 0) return;
    this.#drawnAt = now;
    this.#see();
    const place = this.#placeBy(last);
    const ticks = (/** @type {number[]} */ walls, /** @type {number} */ height) => walls.map(place)
      .filter((x) => x > 0 && x < WIDTH).map((x) => `M${x} ${6 - height}v${2 * height}`).join("");
    const spans = (/** @type {Span[]} */ all, /** @type {string} */ shape) => all
      .map(({ from, to }) => ({ x: Math.max(0, place(from)), end: Math.min(WIDTH, place(to)) }))
      .filter(({ x, end }) => end > x).map(({ x, end }) => `M${x} ${shape}H${end}`).join("");
    const { mode, engine } = this.player;
    // A replay has no room for what was not kept: a mark stands where the picture goes on.
    const gaps = mode === "replay" ? ticks(this.#missing(engine?.clock.gaps ?? []), 4) : spans(this.#rests, "6");
    this.#draw("been", spans(this.#been, "11"));
    this.#draw("gaps", gaps);
    this.#draw("pages", ticks(this.chapters ?? this.player.scene?.track.turns ?? [], 3));
    this.#draw("marks", ticks(this.marks, 6));
    this.#draw("hits", ticks(this.hits, 6));
  }

  /** Where the picture goes on after what was not recorded. Of cuts nobody is told. @param {readonly Span[]} gaps */
  #missing(gaps) {
    const isCut = (/** @type {Span} */ gap) => this.#cuts.some(({ from, to }) => from < gap.to && gap.from < to);
    return gaps.filter((gap) => !isCut(gap)).map(({ to }) => to);
  }

  /** A replay leaves out what was not kept: there, a moment is where its picture is. @param {number} last s */
  #placeBy(last) {
    const { player } = this;
    const clock = player.engine?.clock;
    const round = (/** @type {number} */ share) => Math.round(10 * WIDTH * share) / 10;
    if (player.mode === "replay") return (/** @type {number} */ wall) => round((clock?.positionAt(wall) ?? -1) / last);
    const started = player.startedAt ?? 0;
    return (/** @type {number} */ wall) => (wall === Infinity ? WIDTH : round((wall - started) / 1000 / last));
  }

  #see() {
    const { wall, video } = this.player;
    if (wall === null || !video || video.paused || video.seeking) return;
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
