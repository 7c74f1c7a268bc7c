// What all plots share.

function theme_colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return { ink: of("--ink"), muted: of("--muted"), line: of("--line"), surface: of("--surface"), best: of("--best"), accent: of("--accent"), failed: of("--failed") };
}

function plot_layout(x, y, more = {}) {
  const c = theme_colours();
  const axis = { gridcolor: c.line, linecolor: c.line, zeroline: false, tickfont: { color: c.muted, size: 11 }, automargin: true, title: { font: { size: 12, color: c.muted }, standoff: 8 } };
  const merged = (own) => ({ ...axis, ...own, title: { ...axis.title, ...(own.title ?? {}) } });
  return {
    xaxis: merged(x), yaxis: merged(y), margin: { l: 46, r: 12, t: 10, b: 40 }, showlegend: false, hovermode: "closest",
    paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { family: getComputedStyle(document.body).fontFamily, color: c.ink },
    hoverlabel: { bgcolor: c.surface, bordercolor: c.line, font: { color: c.ink, size: 12 }, align: "left" }, ...more,
  };
}
const plot_options = { displayModeBar: false, responsive: true };
const many_points = 1500;  // From here on points are drawn by the graphics card.

/** Few, whole ticks on an axis of powers of ten. */
function log_axis(values) {
  const real = values.filter((v) => v > 0);
  const decades = real.length ? Math.log10(most(real) / least(real)) : 1;
  return { type: "log", dtick: decades > 1.5 ? 1 : decades > 0.3 ? "D2" : undefined, tickformat: "~g" };
}

/** The axis on which a parameter is drawn. */
function parameter_axis(parameter, list) {
  const title = { text: plain(parameter.key) };
  if (!parameter.numeric) return { type: "category", categoryorder: "array", categoryarray: levels(parameter).map(plain), title };
  return { ...(parameter.logarithmic ? log_axis(list.map((t) => number(t.parameters[parameter.key]))) : {}), title };
}
const on_axis = (parameter, trial) => (parameter.numeric ? number(trial.parameters[parameter.key]) : plain(short(trial.parameters[parameter.key])));

// ------------------------------------------------------------------------------------------------ drawn when seen

const plots = new Map();  // Of a canvas: what draws it, whether it is near the screen, whether it must be drawn anew.

/** Draws a canvas now, or when it comes near the screen. */
function plot(canvas, draw) {
  const known = plots.get(canvas);
  if (known) {
    known.draw = draw;
    known.stale = true;
    if (known.near) draw_plot(known);
    return;
  }
  const entry = { draw, near: false, stale: true };
  plots.set(canvas, entry);
  on_near(canvas, (near) => {
    entry.near = near;
    if (!canvas.isConnected) plots.delete(canvas);
    else if (near) draw_plot(entry);
  });
}
function draw_plot(entry) {
  if (!entry.stale || typeof Plotly === "undefined") return;
  entry.stale = false;
  entry.draw();
}
function draw_all_plots() {
  for (const [canvas, entry] of plots) if (canvas.isConnected) draw_plot(entry);
}

/** One figure for each name inside a box, keeping the figures that are there. */
function figures(box, names) {
  const wanted = names.join("\n");
  if (box.dataset.names !== wanted) {
    box.dataset.names = wanted;
    box.replaceChildren(...names.map(() => el("figure", { class: "plot card" }, el("figcaption"), el("div", { class: "canvas" }))));
  }
  return [...box.querySelectorAll(".canvas")];
}
const caption = (canvas, ...parts) => canvas.parentNode.querySelector("figcaption").replaceChildren(...parts.filter(Boolean));

// ------------------------------------------------------------------------------------------------ trials as points

/** The look of trials as points: the chosen strong, the best ringed; those open that miss a constraint, and small those
 * that did not finish or saw other data, whose values are no results. */
function point_style(list) {
  const c = theme_colours();
  // Eight colours tell some trials apart; a thousand they only make gaudy.
  const one_colour = state.colour === "trial" && state.chosen.size > 24 ? palettes[dark() ? "dark" : "light"][0] : null;
  const colour_of = (t) => (one_colour && is_chosen(t) ? one_colour : colour(t));
  const many = list.length > 150;
  return {
    size: list.map((t) => (t.best ? 12 : !is_result(t) ? 6 : many ? 7 : 10)), symbol: list.map((t) => symbols[level(t)] + (!is_fair(t) ? "-open" : "")),
    color: list.map(colour_of), opacity: list.map((t) => (is_chosen(t) || t.best ? 1 : many ? 0.45 : 0.4)),
    line: { width: list.map((t) => (!is_fair(t) ? 2 : t.best ? 2.5 : 0)), color: list.map((t) => (!is_fair(t) ? colour_of(t) : c.best)) },
  };
}

/** Pointing shows the trial with its picture, a click chooses it. Points carry the trial's index as `customdata`. */
function live_points(canvas, lines) {
  for (const name of ["plotly_hover", "plotly_unhover", "plotly_click", "plotly_selected"]) canvas.removeAllListeners?.(name);
  const trial_at = (event) => trials[event.points.find((p) => p.customdata !== undefined)?.customdata];
  canvas.on("plotly_hover", (event) => {
    const trial = trial_at(event);
    if (trial) show_hover_card(trial, event.event, lines?.(trial) ?? []);
  });
  canvas.on("plotly_unhover", hide_hover_card);
  canvas.on("plotly_click", (event) => {
    const trial = trial_at(event);
    hide_hover_card();
    if (trial) toggle(trial);
  });
  canvas.on("plotly_selected", (event) => {
    const inside = unique((event?.points ?? []).map((p) => p.customdata).filter((i) => i !== undefined));
    if (inside.length) choose(inside.map((i) => trials[i]));
  });
}

// ------------------------------------------------------------------------------------------------ the card at the pointer

const hover_card = el("div", { class: "hover card", hidden: true });
document.body.append(hover_card);

function show_hover_card(trial, event, lines) {
  const sample = trial.samples.at(-1);
  const photo = sample && (Object.keys(sample.pictures).sort().find((name) => name in trial.input) ?? Object.keys(sample.pictures).sort()[0]);
  hover_card.replaceChildren(
    photo ? el("div", { class: "pair" }, photo in trial.input ? image(trial.input[photo], "photo") : null, image(sample.pictures[photo], trial.label)) : "",
    el("div", { class: "text" }, el("b", {}, trial.label), trial.state === "finished" ? "" : el("span", { class: trial.state }, ` ${trial.state}`),
      lines.map((line) => el("div", {}, line)), el("div", { class: "muted" }, described(trial)),
      missed(trial).map((c) => el("div", { class: "failed" }, `misses ${c.text}`))));
  hover_card.hidden = false;
  const { width, height } = hover_card.getBoundingClientRect();
  const x = event.clientX + 16 + width > innerWidth ? event.clientX - 16 - width : event.clientX + 16;
  hover_card.style.left = `${Math.max(4, x)}px`;
  hover_card.style.top = `${clamp(event.clientY - height / 2, 4, Math.max(4, innerHeight - height - 4))}px`;
}
function hide_hover_card() { hover_card.hidden = true; }
