// The table of trials. Only the rows on the screen are in the page, so its rows are of one height and its columns of
// widths measured beforehand.

const row_height = 34;

/** `{id, head, title, right, value, show, down, usual}`: `value` is what it is sorted and filtered by. */
const table_columns = (() => {
  const list = [
    { id: "trial", head: "Trial", value: (t) => t.number ?? t.index, text: (t) => `●  ${t.label}${data_mark(t) ? `   ${data_mark(t)}  ` : ""}`, show: (t) => [dot(t), " ", el("b", {}, t.label), data_mark(t) ? el("span", { class: "tag", title: `Measured on ${digest_of(t)}` }, data_mark(t)) : null], usual: true },
    { id: "state", head: "State", value: (t) => t.state, text: (t) => `●${t.state}${t.reason ? ` ${t.reason}` : ""}`, widest: 130, show: (t) => [el("span", { class: t.state, title: t.reason }, t.state), t.reason ? el("span", { class: "reason", title: t.reason }, ` ${t.reason}`) : null], usual: true },
  ];
  const whole = (id, head, title, value) => list.push({ id, head, title, right: true, value, usual: true });
  whole("rank", "Rank", "Among finished trials, 1 is the best; several seeds of a setting share theirs", (t) => (t.rank === null ? NaN : t.rank + 1));
  if (data.ranks) Object.assign(list.at(-1), { text: (t) => rank_text(t), show: (t) => rank_text(t) });
  if (trials.some((t) => "setting" in t)) whole("setting", "Setting", "Trials of one setting differ in their seed alone", (t) => t.setting);
  if (trials.some((t) => "seed" in t)) whole("seed", "Seed", "", (t) => t.seed);
  if (trials.some((t) => "parent" in t)) whole("parent", "From", "The trial whose checkpoint it began from", (t) => t.parent);
  for (const o of objectives) list.push({ id: o.metric, head: o.metric, title: reading(o.metric), right: true, value: (t) => value_of(t, o.metric), text: (t) => objective_text(t, o), show: (t) => objective_cell(t, o), down: o.maximize, usual: true });
  parameters.forEach((p, i) => list.push({ id: p.key, head: p.label, title: p.key, right: p.numeric, value: (t) => (p.numeric ? number(t.parameters[p.key]) : t.parameters[p.key] === undefined ? undefined : short(t.parameters[p.key])), text: (t) => (p.key in t.parameters ? short(t.parameters[p.key]) : ""), usual: i < 8 }));
  const rate = (t) => (t.steps && t.seconds ? Number((t.steps / t.seconds).toPrecision(3)) : NaN);
  list.push({ id: "steps", head: "Steps", right: true, value: (t) => t.steps || NaN, usual: true },
    { id: "rate", head: "Steps/s", right: true, value: rate },
    { id: "seconds", head: "Duration", title: "In seconds when filtered by", right: true, value: (t) => t.seconds || NaN, text: (t) => duration(t.seconds), usual: true },
    { id: "host", head: "Host", value: (t) => t.provenance.host });
  for (const metric of Object.keys(data.measures)) {
    if (objectives.some((o) => o.metric === metric) || !trials.some((t) => metric in t.values)) continue;
    list.push({ id: metric, head: metric, title: reading(metric), right: true, value: (t) => value_of(t, metric), down: more_is_better(metric) === true, usual: constraints.flat().some((c) => c.metric === metric), text: (t) => (metric in t.values ? short(value_of(t, metric)) : "–") });
  }
  return list;
})();

function rank_text(trial) {
  const range = data.ranks[trial.index];
  return trial.rank === null ? "–" : range && range.high > range.low ? `${trial.rank + 1} (${range.low}–${range.high})` : `${trial.rank + 1}`;
}

function objective_text(trial, o) {
  if (!(o.metric in trial.values)) return "–";
  const interval = interval_of(trial, o.metric);
  return short(value_of(trial, o.metric)) + (interval && interval.low !== null ? ` [${short(interval.low)}, ${short(interval.high)}]` : "") + (missed(trial).length ? " ⚠" : "");
}

const best_finals = new Map(objectives.map((o) => {
  const finals = trials.filter((t) => t.rank !== null && t.feasible !== false).map((t) => mean_of(t, o.metric));
  return [o.metric, o.maximize ? most(finals) : least(finals)];
}));

