// The colour, line and symbol of each trial, the same in all views.

const palettes = {  // Okabe and Ito's, without its yellow, and lighter for a dark page.
  light: ["#0072b2", "#d55e00", "#009e73", "#b8568f", "#3d9fdb", "#c98500", "#6b4fa0", "#5c5c5c"],
  dark: ["#5fb0ee", "#ff8f4f", "#35cda1", "#ea9fcb", "#9ad6ff", "#f5bd3d", "#b796ea", "#b3b3b3"],
};
const viridis = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
const dashes = ["solid", "dash", "dot", "dashdot", "longdash"];
const symbols = ["circle", "diamond", "square", "triangle-up", "cross"];
const grey = "#8a8a8a";
const dark = () => document.documentElement.dataset.theme === "dark";

function along_viridis(position) {
  const [low, high] = dark() ? [0.25, 1] : [0, 0.84];
  const place = (low + (high - low) * position) * (viridis.length - 1);
  const at = Math.min(Math.floor(place), viridis.length - 2);
  const channel = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) => {
    const from = channel(viridis[at], i);
    return Math.round(from + (channel(viridis[at + 1], i) - from) * (place - at));
  });
  return `#${mixed.map((c) => c.toString(16).padStart(2, "0")).join("")}`;
}
/** For Plotly: the same colours from 0 to 1. */
const colour_scale = () => Array.from({ length: 11 }, (_, i) => [i / 10, along_viridis(i / 10)]);

const numeric_parameters = parameters.filter((p) => p.numeric);
const levels = (parameter) =>
  unique(trials.filter((t) => parameter.key in t.parameters).map((t) => short(t.parameters[parameter.key]))).sort();
const dashed = parameters.find((p) => !p.numeric && levels(p).length <= dashes.length);
const dashed_levels = dashed ? levels(dashed) : [];
const level = (trial) => (dashed ? Math.max(0, dashed_levels.indexOf(short(trial.parameters[dashed.key]))) : 0);

const usual_colour = numeric_parameters.length === 1 ? numeric_parameters[0].key : "trial";
const colour_names = () => [["trial", "trial"], ...(objective ? [["objective", objective.metric]] : []), ...numeric_parameters.map((p) => [p.key, p.label])];
state.colour = colour_names().some(([value]) => value === recall("colour")) ? recall("colour") : usual_colour;

/** Where each trial lies between the least and the most of a number, 0 to 1; null where it has none. The ends are those of
 * most trials where a few lie far out: the 2nd and 98th of a hundred. */
function positions(of, logarithmic, list = trials) {
  const bend = logarithmic ? Math.log : (x) => x;
  const values = list.map(of).filter(Number.isFinite).map(bend).sort((a, b) => a - b);
  const at = (share) => values[Math.round(share * (values.length - 1))];
  const [low, high] = values.length > 20 ? [at(0.02), at(0.98)] : [values[0], values.at(-1)];
  return (trial) => {
    const value = of(trial);
    return Number.isFinite(value) ? (high > low ? clamp((bend(value) - low) / (high - low), 0, 1) : 0.5) : null;
  };
}

/** Colours by number, or null when trials simply differ. */
function scale_of(name) {
  const parameter = parameters.find((p) => p.key === name);
  if (parameter) return positions((t) => number(t.parameters[parameter.key]), parameter.logarithmic);
  const results = trials.filter(is_result);  // Values measured early do not stretch the colours.
  return name === "objective" && objective ? positions((t) => value_of(t, objective.metric), false, results.length ? results : trials) : null;
}

const scales = new Map();  // Every point and line asks for its colour.
function scaled_colour(trial, name) {
  if (!scales.has(name)) scales.set(name, scale_of(name));
  const position = scales.get(name)?.(trial);
  return position === undefined ? undefined : position === null ? grey : along_viridis(position);
}

function colour(trial) {
  const scaled = state.colour === "trial" ? undefined : scaled_colour(trial, state.colour);
  if (scaled) return scaled;
  const palette = palettes[dark() ? "dark" : "light"];
  return slots.has(trial.index) ? palette[slots.get(trial.index) % palette.length] : grey;
}

/** The palette's places taken by the chosen trials. A trial keeps its colour as long as it stays chosen. */
const slots = new Map();
on_change(() => {  // The first of all listeners, so that the others see its colours.
  for (const index of slots.keys()) if (!state.chosen.has(index)) slots.delete(index);
  const taken = new Set(slots.values());
  let slot = 0;
  for (const { index } of all_chosen()) {
    if (slots.has(index)) continue;
    while (taken.has(slot)) slot += 1;
    taken.add(slot);
    slots.set(index, slot);
  }
});

const dot = (trial) => el("span", { class: "dot", style: { color: colour(trial) } });

/** A short piece of the line with which a trial is drawn. */
function stroke(trial) {
  const pattern = { solid: "", dash: "6 3", dot: "2 3", dashdot: "6 3 2 3", longdash: "10 3" }[dashes[level(trial)]];
  return svg("svg", { width: 22, height: 8 },
    svg("line", { x1: 0, x2: 22, y1: 4, y2: 4, stroke: colour(trial), "stroke-width": 2.5, "stroke-dasharray": pattern }));
}

function colour_select() {
  const select = el("select", {}, colour_names().map(([value, text]) => el("option", { value }, text)));
  select.onchange = () => {
    state.colour = select.value;
    remember("colour", state.colour, usual_colour);
    changed();
  };
  on_change(() => { select.value = state.colour; });
  return el("label", {}, "Colour by", select);
}
