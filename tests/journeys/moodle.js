// Moodle's side of a SCORM package, as the modules `datamodels/scorm_12.js`, `datamodels/scorm_13.js` and `request.js`
// of its mod/scorm behave (4.5 and 5): what they take, what they send to the server and when, and what they make of it.

const TEXT = (most) => new RegExp(`^[\\u0000-\\uFFFF]{0,${most}}$`);
const DECIMAL_12 = /^-?([0-9]{0,3})(\.[0-9]*)?$/;
const DECIMAL_13 = /^-?([0-9]{1,5})(\.[0-9]{1,18})?$/;
const KINDS = {
  "SCORM_1.2": {
    object: "API",
    calls: ["LMSInitialize", "LMSFinish", "LMSGetValue", "LMSSetValue", "LMSCommit", "LMSGetLastError"],
    total: "cmi.core.total_time",
    session: "cmi.core.session_time",
    status: "cmi.core.lesson_status",
    mode: "cmi.core.lesson_mode",
    codes: { unknown: "201", early: "301", readOnly: "403", writeOnly: "404", form: "405", range: "405" },
    again: true,
    model: {
      "cmi.core.student_id": {},
      "cmi.core.lesson_mode": {},
      "cmi.core.credit": {},
      "cmi.core.entry": {},
      "cmi.core.total_time": {},
      "cmi.student_data.mastery_score": {},
      "cmi.core.lesson_location": { format: TEXT(255) },
      "cmi.core.lesson_status": { format: /^passed$|^completed$|^failed$|^incomplete$|^browsed$/ },
      "cmi.core.score.raw": { format: DECIMAL_12, range: [0, 100] },
      "cmi.core.score.min": { format: DECIMAL_12, range: [0, 100] },
      "cmi.core.score.max": { format: DECIMAL_12, range: [0, 100] },
      "cmi.core.exit": { format: /^time-out$|^suspend$|^logout$|^$/, writeOnly: true },
      "cmi.core.session_time": { format: /^([0-9]{2,4}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,2})?$/, writeOnly: true, first: "00:00:00" },
      "cmi.suspend_data": { format: TEXT(4096) },
    },
  },
  "SCORM_1.3": {
    object: "API_1484_11",
    calls: ["Initialize", "Terminate", "GetValue", "SetValue", "Commit", "GetLastError"],
    total: "cmi.total_time",
    session: "cmi.session_time",
    status: "cmi.completion_status",
    mode: "cmi.mode",
    codes: { unknown: "401", early: "122", readOnly: "404", writeOnly: "405", form: "406", range: "407" },
    again: false,
    model: {
      "cmi.learner_id": {},
      "cmi.mode": {},
      "cmi.credit": {},
      "cmi.entry": {},
      "cmi.total_time": {},
      "cmi.completion_threshold": {},
      "cmi.scaled_passing_score": {},
      "cmi.location": { format: TEXT(1000) },
      "cmi.completion_status": { format: /^completed$|^incomplete$|^not attempted$|^unknown$/ },
      "cmi.success_status": { format: /^passed$|^failed$|^unknown$/ },
      "cmi.progress_measure": { format: DECIMAL_13, range: [0, 1] },
      "cmi.score.scaled": { format: DECIMAL_13, range: [-1, 1] },
      "cmi.score.raw": { format: DECIMAL_13 },
      "cmi.score.min": { format: DECIMAL_13 },
      "cmi.score.max": { format: DECIMAL_13 },
      "cmi.exit": { format: /^time-out$|^suspend$|^logout$|^normal$|^$/, writeOnly: true },
      "cmi.session_time": {
        format: /^P(\d+Y)?(\d+M)?(\d+D)?(T(((\d+H)(\d+M)?(\d+(\.\d{1,2})?S)?)|((\d+M)(\d+(\.\d{1,2})?S)?)|((\d+(\.\d{1,2})?S))))?$/,
        writeOnly: true,
        first: "PT0H0M0S",
      },
      "cmi.suspend_data": { format: TEXT(64_000) },
    },
  },
};

