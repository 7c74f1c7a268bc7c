// Draws the report from the data in the page. Text from the data becomes text nodes and nothing else; what is said in
// words, ranked or called best was decided by the program that wrote the page. All files of this folder make one script.

const data = JSON.parse(document.getElementById("data").textContent);

/** An element with properties, `on...` handlers, `style` object, attributes, and children (text or elements). */
function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const attributes = ["colspan", "scope", "role", "for", "list"];
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === "style") for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name.startsWith("aria-") || attributes.includes(name)) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** The same for a part of an SVG picture, where everything is an attribute. */
function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) node.setAttribute(name, value);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const note = (text) => el("p", { class: "note" }, text);
const sum = (list) => list.reduce((a, b) => a + b, 0);
const unique = (list) => [...new Set(list)];
const least = (list) => list.reduce((a, b) => Math.min(a, b), Infinity);  // Math.min(...list) ends at some 100,000 arguments.
const most = (list) => list.reduce((a, b) => Math.max(a, b), -Infinity);
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/** The number in a value of the data, which says "nan", "inf" and "-inf" as text. */
function number(value) {
  if (typeof value === "number") return value;
  return value === "inf" ? Infinity : value === "-inf" ? -Infinity : NaN;
}

function short(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  if (Array.isArray(value)) return `[${value.map(short).join(", ")}]`;
  return String(value);
}

