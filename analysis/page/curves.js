// Learning curves, and the health of the training, which are curves too.

const recorded = unique(trials.flatMap((trial) => Object.keys(trial.curves.metrics)));

/** A moving average that forgets exponentially and is fair to the first points; gaps stay gaps. `amount` is what it keeps
 * from one to the next of 200 points; a curve of fewer forgets as much over its length. */
function smoothed(values, strength) {
  const amount = strength ** (200 / Math.max(values.length, 1));
  let average = 0, weight = 0;
  return values.map((value) => {
    if (value === null) return null;
    average = amount * average + (1 - amount) * value;
    weight = amount * weight + (1 - amount);
    return average / weight;
  });
}

/** What a trial's curve looks like under the settings `{time, weighted, smoothing}`. */
function curve_traces(trial, metric, settings) {
  const curve = curve_of(trial, metric);
  if (!curve) return [];
  const weight = settings.weighted ? trial.weights[metric] ?? 1 : 1;
  const x = settings.time ? curve.seconds.map((s) => (s === null ? null : s / 60)) : curve.steps;
  const y = curve.values.map((v) => (v === null ? null : v * weight));
  const few = x.length < 25;
  const amount = few || measure_of(metric).exact ? 0 : settings.smoothing;
  const line = { color: colour(trial), width: 2, dash: dashes[level(trial)] };
  const common = { type: "scatter", mode: few ? "lines+markers" : "lines", x, meta: trial.index };
  const shown = smoothed(y, amount);
  const head = `<b>${plain(trial.label)}</b>${described(trial) ? ` ${plain(described(trial))}` : ""}`;
  const list = [];
  if (amount > 0) list.push({ ...common, y, line: { color: line.color, width: 1 }, opacity: 0.16, hoverinfo: "skip" });
  list.push({ ...common, y: shown, line, marker: { size: 6, symbol: symbols[level(trial)], color: line.color },
    hovertemplate: `${head}<br>${settings.time ? "%{x:.2f} min" : "step %{x}"}: %{y:.4g}<extra></extra>` });
  const last = shown.findLastIndex((v) => v !== null);
  if (trial.state === "failed" && last >= 0) {
    list.push({ type: "scatter", mode: "markers", x: [x[last]], y: [shown[last]], meta: trial.index, marker: { symbol: "x", size: 9, color: line.color }, hovertemplate: `${head}<br>failed here<extra></extra>` });
  }
  return list;
}

/** Lines across a plot that say what a value means: `[value, words, colour]`. */
function guide_lines(guides) {
  const c = theme_colours();
  return {
    shapes: guides.map(([value, , which]) => ({ type: "line", xref: "paper", x0: 0, x1: 1, y0: value, y1: value, line: { color: c[which], width: 1, dash: "dash" } })),
    annotations: guides.map(([value, words, which]) => ({ xref: "paper", x: 1, xanchor: "right", y: value, yanchor: "bottom", text: plain(words), showarrow: false, font: { size: 11, color: c[which] } })),
  };
}

/** `explained`: whether there is a line for how to read it; plots side by side all have one or none. */
function draw_curve(canvas, list, metric, settings, explained, guides = []) {
  const weighted = settings.weighted && trials.some((t) => metric in t.weights);
  caption(canvas, el("b", {}, metric), el("span", {}, weighted ? "times its weight" : direction(metric)), explained ? el("small", {}, measure_of(metric).read_as) : null);
  plot(canvas, () => {
    const x = settings.time ? { title: { text: "minutes" } } : { title: { text: "step" } };
    const traces = list.flatMap((trial) => curve_traces(trial, metric, settings));
    const of_log = settings.log ? log_axis(traces.flatMap((trace) => trace.y)) : { type: "linear" };
    Plotly.react(canvas, traces, plot_layout(x, of_log, settings.log ? {} : guide_lines(guides)), plot_options);
  });
}

/** Names of the trials drawn; while the pointer is on one the others fade. */
function curve_legend(list, grid) {
  const fade = (index) => {
    for (const canvas of grid.querySelectorAll(".canvas")) {
      const opacity = (canvas.data ?? []).map((trace) => (index === null || trace.meta === index ? (trace.hoverinfo === "skip" ? 0.16 : 1) : 0.07));
      if (opacity.length) Plotly.restyle(canvas, { opacity });
    }
  };
  return list.map((trial) => el("span", { class: "chip", onmouseenter: () => fade(trial.index), onmouseleave: () => fade(null), title: described(trial) },
    stroke(trial), el("b", {}, trial.label), el("span", { class: "muted" }, described(trial))));
}

/** Two words of which one holds; what holds is kept in the address. */
function either(settings, name, texts, draw) {
  settings[name] = recall(name) === "on";
  const buttons = texts.map((text, i) => el("button", { type: "button", "aria-pressed": settings[name] === (i === 1), onclick: () => {
    settings[name] = i === 1;
    remember(name, i ? "on" : "");
    buttons.forEach((other, k) => other.setAttribute("aria-pressed", k === i));
    draw();
  } }, text));
  return el("span", { class: "group" }, buttons);
}

