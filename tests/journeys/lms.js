// A strict LMS in a page: scorm-again as the run time, and before it the limits that others enforce and it does not.

const ASCII = /^[\x20-\x7e]*$/;
const EXITS = ["suspend", "logout", "time-out", ""];
const LIMITS = {
  "1.2": {
    "cmi.suspend_data": (value) => value.length <= 4096,
    "cmi.core.lesson_location": (value) => value.length <= 255,
    "cmi.core.session_time": (value) => /^\d{2,4}:\d{2}:\d{2}(\.\d{1,2})?$/.test(value),
    "cmi.core.exit": (value) => EXITS.includes(value),
    "cmi.core.lesson_status": (value) => ["passed", "completed", "failed", "incomplete", "browsed"].includes(value),
    "cmi.core.score.raw": (value) => /^\d+(\.\d+)?$/.test(value) && Number(value) <= 100,
  },
  2004: {
    "cmi.suspend_data": (value) => value.length <= 64_000,
    "cmi.location": (value) => value.length <= 1000,
    "cmi.session_time": (value) => /^P(\d+D)?T(\d+H)?(\d+M)?(\d+(\.\d{1,2})?S)?$/.test(value),
    "cmi.exit": (value) => ["suspend", "normal", "logout", "time-out", ""].includes(value),
    "cmi.completion_status": (value) => ["completed", "incomplete", "not attempted", "unknown"].includes(value),
    "cmi.progress_measure": (value) => Number(value) >= 0 && Number(value) <= 1,
    "cmi.score.scaled": (value) => Math.abs(Number(value)) <= 1,
  },
};
const DONE = ["completed", "passed", "failed"];

/**
 * Begin a session of a learner.
 * @param {"1.2" | "2004"} version
 * @param {Record<string, string>} kept what was kept of the last one
 * @param {string} course its address
 * @param {string} key under which the server keeps it
 */
function begin(version, kept, course, key) {
  const isFirst = version === "1.2";
  const Api = isFirst ? window.Scorm12API : window.Scorm2004API;
  const real = new Api({ autocommit: false, logLevel: 5 });
  const status = isFirst ? "cmi.core.lesson_status" : "cmi.completion_status";
  const cmi = { ...kept };
  const report = { key, cmi, refused: [], lowered: [], commits: 0, ended: false, session: Math.random(), told: 0 };
  window.report = report;
  real.loadFromFlattenedJSON({ ...cmi, [isFirst ? "cmi.core.student_id" : "cmi.learner_id"]: "learner-7" });
  const names = isFirst
    ? { begin: "LMSInitialize", get: "LMSGetValue", set: "LMSSetValue", commit: "LMSCommit", end: "LMSFinish", error: "LMSGetLastError" }
    : { begin: "Initialize", get: "GetValue", set: "SetValue", commit: "Commit", end: "Terminate", error: "GetLastError" };
  const keep = () => {
    report.told += 1;
    navigator.sendBeacon("/kept", JSON.stringify(report));
  };
  window[isFirst ? "API" : "API_1484_11"] = {
    [names.begin]: (word) => real[isFirst ? "lmsInitialize" : "lmsInitialize"](word),
    [names.get]: (name) => real.lmsGetValue(name),
    [names.set]: (name, value) => {
      const fits = typeof value === "string" && ASCII.test(value) && (LIMITS[version][name]?.(value) ?? true);
      const answer = fits ? real.lmsSetValue(name, value) : "false";
      if (answer !== "true") report.refused.push([name, value]);
      else {
        if (name === status && DONE.includes(cmi[name]) && !DONE.includes(value)) report.lowered.push(value);
        cmi[name] = value;
      }
      return answer;
    },
    [names.commit]: () => { report.commits += 1; keep(); return "true"; },
    [names.end]: () => { report.ended = true; keep(); return "true"; },
    [names.error]: () => real.lmsGetLastError(),
  };
  document.getElementById("sco").src = course;
}