function duration(seconds) {
  if (!(seconds > 0)) return "–";
  if (seconds < 10) return `${short(Number(seconds.toPrecision(2)))} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
}

/** Plotly reads some markup in its texts; the data's has none. */
const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Calls at most once for many calls in a row, a moment after the last. */
function settled(call, milliseconds = 120) {
  let timer = null;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...given), milliseconds);
  };
}

// ------------------------------------------------------------------------------------------------ the trials

/** Settings as a whole: those all share, and what this trial has of its own. */
function whole_settings(base, own) {
  if (!own) return {};
  const all = { ...base, ...own.set };
  for (const key of own.absent) delete all[key];
  return all;
}

const trials = data.trials.map((trial, index) => {
  const key = trial.number === null ? `${trial.source}` : `${trial.source}.${trial.number}`;
  return { ...trial, index, key, spec: whole_settings(data.spec, trial.spec), provenance: whole_settings(data.provenance, trial.provenance) };
});

const objectives = data.objectives;
const objective = objectives[0];
const parameters = data.parameters;

const described = (trial) =>
  parameters.filter((p) => p.key in trial.parameters).map((p) => `${p.label} ${short(trial.parameters[p.key])}`).join(", ");

/** Better trials first, then those without a rank as they were read. */
const by_merit = [...trials].sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || a.index - b.index);
const started = by_merit.filter((trial) => trial.state !== "waiting" || trial.steps);

const unknown_measure = { group: "other", lower: false, higher: false, better: "", read_as: "", marks: [], failure_modes: [] };
const measure_of = (metric) => data.measures[metric] ?? unknown_measure;
/** Whether more is better: true, false, or null where neither is or nobody knows. A sweep's word comes first. */
function more_is_better(metric) {
  const asked = objectives.find((o) => o.metric === metric);
  if (asked) return asked.maximize;
  return measure_of(metric).higher ? true : measure_of(metric).lower ? false : null;
}
const direction = (metric) => ({ true: "higher is better", false: "lower is better", null: "" })[more_is_better(metric)];
const reading = (metric) => [measure_of(metric).better, measure_of(metric).read_as].filter(Boolean).join(": ");
const value_of = (trial, metric) => number(trial.values[metric]);
const has_value = (trial, metric) => Number.isFinite(value_of(trial, metric));
/** Whether the last value is the final one; of others it is where they stood when they ended. */
const is_final = (trial) => trial.state === "finished";

/** Several seeds of one setting: mean and interval of a measure, its ends null where there is none; undefined for one seed. */
const interval_of = (trial, metric) => data.intervals?.[trial.index]?.[metric];

// Numbers measured on different data do not compare: such trials carry a mark.
const digest_of = (trial) => trial.provenance.measures_digest ?? trial.provenance.data_digest;
const digests = unique(trials.map(digest_of).filter(Boolean));
const data_mark = (trial) => (digests.length > 1 && digest_of(trial) ? String.fromCharCode(65 + digests.indexOf(digest_of(trial)) % 26) : "");

/** The sweep's constraints that a trial's values miss. */
const constraints = data.sources.map((source) => source.constraints);
const tests = {
  "<=": (a, b) => a <= b, ">=": (a, b) => a >= b, "<": (a, b) => a < b, ">": (a, b) => a > b,
  "=": (a, b) => a === b, "==": (a, b) => a === b, "!=": (a, b) => a !== b,
};
const has_ended = (trial) => ["finished", "pruned", "failed"].includes(trial.state);
/** What an ended trial did not measure it does not keep; of one that runs, the number may yet come. */
const missed = (trial) => constraints[trial.source].filter((c) => (has_ended(trial) || has_value(trial, c.metric)) && !tests[c.test](value_of(trial, c.metric), c.limit));

/** Whether the trial's values may be held against others': final, of the data that all were measured on, within the constraints. */
const is_result = (trial) => is_final(trial) && trial.comparable !== false;
const is_fair = (trial) => is_result(trial) && trial.feasible !== false;

/** Trials that differ in their seed alone have the same. */
const setting_of = (trial) => trial.group ?? trial.key;
/** The first trial of each setting in a list, in its order. */
function one_a_setting(list) {
  const seen = new Set();
  return list.filter((t) => !seen.has(setting_of(t)) && seen.add(setting_of(t)));
}
/** What a trial's setting has on average over its seeds; of one seed its own value. */
const mean_of = (trial, metric) => means_of(metric).get(setting_of(trial)) ?? value_of(trial, metric);
const means_known = new Map();
function means_of(metric) {
  if (means_known.has(metric)) return means_known.get(metric);
  const groups = new Map();
  for (const t of trials) if (is_result(t) && has_value(t, metric)) groups.set(setting_of(t), [...(groups.get(setting_of(t)) ?? []), value_of(t, metric)]);
  const means = new Map([...groups].map(([setting, values]) => [setting, sum(values) / values.length]));
  means_known.set(metric, means);
  return means;
}

// ------------------------------------------------------------------------------------------------ the curves

function bytes_of(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

const axes_known = new WeakMap(), curves_known = new WeakMap();

/** The steps and seconds of all records of an axis. */
function axis_of(axis) {
  if (axes_known.has(axis)) return axes_known.get(axis);
  const steps = typeof axis.steps === "string" ? [...new Float32Array(bytes_of(axis.steps))]
    : axis.steps.flatMap(([first, distance, count]) => Array.from({ length: count }, (_, i) => first + i * distance));
  const knots = new Float32Array(bytes_of(axis.seconds));
  const second = (i) => {
    if (knots.length === axis.count) return knots[i];
    // Knot j was taken at the record `floor(j (count - 1) / (knots - 1))`.
    const place = (j) => Math.floor(j * (axis.count - 1) / (knots.length - 1));
    let j = Math.min(Math.floor(i * (knots.length - 1) / (axis.count - 1)), knots.length - 2);
    while (j < knots.length - 2 && place(j + 1) <= i) j += 1;
    while (j > 0 && place(j) > i) j -= 1;
    return knots[j] + (knots[j + 1] - knots[j]) * (i - place(j)) / (place(j + 1) - place(j));
  };
  const known = { steps, seconds: steps.map((_, i) => { const s = second(i); return Number.isFinite(s) ? s : null; }) };
  axes_known.set(axis, known);
  return known;
}

/** The points of a curve, `{steps, seconds, values}` with null where there is no number; null when it was not recorded. */
function curve_of(trial, metric) {
  const packed = trial.curves.metrics[metric];
  if (!packed) return null;
  if (curves_known.has(packed)) return curves_known.get(packed);
  const axis = axis_of(trial.curves.axes[packed.axis]);
  const values = [...new Float32Array(bytes_of(packed.values))].map((v) => (Number.isFinite(v) ? v : null));
  let curve = { steps: axis.steps, seconds: axis.seconds, values };
  if (packed.at) {
    const bytes = bytes_of(packed.at);
    const at = [...(bytes.byteLength === 2 * values.length ? new Uint16Array(bytes) : new Uint32Array(bytes))];
    curve = { steps: at.map((i) => axis.steps[i]), seconds: at.map((i) => axis.seconds[i]), values };
  }
  curves_known.set(packed, curve);
  return curve;
}
