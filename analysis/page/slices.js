// The objective by each parameter, and by two of them together.

const valued = (metric) => trials.filter((t) => has_value(t, metric) && t.state !== "failed");
/** How many trials a plot compares, and how many stand in it with a value that is no result. */
function n_of(list) {
  const results = list.filter(is_result).length;
  return `n = ${results}${list.length > results ? `; ${list.length - results} small and open, not finished or on other data` : ""}`;
}
const slice_metrics = unique([...objectives.map((o) => o.metric), ...front_metrics]).filter((m) => valued(m).length > 1);

/** The parameters, those that mattered most for a metric first. */
function by_importance(metric) {
  const found = data.importance?.find((entry) => entry.objective === metric && entry.enough);
  const share = new Map((found?.parameters ?? []).map((p) => [p.key, p.share]));
  return [...parameters].sort((a, b) => (share.get(b.key) ?? 0) - (share.get(a.key) ?? 0));
}

function metric_select(name, draw) {
  const node = el("select", {}, slice_metrics.map((m) => el("option", { value: m, selected: m === recall(name, slice_metrics[0]) }, m)));
  node.onchange = () => { remember(name, node.value, slice_metrics[0]); draw(); };
  return node;
}

add_view({
  id: "slices", tab: "Slices", heading: "The objective by each parameter",
  lead: "One point a trial, the best ringed; faint ones are not chosen. Where there are trials enough, the line is what to expect whatever the other parameters are, with its standard error.",
}, (box) => {
  if (!objective && !slice_metrics.length) return void box.append(note("Nothing was measured that trials could be compared by (an eval metric, or the sweep's minimize or maximize)."));
  if (!slice_metrics.length) return void box.append(note("Two trials with a value are needed to compare; so far there are not."));
  const most_slices = 12;
  const select = metric_select("slice", draw);
  const grid = el("div", { class: "plots" }), more = el("button", { type: "button", onclick: () => { all = true; draw(); } });
  let all = parameters.length <= most_slices;
  box.append(el("div", { class: "controls" }, slice_metrics.length > 1 ? el("label", {}, "Objective", select) : null, colour_select()), grid, more);

  /** What the model behind the importance expects at each value, whatever the others are, with its error. */
  function expected(metric, parameter) {
    const entry = data.importance?.find((known) => known.objective === metric && known.enough);
    const effects = entry?.parameters.find((p) => p.key === parameter.key)?.effects?.filter((e) => typeof e.expected === "number") ?? [];
    if (effects.length < 2) return [];
    const c = theme_colours();
    const x = effects.map((e) => (parameter.numeric ? number(e.at) : plain(short(e.at))));
    const error = effects.map((e) => (typeof e.error === "number" ? e.error : 0));
    const middle = effects.map((e) => e.expected);
    if (!parameter.numeric) {
      return [{ type: "scatter", mode: "markers", x, y: middle, error_y: { type: "data", array: error, thickness: 1.5, width: 6, color: c.accent }, marker: { symbol: "line-ew-open", size: 22, color: c.accent, line: { width: 2.5 } }, hoverinfo: "skip" }];
    }
    const band = { type: "scatter", mode: "lines", line: { width: 0 }, hoverinfo: "skip" };
    return [{ ...band, x, y: middle.map((v, i) => v - error[i]) }, { ...band, x, y: middle.map((v, i) => v + error[i]), fill: "tonexty", fillcolor: `${c.accent}26` },
      { type: "scatter", mode: "lines", x, y: middle, line: { color: c.accent, width: 2, dash: "dot" }, hoverinfo: "skip" }];
  }
  function draw() {
    const metric = select.value;
    const shown = all || printing ? by_importance(metric) : by_importance(metric).slice(0, most_slices);
    more.hidden = shown.length === parameters.length;
    more.textContent = `Show all ${parameters.length} parameters`;
    figures(grid, shown.map((p) => p.key)).forEach((canvas, i) => {
      const parameter = shown[i];
      const list = valued(metric).filter((t) => parameter.key in t.parameters).sort((a, b) => is_chosen(a) - is_chosen(b));
      caption(canvas, el("b", { title: parameter.key }, parameter.label), el("span", {}, n_of(list)));
      plot(canvas, () => {
        const points = { type: "scatter", mode: "markers", x: list.map((t) => on_axis(parameter, t)), y: list.map((t) => value_of(t, metric)),
          customdata: list.map((t) => t.index), marker: point_style(list), hoverinfo: "none" };
        const range = (t) => (interval_of(t, metric)?.low !== null ? interval_of(t, metric) : undefined);
        if (list.some(range)) points.error_y = { type: "data", symmetric: false, array: list.map((t) => (range(t) ? Math.max(0, range(t).high - value_of(t, metric)) : 0)), arrayminus: list.map((t) => (range(t) ? Math.max(0, value_of(t, metric) - range(t).low) : 0)), thickness: 1, width: 0, color: theme_colours().muted };
        Plotly.react(canvas, [...expected(metric, parameter), points], plot_layout(parameter_axis(parameter, list), { title: { text: plain(metric) } }, { dragmode: "select" }), plot_options);
        live_points(canvas, (t) => [`${metric} ${short(value_of(t, metric))}`]);
      });
    });
  }
  return draw;
}, parameters.length > 0 && trials.length > 1);

