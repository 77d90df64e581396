// The way to an LMS: SCORM 1.2 and SCORM 2004 behind one face. No LMS, or a broken one, never stops the film.
// Sources: SCORM 1.2 RTE 3.2 to 3.4, SCORM 2004 4th Ed. RTE 3.1 to 4.2. Element names stand here literally: some LMSs look for them.

/**
 * @typedef {"1.2" | "2004"} Version
 * @typedef {{api: any, version: Version}} Found
 * @typedef {object} Standing
 * @property {number} position s
 * @property {string} state what the player wants to find again, ASCII
 * @property {number} share 0 to 1
 * @property {number} seconds played in this session
 * @property {boolean} completed
 * @property {number | null} score 0 to 100. `null` means that there is none
 * @property {boolean | null} passed `null` means that there is nothing to pass
 */

const MOST_PARENTS = 500;
const LEAST_GAP_MS = 10_000; // a commit can freeze an LMS' page for a moment

const NAMES = {
  "1.2": { object: "API", begin: "LMSInitialize", get: "LMSGetValue", set: "LMSSetValue", commit: "LMSCommit", end: "LMSFinish" },
  2004: { object: "API_1484_11", begin: "Initialize", get: "GetValue", set: "SetValue", commit: "Commit", end: "Terminate" },
};
const ELEMENTS = {
  "1.2": {
    mode: "cmi.core.lesson_mode",
    status: "cmi.core.lesson_status",
    learner: "cmi.core.student_id",
    location: "cmi.core.lesson_location",
    time: "cmi.core.session_time",
    exit: "cmi.core.exit",
    score: "cmi.core.score",
    state: "cmi.suspend_data",
    most: 4096,
  },
  2004: {
    mode: "cmi.mode",
    status: "cmi.completion_status",
    learner: "cmi.learner_id",
    location: "cmi.location",
    time: "cmi.session_time",
    exit: "cmi.exit",
    score: "cmi.score",
    state: "cmi.suspend_data",
    most: 64_000,
  },
};

/**
 * Look for an LMS: in the window, in those around it, in the one that opened it and those around that.
 * @param {any} win
 * @param {string} wanted version of the package, asked for first
 * @returns {Found | null}
 */
export function findLms(win, wanted) {
  const order = /** @type {Version[]} */ (wanted === "1.2" ? ["1.2", "2004"] : ["2004", "1.2"]);
  for (const start of [win, peek(() => win.opener), peek(() => win.top.opener)]) {
    let one = start;
    for (let steps = 0; one && steps < MOST_PARENTS; steps += 1) {
      for (const version of order) {
        const here = one;
        const api = peek(() => here[NAMES[version].object]);
        if (api && speaks(api, version)) return { api, version };
      }
      const parent = peek(() => one.parent);
      if (!parent || parent === one) break;
      one = parent;
    }
  }
  return null;
}

/** Windows of other sites throw when they are looked into. @param {() => any} look */
function peek(look) {
  try {
    return look() ?? null;
  } catch {
    return null;
  }
}

/** Objects of the right name without the methods exist. @param {any} api @param {Version} version */
function speaks(api, version) {
  const { begin, get, set, commit } = NAMES[version];
  return [begin, get, set, commit].every((name) => typeof peek(() => api[name]) === "function");
}

export class Lms {
  /** Whether it takes what we write. */
  open = false;
  /** It is browsed or reviewed: nothing is written. */
  reads = false;
  /** Done already, in an earlier session. */
  completed = false;
  passed = false;
  learner = "";
  state = "";
  location = "";
  /** @type {Map<string, string>} what was written last */
  #written = new Map();
  #dirty = false;
  #committedAt = -Infinity;

  /** @param {Found} found @param {() => number} now ms */
  constructor({ api, version }, now = () => performance.now()) {
    this.api = api;
    this.version = version;
    this.now = now;
    this.names = NAMES[version];
    this.elements = ELEMENTS[version];
  }