/** Send to the server, and wait for its word. A page that goes away may not wait: then a beacon goes, and counts as a yes. */
function send(address, fields) {
  const form = new URLSearchParams(fields);
  const request = new XMLHttpRequest();
  request.open("POST", address, false);
  request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
  try {
    request.send(form.toString());
  } catch {
    return navigator.sendBeacon(address, form) ? "true" : "false";
  }
  return request.status === 200 ? request.responseText.split("\n")[0] : String(request.status);
}

/** @param {string} time as either version writes it @returns {number} s */
function secondsOf(time) {
  const clock = time.match(/^(\d+):(\d+):(\d+(?:\.\d+)?)$/) ?? time.match(/^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/) ?? [];
  const [hours = 0, minutes = 0, seconds = 0] = clock.slice(1).map((part) => Number(part ?? 0));
  return 3600 * hours + 60 * minutes + seconds;
}

/**
 * Put the API into this window.
 * @param {"SCORM_1.2" | "SCORM_1.3"} version
 * @param {Record<string, string>} defaults what the server has of the learner
 * @param {string} address of the server's data model
 */
function moodle(version, defaults, address) {
  const { object, calls, codes, model, ...names } = KINDS[version];
  const cmi = Object.fromEntries(Object.keys(model).map((name) => [name, defaults[name] ?? model[name].first ?? ""]));
  const stored = { ...cmi };
  let [isOpen, isOver, error] = [false, false, "0"];
  const refuse = (code, ...what) => {
    error = code;
    navigator.sendBeacon(`${address}?refused`, JSON.stringify([code, ...what]));
    return "false";
  };
  const store = (isEnd) => {
    const fields = {};
    if (isEnd) {
      if (version === "SCORM_1.2" && cmi[names.status] === "not attempted") cmi[names.status] = "completed";
      if (cmi[names.mode] === "normal") {
        const [mastery, raw] = [cmi["cmi.student_data.mastery_score"], cmi["cmi.core.score.raw"]];
        if (mastery && raw !== "") cmi[names.status] = Number(raw) >= Number(mastery) ? "passed" : "failed";
        const [threshold, progress] = [cmi["cmi.completion_threshold"], cmi["cmi.progress_measure"]];
        if (threshold && progress) cmi[names.status] = Number(progress) >= Number(threshold) ? "completed" : "incomplete";
      }
      fields[names.total] = String(secondsOf(cmi[names.total]) + secondsOf(cmi[names.session]));
    }
    for (const [name, { format }] of Object.entries(model)) {
      if (!format || name === names.session || cmi[name] === stored[name]) continue;
      fields[name] = stored[name] = cmi[name];
    }
    return send(isEnd ? `${address}?end` : address, fields) === "true" ? "true" : "false";
  };
  const functions = [
    (word) => {
      if (word !== "" || isOpen || isOver) return refuse("103", "begin", word);
      if (version === "SCORM_1.2" && cmi[names.status] === "") cmi[names.status] = "not attempted";
      isOpen = true;
      return "true";
    },
    (word) => {
      if (word !== "" || !isOpen) return refuse(codes.early, "end", word);
      const answer = store(true);
      isOpen = answer !== "true";
      isOver = !names.again && !isOpen;
      return answer;
    },
    (name) => {
      if (!isOpen) return refuse(codes.early, "get", name) && "";
      if (!(name in model)) return refuse(codes.unknown, "get", name) && "";
      if (model[name].writeOnly) return refuse(codes.writeOnly, "get", name) && "";
      return cmi[name];
    },
    (name, given) => {
      const value = `${given}`;
      const { format, range } = model[name] ?? {};
      if (!isOpen) return refuse(codes.early, "set", name, value);
      if (!(name in model)) return refuse(codes.unknown, "set", name, value);
      if (!format) return refuse(codes.readOnly, "set", name, value);
      if (!format.test(value)) return refuse(codes.form, "set", name, value);
      if (range && !(Number(value) >= range[0] && Number(value) <= range[1])) return refuse(codes.range, "set", name, value);
      cmi[name] = value;
      return "true";
    },
    (word) => (word !== "" || !isOpen ? refuse(codes.early, "commit", word) : store(false)),
    () => error,
  ];
  window[object] = Object.fromEntries(calls.map((name, at) => [name, functions[at]]));
}