function objective_cell(trial, o) {
  const text = objective_text(trial, o);
  if (text === "–") return text;
  const interval = interval_of(trial, o.metric);
  const title = [interval ? `Mean of its setting ${short(interval.mean)}, n = ${interval.n}` : "", ...missed(trial).map((c) => `Misses ${c.text}`)].filter(Boolean).join("; ");
  if (trial.rank === null) return el("span", { class: "far", title: title || "Not a final value of a finished trial, so not ranked" }, text);
  const is_best = mean_of(trial, o.metric) === best_finals.get(o.metric);
  if (is_best && trial.feasible !== false) return el("span", { class: "best", title: title || "The best" }, text);
  return trial.best && objectives.length > 1 ? el("span", { title: title || "On the Pareto front" }, text, " ◆") : el("span", { title }, text);
}

/** "accuracy<0.5" as a test of a trial; null when it is none, text when it names no column. */
function condition(word) {
  const parts = /^([^<>=!]+)(<=|>=|!=|==|=|<|>)(.*)$/.exec(word);
  if (!parts) return null;
  const [, name, test, limit] = parts;
  const fits = (c) => [c.id, c.head].some((text) => text.toLowerCase() === name);
  const ends = (c) => c.id.toLowerCase().endsWith(`.${name}`);
  const column = table_columns.find(fits) ?? table_columns.find(ends);
  if (!column) return `There is no column "${name}".`;
  if (limit === "") return () => true;  // Still being typed.
  return (trial) => {
    const value = column.value(trial);
    if (value === undefined || value === null || Number.isNaN(value)) return test === "!=";
    if (typeof value === "number" && Number.isFinite(Number(limit))) return tests[test](value, Number(limit));
    return tests[test](String(value).toLowerCase(), limit);
  };
}