  /** Begin a session and read what there is. @returns {boolean} whether it takes what we write */
  begin() {
    const answer = this.#call(this.names.begin, "");
    this.open = answer === true || answer === "true";
    if (!this.open) return false;
    const { mode, status, learner, state, location } = this.elements;
    const shown = this.#get(mode);
    this.reads = shown === "browse" || shown === "review";
    this.learner = this.#get(learner);
    this.state = this.#get(state);
    this.location = this.#get(location);
    const was = this.#get(status);
    this.passed = was === "passed" || (this.version === "2004" && this.#get("cmi.success_status") === "passed");
    this.completed = was === "completed" || was === "passed" || was === "failed";
    // An LMS takes a lesson that says nothing of itself for completed when it is closed.
    if (!this.completed) this.#set(status, "incomplete");
    this.#suspend();
    this.commit(true);
    return true;
  }

  /** @param {Standing} standing */
  write(standing) {
    const { elements, version } = this;
    if (!this.open || this.reads) return;
    this.#set(elements.location, String(Math.round(standing.position * 10) / 10));
    if (standing.state.length <= elements.most) this.#set(elements.state, standing.state);
    this.#set(elements.time, timeText(standing.seconds, version));
    if (version === "2004") this.#set("cmi.progress_measure", String(Math.min(1, Math.round(standing.share * 1000) / 1000)));
    if (standing.completed || this.completed) this.#complete(standing);
    this.#suspend();
  }

  /** With any other value, some LMSs forget everything until the next session. */
  #suspend() {
    this.#set(this.elements.exit, "suspend");
  }

  /** @param {Standing} standing */
  #complete({ score, passed }) {
    const { elements, version } = this;
    this.completed = true;
    if (score !== null) {
      for (const [name, value] of [["raw", score], ["min", 0], ["max", 100]]) this.#set(`${elements.score}.${name}`, String(value));
      if (version === "2004") this.#set("cmi.score.scaled", String(score / 100));
    }
    this.passed ||= passed === true;
    const judged = this.passed ? "passed" : passed === false ? "failed" : "";
    if (version === "2004") {
      this.#set(elements.status, "completed");
      if (judged) this.#set("cmi.success_status", judged);
    } else this.#set(elements.status, judged || "completed");
  }

  /** Let the LMS store the written values. @param {boolean} [now] not a little later, too */
  commit(now = false) {
    if (!this.open || !this.#dirty || (!now && this.now() - this.#committedAt < LEAST_GAP_MS)) return;
    this.#committedAt = this.now();
    const answer = this.#call(this.names.commit, "");
    if (answer === true || answer === "true") this.#dirty = false;
  }

  /** The page goes away. */
  end() {
    if (!this.open) return;
    if (this.#dirty) this.#call(this.names.commit, "");
    this.#call(this.names.end, "");
    this.open = false;
  }

  /** @param {string} element */
  #get(element) {
    const value = this.#call(this.names.get, element);
    return value === null || value === undefined ? "" : String(value);
  }

  /** @param {string} element @param {string} value */
  #set(element, value) {
    if (this.reads || this.#written.get(element) === value) return;
    const answer = this.#call(this.names.set, element, value);
    if (answer !== true && answer !== "true") return;
    this.#written.set(element, value);
    this.#dirty = true;
  }

  /** @param {string} name @param {string[]} words */
  #call(name, ...words) {
    try {
      return this.api[name]?.(...words);
    } catch {
      return null; // its fault; the film goes on
    }
  }
}

/**
 * @param {number} seconds
 * @param {Version} version
 * @returns {string} 0001:02:03, or PT1H2M3S
 */
export function timeText(seconds, version) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.min(9999, Math.floor(whole / 3600)), Math.floor(whole / 60) % 60, whole % 60];
  if (version === "2004") return `PT${hours}H${minutes}M${rest}S`;
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${String(hours).padStart(4, "0")}:${two(minutes)}:${two(rest)}`;
}