add_view({
  id: "interaction", tab: "Interaction", heading: "Two parameters together",
  lead: "Where in the plane of two parameters the good trials lie.",
}, (box) => {
  const usual = (metric) => {
    const found = data.importance?.find((entry) => entry.objective === metric && entry.enough)?.interactions?.[0]?.keys;
    return found?.every((key) => parameters.some((p) => p.key === key)) ? found : by_importance(metric).slice(0, 2).map((p) => p.key);
  };
  const select = metric_select("joint", draw);
  const side = (name) => {
    const node = el("select", {}, parameters.map((p) => el("option", { value: p.key }, p.label)));
    node.onchange = () => { remember(name, node.value); draw(); };
    return node;
  };
  const across = side("joint-x"), up = side("joint-y");
  const surface = el("input", { type: "checkbox", checked: recall("surface") === "on", onchange: () => { remember("surface", surface.checked ? "on" : ""); draw(); } });
  const canvas = el("div", { class: "canvas" });
  box.append(el("div", { class: "controls" }, slice_metrics.length > 1 ? el("label", {}, "Objective", select) : null, el("label", {}, "Across", across), el("label", {}, "Up", up),
    el("label", { title: "The mean of near trials: a guide for the eye, not a measurement" }, surface, "smoothed surface")),
    el("div", { class: "plots one" }, el("figure", { class: "plot card" }, el("figcaption"), canvas)));

  function draw() {
    const metric = select.value;
    const found = usual(metric);
    const [x, y] = ["joint-x", "joint-y"].map((name, i) => parameters.find((p) => p.key === recall(name)) ?? parameters.find((p) => p.key === found[i]));
    across.value = x.key;
    up.value = y.key;
    const list = valued(metric).filter((t) => x.key in t.parameters && y.key in t.parameters).sort((a, b) => is_result(b) - is_result(a));
    const results = list.filter(is_result);
    surface.disabled = !(x.numeric && y.numeric && results.length > 1);
    caption(canvas, el("b", {}, `${metric} by ${x.label} and ${y.label}`), el("span", {}, n_of(list)));
    plot(canvas, () => {
      const c = theme_colours();
      const values = results.map((t) => value_of(t, metric));
      const sorted = [...values].sort((a, b) => a - b);
      const [low, high] = values.length > 20 ? [sorted[Math.round(0.02 * (values.length - 1))], sorted[Math.round(0.98 * (values.length - 1))]] : [sorted[0], sorted.at(-1)];
      const bar = { title: { text: plain(metric), side: "right" }, thickness: 14, outlinewidth: 0, tickfont: { color: c.muted } };
      const points = { type: list.length > many_points ? "scattergl" : "scatter", mode: "markers", x: list.map((t) => on_axis(x, t)), y: list.map((t) => on_axis(y, t)), customdata: list.map((t) => t.index), hoverinfo: "none",
        marker: { size: list.map((t) => (!is_result(t) ? 6 : list.length > 150 ? 8 : 13)), symbol: list.map((t) => (is_fair(t) ? "circle" : "circle-open")), color: list.map((t) => value_of(t, metric)), cmin: low, cmax: high, colorscale: colour_scale(), showscale: true, colorbar: bar,
          line: { width: list.map((t) => (t.best ? 3 : is_chosen(t) ? 1.5 : 0.5)), color: list.map((t) => (t.best ? c.best : is_chosen(t) ? c.ink : c.surface)) } } };
      const traces = surface.checked && !surface.disabled ? [smooth_surface(results, x, y, values, low, high), points] : [points];
      Plotly.react(canvas, traces, plot_layout(parameter_axis(x, list), parameter_axis(y, list), { dragmode: "select" }), plot_options);
      live_points(canvas, (t) => [`${metric} ${short(value_of(t, metric))}`]);
    });
  }
  /** The mean of the trials, weighted by nearness (Nadaraya and Watson, 1964); nothing where no trial is near. */
  function smooth_surface(list, x, y, values, low, high) {
    const cells = 40, width = 0.09;
    const scale = (parameter) => {
      const bend = parameter.logarithmic ? Math.log10 : (v) => v;
      const all = list.map((t) => bend(number(t.parameters[parameter.key])));
      const from = least(all), size = most(all) - from || 1;
      return { of: all.map((v) => (v - from) / size), at: (i) => { const v = from + size * i / (cells - 1); return parameter.logarithmic ? 10 ** v : v; } };
    };
    const [a, b] = [scale(x), scale(y)];
    const z = Array.from({ length: cells }, (_, j) => Array.from({ length: cells }, (__, i) => {
      let total = 0, weight = 0;
      values.forEach((value, k) => {
        const w = Math.exp(-((a.of[k] - i / (cells - 1)) ** 2 + (b.of[k] - j / (cells - 1)) ** 2) / (2 * width * width));
        total += w * clamp(value, low, high);
        weight += w;
      });
      return weight > 0.3 ? total / weight : null;
    }));
    const steps = Array.from({ length: cells }, (_, i) => i);
    return { type: "contour", x: steps.map(a.at), y: steps.map(b.at), z, zmin: low, zmax: high, colorscale: colour_scale(), showscale: false, opacity: 0.45, contours: { coloring: "heatmap" }, line: { width: 0.5 }, hoverinfo: "skip", connectgaps: false };
  }
  return draw;
}, parameters.length > 1 && slice_metrics.length > 0);