add_view({
  id: "trials", tab: "Trials", heading: "Trials",
  lead: "Ticked trials are the ones shown everywhere on this page. Click a heading to sort.",
}, (box) => {
  if (!trials.length) return void box.append(note("There are no trials yet: the sweep has made none."));
  const sorting = { by: null, down: false };
  const [sorted, way] = recall("sort").split("~");
  sorting.by = table_columns.find((c) => c.id === sorted) ?? null;
  sorting.down = way === "down";
  const usual = table_columns.filter((c) => c.usual).map((c) => c.id);
  const shown = new Set(remembered.has("columns") ? recall("columns").split("~") : usual);
  let list = [], found = [], widths = [];

  const filter = el("input", { type: "search", placeholder: `Filter: words, or state=finished ${objective?.metric ?? "seconds"}<0.5`, "aria-label": "Filter trials", value: recall("filter"), size: 44 });
  const problem = el("span", { class: "failed", role: "status" });
  const tick_all = el("input", { type: "checkbox", title: "All rows", "aria-label": "Choose all rows" });
  const head = el("thead"), rows = el("tbody"), foot = el("span", { class: "muted number" });
  const table = el("table", { class: "list rows" }, head, rows);
  const scroller = el("div", { class: "scroll card" }, table);

  const texts = new Map();
  const text_of = (trial) => {
    if (!texts.has(trial)) texts.set(trial, [trial.label, trial.name, trial.state, trial.reason, described(trial), ...parameters.map((p) => `${p.key} ${short(trial.parameters[p.key])}`)].join(" ").toLowerCase());
    return texts.get(trial);
  };
  function compare(a, b) {
    const [x, y] = [sorting.by.value(a), sorting.by.value(b)];
    const [no_x, no_y] = [x, y].map((v) => v === undefined || v === null || Number.isNaN(v));
    if (no_x || no_y) return no_x - no_y;  // Trials without a value come last either way.
    const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
    return sorting.down ? -order : order;
  }
  function find() {
    const conditions = [];
    problem.textContent = "";
    for (const word of filter.value.toLowerCase().split(/\s+/).filter(Boolean)) {
      const test = condition(word);
      if (typeof test === "string") problem.textContent = test;
      else conditions.push(test ?? ((trial) => text_of(trial).includes(word)));
    }
    found = by_merit.filter((trial) => conditions.every((test) => test(trial)));
    if (sorting.by) found.sort(compare);
  }
  function sort_by(column) {
    sorting.down = sorting.by === column ? !sorting.down : Boolean(column.down);
    sorting.by = column;
    remember("sort", `${column.id}~${sorting.down ? "down" : "up"}`);
    draw();
  }

  const sorting_mark = "   ↕ ";  // The arrow that the style puts behind a heading, with its margin.
  const ruler = document.createElement("canvas").getContext("2d");
  function measure_widths() {
    ruler.font = `700 14.5px ${getComputedStyle(document.body).fontFamily}`;
    return list.map((column) => {
      const longest = trials.map((t) => cell_text(column, t)).sort((a, b) => b.length - a.length).slice(0, 5);
      const width = most([`${column.head}${sorting_mark}`, ...longest].map((text) => ruler.measureText(text).width));
      return Math.ceil(clamp(width + 25, 56, column.widest ?? 320));
    });
  }
  const cell_text = (column, t) => (column.text ? column.text(t) : short(Number.isNaN(column.value(t)) ? null : column.value(t)));

  function draw_head() {
    list = table_columns.filter((c) => shown.has(c.id));
    widths = measure_widths();
    table.style.minWidth = `${sum(widths) + 40}px`;
    const columns = el("colgroup", {}, el("col", { style: { width: "40px" } }), widths.map((w) => el("col", { style: { width: `${w}px` } })));
    table.querySelector("colgroup")?.remove();
    table.prepend(columns);
    head.replaceChildren(el("tr", {}, el("th", { class: "tick" }, tick_all), list.map((column) => el("th",
      { scope: "col", class: column.right ? "right" : "", title: column.title, "aria-sort": column === sorting.by ? (sorting.down ? "descending" : "ascending") : "none" },
      el("button", { type: "button", onclick: () => sort_by(column) }, column.head)))));
  }
  function row(trial) {
    const ticked = is_chosen(trial);
    return el("tr", { class: ticked ? "" : "unticked", data: { key: trial.key } },
      el("td", { class: "tick" }, el("input", { type: "checkbox", checked: ticked, "aria-label": `Choose ${trial.label}`, onchange: () => toggle(trial) })),
      list.map((column) => el("td", { class: column.right ? "right" : "" }, column.show ? column.show(trial) : cell_text(column, trial))));
  }
  const gap = (count) => el("tr", { class: "gap", "aria-hidden": true, style: { height: `${count * row_height}px` } });
  function draw_rows() {
    if (!found.length) return rows.replaceChildren(el("tr", {}, el("td", { colspan: list.length + 1, class: "muted" }, "No trial matches the filter.")));
    const height = Math.max(scroller.clientHeight, 0.8 * innerHeight);  // It may have no height yet.
    const first = printing ? 0 : clamp(Math.floor(scroller.scrollTop / row_height) - 8, 0, Math.max(0, found.length - 1));
    const last = printing ? found.length : Math.min(found.length, first + Math.ceil(height / row_height) + 16);
    rows.replaceChildren(gap(first), ...found.slice(first, last).map(row), gap(found.length - last));
  }
  function draw() {
    find();
    draw_head();
    draw_rows();
    tick_all.checked = found.length > 0 && found.every(is_chosen);
    tick_all.indeterminate = !tick_all.checked && found.some(is_chosen);
    foot.textContent = found.length === trials.length ? "" : `${found.length} of ${trials.length} rows`;
  }
  tick_all.onchange = () => {
    for (const trial of found) if (tick_all.checked) state.chosen.add(trial.index); else state.chosen.delete(trial.index);
    changed();
  };
  filter.oninput = () => { remember("filter", filter.value); scroller.scrollTop = 0; draw(); };
  let waiting = false;
  scroller.onscroll = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw_rows(); });
  };

  const menu = el("details", { class: "menu" }, el("summary", {}, "Columns"),
    el("div", { class: "card" }, table_columns.map((column) => el("label", {},
      el("input", { type: "checkbox", checked: shown.has(column.id), onchange: (e) => {
        if (e.target.checked) shown.add(column.id); else shown.delete(column.id);
        remember("columns", table_columns.filter((c) => shown.has(c.id)).map((c) => c.id).join("~"), usual.join("~"));
        draw();
      } }), column.id === column.head ? column.head : [column.head, el("span", { class: "muted" }, column.title || "")]))));
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  const only = el("button", { type: "button", title: "Choose exactly the rows below", onclick: () => choose(found) }, "Choose these rows");
  box.append(el("div", { class: "controls" }, filter, only, menu, chooser(), colour_select(), foot, problem), scroller);
  return draw;
});