add_view({
  id: "curves", tab: "Curves", heading: "Curves",
  lead: ["Losses under different weights do not compare by their weighted values; ", el("code", {}, "eval"), " measures do."],
}, (box) => {
  if (!recorded.length) return void box.append(note("No trial has recorded anything yet (record.metrics_every decides when it does)."));
  const preferred = [...objectives.map((o) => o.metric), ...data.shown_first].filter((m) => recorded.includes(m));
  const shown_first = unique(preferred.length ? preferred : recorded).slice(0, 6);
  const settings = { smoothing: clamp(Number(recall("smoothing", 0.8)) || 0, 0, 0.98) };
  const groups = data.groups.filter((group) => recorded.some((m) => measure_of(m).group === group.name));
  const in_group = (name) => recorded.filter((m) => measure_of(m).group === name);
  const legend = el("div", { class: "legend" }), grid = el("div", { class: "plots" });

  const tabs = shown_first.length === recorded.length ? [] : [{ name: "", heading: "Main" }, ...groups].map((group) => ({
    name: group.name, button: el("button", { type: "button", onclick: () => { remember("group", group.name); remember("curve", ""); draw(); } }, group.heading),
  }));
  const select = el("select", {}, el("option", { value: "" }, "all of these"),
    groups.map((group) => el("optgroup", { label: group.heading }, in_group(group.name).map((m) => el("option", { value: m }, m)))));
  select.onchange = () => { remember("curve", select.value); draw(); };
  const smooth = el("input", { type: "range", min: 0, max: 0.98, step: 0.02, value: settings.smoothing, "aria-label": "Smoothing" });
  smooth.oninput = () => { settings.smoothing = Number(smooth.value); remember("smoothing", smooth.value, 0.8); draw(); };
  box.append(
    el("div", { class: "controls" }, tabs.length ? el("span", { class: "group" }, tabs.map((tab) => tab.button)) : null, el("label", {}, "Show", select)),
    el("div", { class: "controls" }, either(settings, "time", ["by step", "by time"], draw),
      trials.some((trial) => Object.keys(trial.weights).length) ? either(settings, "weighted", ["raw", "weighted"], draw) : null,
      either(settings, "log", ["linear", "log"], draw), el("label", {}, "Smoothing", smooth), colour_select()), legend, grid);

  function draw() {
    const list = chosen().filter((trial) => Object.keys(trial.curves.metrics).length);
    legend.replaceChildren(...curve_legend(list, grid));
    const metric = recorded.includes(recall("curve")) ? recall("curve") : "", group = groups.some((g) => g.name === recall("group")) ? recall("group") : "";
    tabs.forEach((tab) => tab.button.setAttribute("aria-pressed", !metric && tab.name === group));
    select.value = metric;
    if (!list.length) {
      grid.dataset.names = "";
      return grid.replaceChildren(note("None of the chosen trials has records: tick others in the table above."));
    }
    const wanted = metric ? [metric] : group ? in_group(group) : shown_first;
    grid.classList.toggle("one", wanted.length === 1);
    figures(grid, wanted).forEach((canvas, i) => draw_curve(canvas, list, wanted[i], settings, wanted.some((m) => measure_of(m).read_as)));
  }
  return draw;
});

const health_metrics = recorded.filter((m) => measure_of(m).group === "health");

add_view({
  id: "health", tab: "Health", heading: "Health",
  lead: "Whether a training was about to go wrong. Smoothed; norms of gradients on a scale of powers of ten.",
}, (box) => {
  const settings = { smoothing: 0.8, time: false, weighted: false, log: false };
  const legend = el("div", { class: "legend" }), grid = el("div", { class: "plots" });
  /** Where the specs of all trials agree that a failure mode begins; null where they do not. */
  const limit = (mode, list) => {
    const values = unique(list.map((t) => t.spec[mode.setting] ?? (mode.complement ? 1 - mode.limit : mode.limit)));
    return values.length !== 1 || typeof values[0] !== "number" ? null : mode.complement ? 1 - values[0] : values[0];
  };
  const guides = ({ marks, failure_modes }, list) => [...marks.map((mark) => [mark.at, mark.label, "muted"]),
    ...failure_modes.map((mode) => [limit(mode, list), mode.above ? mode.name : `${mode.name} below`, "failed"])].filter(([value]) => value !== null);
  box.append(legend, grid);
  return () => {
    const list = chosen().filter((trial) => health_metrics.some((m) => m in trial.curves.metrics));
    legend.replaceChildren(...curve_legend(list, grid));
    if (!list.length) {
      grid.dataset.names = "";
      return grid.replaceChildren(note("None of the chosen trials has records of its health."));
    }
    figures(grid, health_metrics).forEach((canvas, i) => {
      const measure = measure_of(health_metrics[i]);
      draw_curve(canvas, list, health_metrics[i], { ...settings, log: measure.logarithmic }, true, guides(measure, list));
    });
  };
}, health_metrics.length > 0);
