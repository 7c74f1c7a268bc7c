// Two measures against each other, with the Pareto front, the trials that none beats in both.

const front_metrics = unique([...objectives.map((o) => o.metric), ...Object.keys(data.measures).filter((m) => measure_of(m).group === "evaluation")])
  .filter((metric) => trials.filter((t) => has_value(t, metric)).length > 1);

/** The trials of a list, one a setting, that none of it beats in both measures, by the first one. */
function pareto_front(list, x, y) {
  const [up_x, up_y] = [x, y].map(more_is_better);
  if (up_x === null || up_y === null) return [];
  const cost = (t, metric, up) => (up ? -1 : 1) * mean_of(t, metric);
  const sorted = [...list].sort((a, b) => cost(a, x, up_x) - cost(b, x, up_x) || cost(a, y, up_y) - cost(b, y, up_y));
  let best = Infinity;
  return sorted.filter((t) => {
    const better = cost(t, y, up_y) < best;
    if (better) best = cost(t, y, up_y);
    return better;
  });
}

add_view({
  id: "front", tab: "Front", heading: "One measure against another",
  lead: "One point a trial; point at it to see its picture, click to choose it.",
}, (box) => {
  const select = (name, otherwise) => {
    const wanted = recall(name, otherwise);
    const node = el("select", {}, front_metrics.map((m) => el("option", { value: m, selected: m === wanted }, m)));
    node.onchange = () => { remember(name, node.value, otherwise); draw(); };
    return node;
  };
  const across = select("front-x", front_metrics[0]), up = select("front-y", front_metrics[1]);
  const canvas = el("div", { class: "canvas" }), said = el("p", { class: "lead" });
  box.append(el("div", { class: "controls" }, el("label", {}, "Across", across), el("label", {}, "Up", up), chooser(), colour_select()),
    el("div", { class: "plots one" }, el("figure", { class: "plot card" }, canvas)), said);

  function draw() {
    const [x, y] = [across.value, up.value];
    const measured = trials.filter((t) => has_value(t, x) && has_value(t, y));
    // Several seeds of a setting are one point, their mean; what is not to be compared stays a point of its own.
    const fair = one_a_setting(measured.filter(is_fair));
    const list = [...fair, ...measured.filter((t) => !is_fair(t))];
    const at = (t, metric) => (is_fair(t) ? mean_of(t, metric) : value_of(t, metric));
    const front = pareto_front(fair, x, y);
    said.textContent = front.length ? `The front: ${front.length} of ${fair.length} ${fair.some((t) => interval_of(t, x)?.n > 1) ? "settings" : "finished trials"}${constraints.flat().length ? " that keep the constraints" : ""} are beaten by none in both. Open points are trials that did not finish, miss a constraint or saw other data. Drag a box around points to choose them.`
      : "Of one of these measures neither more nor less is better, so there is no front. Drag a box around points to choose them.";
    plot(canvas, () => {
      const c = theme_colours();
      const steps = front.flatMap((t, i) => (i ? [[at(t, x), at(front[i - 1], y)], [at(t, x), at(t, y)]] : [[at(t, x), at(t, y)]]));
      const label = (metric) => ({ title: { text: plain(metric) + (direction(metric) ? `  (${direction(metric)})` : "") } });
      const ordered = [...list].sort((a, b) => is_chosen(a) - is_chosen(b));
      const style = point_style(ordered);
      const marks = new Set(front.map((t) => t.index));
      style.line.width = ordered.map((t, i) => (marks.has(t.index) ? 2.5 : style.symbol[i].endsWith("-open") ? 2 : 0));
      style.line.color = ordered.map((t, i) => (marks.has(t.index) ? c.best : style.line.color[i]));
      const traces = [
        { type: "scatter", mode: "lines", x: steps.map((p) => p[0]), y: steps.map((p) => p[1]), line: { color: c.best, width: 2 }, hoverinfo: "skip" },
        { type: ordered.length > many_points ? "scattergl" : "scatter", mode: "markers", x: ordered.map((t) => at(t, x)), y: ordered.map((t) => at(t, y)),
          customdata: ordered.map((t) => t.index), marker: style, hoverinfo: "none", selected: { marker: {} }, unselected: { marker: {} } },
        ...error_bars(fair, x, y),
      ];
      const apart = (a, b, metric, share) => Math.abs(at(a, metric) - at(b, metric)) > share * (most(list.map((t) => at(t, metric))) - least(list.map((t) => at(t, metric))));
      const named = [];  // Names that lie over each other cannot be read.
      const chosen = list.filter((t) => is_chosen(t) && !marks.has(t.index));
      for (const t of [...front, ...(chosen.length <= 12 ? chosen : [])]) if (named.every((other) => apart(t, other, x, 0.05) || apart(t, other, y, 0.06))) named.push(t);
      const names = named.map((t) => ({ x: at(t, x), y: at(t, y), text: plain(t.label), showarrow: false, xshift: more_is_better(x) ? 7 : -7, yshift: more_is_better(y) ? 9 : -9, xanchor: more_is_better(x) ? "left" : "right", font: { size: 11, color: c.muted } }));
      Plotly.react(canvas, traces, plot_layout(label(x), label(y), { dragmode: "select", annotations: names, uirevision: `${x} ${y}` }), plot_options);
      live_points(canvas, (t) => [`${x} ${short(at(t, x))}`, `${y} ${short(at(t, y))}`, ...(marks.has(t.index) ? ["on the front"] : [])]);
    });
  }
  /** Means over seeds with their intervals, where a setting has several. */
  function error_bars(list, x, y) {
    const seen = new Set();
    const means = list.map((t) => [interval_of(t, x), interval_of(t, y), t]).filter(([a, b, t]) => a?.n > 1 && b?.n > 1 && a.low !== null && b.low !== null && !seen.has(setting_of(t)) && seen.add(setting_of(t)));
    if (!means.length) return [];
    const bar = (side) => ({ type: "data", symmetric: false, array: means.map((m) => m[side].high - m[side].mean), arrayminus: means.map((m) => m[side].mean - m[side].low), thickness: 1, width: 3, color: theme_colours().muted });
    return [{ type: "scatter", mode: "markers", x: means.map((m) => m[0].mean), y: means.map((m) => m[1].mean), error_x: bar(0), error_y: bar(1), marker: { size: 4, color: theme_colours().muted }, hoverinfo: "skip" }];
  }
  return draw;
}, front_metrics.length > 1 && trials.length > 1);
