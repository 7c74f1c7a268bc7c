"use strict";
// Draws the report from the data in the page. Text from the data becomes text nodes and nothing else; what is said in
// words, ranked or called best was decided by the program that wrote the page.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const trials = data.trials.map((trial, index) => ({ ...trial, index }));
  const main = ["generator.adversarial", "generator.content", "generator.style", "discriminator.total", "generator.total"];
  const most_shown = 40;  // Columns of the sheet and lines of a plot; more can neither be seen nor drawn quickly.

  // ---------------------------------------------------------------------------------------------- small tools

  /** An element with properties, `on...` handlers, `style` and `data` objects, and children (text or elements). */
  function el(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (value === undefined || value === null) continue;
      if (name === "style") for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
      else if (name === "class") node.className = value;
      else if (name.startsWith("aria-") || name === "colspan" || name === "scope") node.setAttribute(name, value);
      else node[name] = value;
    }
    node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }

  const body = (section) => document.querySelector(`#${section} .body`);
  const note = (text) => el("p", { class: "note" }, text);
  const sum = (list) => list.reduce((a, b) => a + b, 0);

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
    if (!seconds) return "–";
    const s = Math.round(seconds);
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
    return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
  }

  /** Plotly reads some markup in its texts; the data's has none. */
  const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  const described = (trial) =>
    data.parameters.filter((p) => p.key in trial.parameters).map((p) => `${p.label} ${short(trial.parameters[p.key])}`).join(", ");

  /** Better trials first, then those without a rank as they were read. */
  const by_merit = [...trials].sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || a.index - b.index);
  const objective = data.objectives[0];
  const unknown_measure = { group: "other", lower: false, higher: false, better: "", read_as: "" };
  const measure_of = (metric) => data.measures[metric] ?? unknown_measure;
  const direction = (metric) => (measure_of(metric).lower || measure_of(metric).higher ? measure_of(metric).better : "");
  const reading = (metric) => [measure_of(metric).better, measure_of(metric).read_as].filter(Boolean).join(": ");
  const has_values = (trial, metric) => Number.isFinite(number(trial.values[metric]));

  // ---------------------------------------------------------------------------------------------- what is chosen

  const state = { chosen: new Set(), colour: "", listeners: [] };
  const on_change = (draw) => { state.listeners.push(draw); draw(); };
  const changed = () => state.listeners.forEach((draw) => draw());

  function choose(list) {
    state.chosen = new Set(list.map((trial) => trial.index));
    changed();
  }

  const started = by_merit.filter((trial) => trial.state !== "waiting" || trial.steps);
  const first_choice = started.length <= 8 ? started : started.slice(0, 6);
  state.chosen = new Set(first_choice.map((trial) => trial.index));
  const chosen = () => by_merit.filter((trial) => state.chosen.has(trial.index)).slice(0, most_shown);

  /** The buttons that choose, wherever the choice is felt. */
  function chooser() {
    const count = el("span", { class: "muted number" });
    const ends = [...new Set([...started.slice(0, 3), ...started.filter((t) => t.rank !== null).slice(-3)])];
    const buttons = el("span", { class: "group" },
      el("button", { type: "button", onclick: () => choose(started.slice(0, 6)) }, "Best 6"),
      el("button", { type: "button", onclick: () => choose(ends) }, "Best and last"),
      el("button", { type: "button", onclick: () => choose(started) }, "All"));
    on_change(() => {
      const more = state.chosen.size > most_shown ? `, the best ${most_shown} of them drawn` : "";
      count.textContent = `${state.chosen.size} of ${trials.length} chosen${more}`;
    });
    return started.length > 1 ? [buttons, count] : [];
  }

  // ---------------------------------------------------------------------------------------------- colours

  const palettes = {  // Okabe and Ito's, without its yellow, and lighter for a dark page.
    light: ["#0072b2", "#d55e00", "#009e73", "#b8568f", "#3d9fdb", "#c98500", "#6b4fa0", "#5c5c5c"],
    dark: ["#5fb0ee", "#ff8f4f", "#35cda1", "#ea9fcb", "#9ad6ff", "#f5bd3d", "#b796ea", "#b3b3b3"],
  };
  const viridis = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
  const dashes = ["solid", "dash", "dot", "dashdot", "longdash"];
  const symbols = ["circle", "diamond", "square", "triangle-up", "cross"];
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

  const numeric_parameters = data.parameters.filter((p) => p.numeric);
  const levels = (parameter) =>
    [...new Set(trials.filter((t) => parameter.key in t.parameters).map((t) => short(t.parameters[parameter.key])))].sort();
  const dashed = data.parameters.find((p) => !p.numeric && levels(p).length <= dashes.length);
  const dashed_levels = dashed ? levels(dashed) : [];

  state.colour = numeric_parameters.length === 1 ? numeric_parameters[0].key : "trial";

  /** Colours by number: the value of a trial, and the scale's ends. Null when trials simply differ. */
  function measure() {
    const parameter = data.parameters.find((p) => p.key === state.colour);
    if (state.colour === "trial" || (!parameter && !objective)) return null;
    const of = parameter ? (t) => number(t.parameters[parameter.key]) : (t) => number(t.values[objective.metric]);
    const bend = parameter?.logarithmic ? Math.log : (x) => x;
    const values = trials.map(of).filter(Number.isFinite).map(bend);
    const low = Math.min(...values), high = Math.max(...values);
    return (trial) => (Number.isFinite(of(trial)) ? (high > low ? (bend(of(trial)) - low) / (high - low) : 0.5) : null);
  }

  let scale = { by: null, of: null };  // The last measure made: every point and line asks for its colour.
  function colour(trial) {
    if (scale.by !== state.colour) scale = { by: state.colour, of: measure() };
    const position = scale.of?.(trial);
    if (position !== undefined) return position === null ? grey : along_viridis(position);
    const palette = palettes[dark() ? "dark" : "light"];
    return slots.has(trial.index) ? palette[slots.get(trial.index) % palette.length] : grey;
  }
  const grey = "#8a8a8a";

  /** The palette's places taken by the chosen trials. A trial keeps its colour as long as it stays chosen. */
  const slots = new Map();
  function assign_slots() {
    for (const index of slots.keys()) if (!state.chosen.has(index)) slots.delete(index);
    for (const { index } of by_merit.filter((trial) => state.chosen.has(trial.index) && !slots.has(trial.index))) {
      const taken = new Set(slots.values());
      let slot = 0;
      while (taken.has(slot)) slot += 1;
      slots.set(index, slot);
    }
  }
  on_change(assign_slots);  // The first of all listeners, so that the others see its colours.
  const level = (trial) => (dashed ? Math.max(0, dashed_levels.indexOf(short(trial.parameters[dashed.key]))) : 0);

  const dot = (trial) => el("span", { class: "dot", style: { color: colour(trial) } });

  /** A short piece of the line with which a trial is drawn. */
  function stroke(trial) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const pattern = { solid: "", dash: "6 3", dot: "2 3", dashdot: "6 3 2 3", longdash: "10 3" }[dashes[level(trial)]];
    for (const [name, value] of Object.entries({ width: 22, height: 8 })) svg.setAttribute(name, value);
    for (const [name, value] of Object.entries({ x1: 0, x2: 22, y1: 4, y2: 4, stroke: colour(trial), "stroke-width": 2.5, "stroke-dasharray": pattern })) line.setAttribute(name, value);
    svg.append(line);
    return svg;
  }

  // ---------------------------------------------------------------------------------------------- pictures

  const picture = (place) => data.pictures[place];

  /** The newest sample of a trial that is not after a step. */
  const sample_at = (trial, step) => trial.samples.filter((sample) => sample.step <= step).pop();

  /** Two pictures, one over the other; the edge between them follows the pointer or the arrow keys. */
  function wipe(before, after, labels) {
    const box = el("div", { class: "wipe" });
    const slider = el("input", { type: "range", min: 0, max: 100, value: 50, step: 0.5, "aria-label": `${labels[0]} or ${labels[1]}` });
    slider.oninput = () => box.style.setProperty("--cut", `${slider.value}%`);
    slider.onpointermove = (event) => {
      const area = box.getBoundingClientRect();
      slider.value = (100 * (event.clientX - area.left)) / area.width;
      slider.oninput();
    };
    box.append(el("img", { src: picture(after), alt: labels[1], draggable: false }),
      el("img", { class: "before", src: picture(before), alt: labels[0], draggable: false }),
      el("span", { class: "left" }, labels[0]), el("span", { class: "right" }, labels[1]), slider);
    return box;
  }

  /** The enlarged picture: photo against trial; arrow keys go to the next trial and the next photo. */
  function enlarge(start, photo, step) {
    const dialog = document.getElementById("zoom");
    const showing = { trial: start, photo, pixels: false };
    const others = () => chosen().filter((trial) => sample_at(trial, step));
    const photos = () => Object.keys(sample_at(showing.trial, step)?.pictures ?? {}).sort();

    function move(list, current, by) {
      const at = list.indexOf(current);
      return list[(at + by + list.length) % list.length] ?? current;
    }
    function draw() {
      const sample = sample_at(showing.trial, step);
      if (!(showing.photo in sample.pictures)) showing.photo = photos()[0];
      const after = sample.pictures[showing.photo], before = showing.trial.input[showing.photo] ?? after;
      const value = objective && has_values(showing.trial, objective.metric)
        ? `${objective.metric} ${short(number(showing.trial.values[objective.metric]))}` : showing.trial.state;
      const view = wipe(before, after, ["photo", showing.trial.label]);
      view.classList.toggle("pixels", showing.pixels);
      dialog.style.setProperty("--side", "min(78vh, 88vw, 768px)");
      const turn = (what, by) => el("button", { type: "button", onclick: () => step_to(what, by) }, `${by < 0 ? "←" : "→"} ${what}`);
      dialog.replaceChildren(
        el("div", { class: "title" },
          el("div", {}, el("h3", {}, `${showing.trial.label} at step ${sample.step}`),
            el("p", { class: "muted" }, [described(showing.trial), value].filter(Boolean).join(" · "))),
          el("button", { type: "button", onclick: () => dialog.close(), "aria-label": "Close" }, "Close")),
        view,
        el("div", { class: "controls" },
          el("span", { class: "group" }, turn("trial", -1), turn("trial", 1)),
          el("span", { class: "group" }, turn("photo", -1), turn("photo", 1)),
          el("label", {}, el("input", { type: "checkbox", checked: showing.pixels, onchange: (e) => { showing.pixels = e.target.checked; draw(); } }), "single pixels")));
    }
    function step_to(what, by) {
      if (what === "trial") showing.trial = move(others(), showing.trial, by);
      else showing.photo = move(photos(), showing.photo, by);
      draw();
    }
    dialog.onkeydown = (event) => {
      const way = { ArrowLeft: ["trial", -1], ArrowRight: ["trial", 1], ArrowUp: ["photo", -1], ArrowDown: ["photo", 1] }[event.key];
      if (!way) return;
      event.preventDefault();
      step_to(...way);
    };
    dialog.onclick = (event) => { if (event.target === dialog) dialog.close(); };
    draw();
    dialog.showModal();
  }

  // ---------------------------------------------------------------------------------------------- the top

  function masthead() {
    const counts = {};
    for (const trial of trials) counts[trial.state] = (counts[trial.state] ?? 0) + 1;
    const planned = sum(data.sources.map((source) => source.planned));
    const order = ["finished", "running", "waiting", "pruned", "failed", "unreadable"];
    const chips = el("div", { class: "chips" },
      order.filter((name) => counts[name]).map((name) => el("span", { class: "chip" }, el("span", { class: `dot ${name}` }), `${counts[name]} ${name}`)),
      planned > trials.length ? el("span", { class: "chip muted" }, `${planned} planned`) : null,
      data.objectives.map((o) => el("span", { class: "chip objective" }, `${o.maximize ? "maximize" : "minimize"} ${o.metric}`)));
    const many = data.sources.length > 1;
    document.getElementById("masthead").append(
      el("div", {},
        el("p", { class: "eyebrow" }, many ? `${data.sources.length} runs and sweeps compared` : `${data.sources[0].sweep ? "Sweep" : "Run"} in ${data.sources[0].folder}`),
        el("h1", {}, data.title), chips, el("div", { class: "words" }, data.summary.map((sentence) => el("p", {}, sentence)))),
      hero() ?? "");
  }

  /** The best trial's last picture of the first photo, beside the photo. */
  function hero() {
    const trial = started.find((t) => t.samples.length && Object.keys(t.input).length);
    const sample = trial?.samples.at(-1);
    const photo = sample && Object.keys(sample.pictures).sort().find((name) => name in trial.input);
    if (!photo) return null;
    return el("figure", { class: "hero card" }, wipe(trial.input[photo], sample.pictures[photo], ["photo", trial.label]),
      el("figcaption", {}, `${trial.best ? "The best" : trial.label} at step ${sample.step}: move across the picture`));
  }

  // ---------------------------------------------------------------------------------------------- samples

  function samples() {
    const with_samples = trials.filter((trial) => trial.samples.length);
    if (!with_samples.length) return body("samples").append(note("No trial has written samples yet (record.samples_every decides when it does)."));
    const steps = [...new Set(with_samples.flatMap((trial) => trial.samples.map((s) => s.step)))].sort((a, b) => a - b);
    const slider = el("input", { type: "range", min: 0, max: steps.length - 1, value: steps.length - 1, "aria-label": "Step" });
    const said = el("span", { class: "number nowrap" });
    const size = el("select", { "aria-label": "Size of the pictures" }, [["fit", "fit"], ["96", "small"], ["160", "medium"], ["256", "large"]]
      .map(([value, text]) => el("option", { value }, text)));
    const sheets = el("div", { class: "stack" });
    const play = el("button", { type: "button" }, "▶ Play");
    let timer = null;

    function draw() {
      const step = steps[slider.value];
      said.textContent = `step ${step}`;
      const columns = chosen().filter((trial) => trial.samples.length);
      if (!columns.length) return sheets.replaceChildren(note("None of the chosen trials has samples: tick others in the table below."));
      const scrolled = [...sheets.children].map((sheet) => sheet.scrollLeft);
      sheets.replaceChildren(...by_input(columns).map((group) => sheet(group, step, cell_size(group.length))));
      [...sheets.children].forEach((child, i) => { child.scrollLeft = scrolled[i] ?? 0; });
    }
    function cell_size(columns) {
      if (size.value !== "fit") return Number(size.value);
      return Math.max(104, Math.min(224, Math.floor((sheets.clientWidth - 40) / (columns + 1)) - 8));
    }
    function stop() {
      clearInterval(timer);
      timer = null;
      play.textContent = "▶ Play";
    }
    play.onclick = () => {
      if (timer) return stop();
      play.textContent = "■ Stop";
      if (Number(slider.value) === steps.length - 1) slider.value = 0;
      draw();
      timer = setInterval(() => {
        if (Number(slider.value) >= steps.length - 1) return stop();
        slider.value = Number(slider.value) + 1;
        draw();
      }, 700);
    };
    slider.oninput = draw;
    size.onchange = draw;
    addEventListener("resize", draw);
    body("samples").append(el("div", { class: "controls" },
      steps.length > 1 ? [play, el("label", { class: "grow" }, slider, said)] : said,
      el("label", {}, "Size", size), chooser()), sheets);
    if (data.pictures_left_out) body("samples").append(el("p", { class: "lead" }, `${data.pictures_left_out} pictures of earlier steps or later ranks are left out to keep this file small; they are in the run folders.`));
    on_change(draw);
  }

  /** Trials that were shown the same photos lie on one sheet. */
  function by_input(columns) {
    const groups = new Map();
    for (const trial of columns) {
      const key = JSON.stringify(trial.input);
      groups.set(key, [...(groups.get(key) ?? []), trial]);
    }
    return [...groups.values()];
  }

  function sheet(columns, step, cell) {
    const photos = [...new Set(columns.flatMap((trial) => [...Object.keys(trial.input), ...trial.samples.flatMap((s) => Object.keys(s.pictures))]))].sort();
    const input = columns[0].input;
    const has_input = Object.keys(input).length > 0;
    const head = el("tr", {}, has_input ? el("th", { scope: "col" }, el("div", { class: "head" }, el("b", {}, "photo"), el("div", { class: "mark" }))) : null,
      columns.map((trial) => el("th", { scope: "col" }, column_head(trial))));
    const rows = photos.map((photo) => el("tr", {},
      has_input ? el("td", {}, photo in input ? el("div", { class: "picture", style: { cursor: "default" } }, el("img", { src: picture(input[photo]), alt: `photo ${photo}` })) : el("div", { class: "absent" }, "no photo")) : null,
      columns.map((trial) => el("td", {}, cell_of(trial, photo, step)))));
    return el("div", { class: "sheet card", style: { "--cell": `${cell}px` } }, el("table", {}, el("thead", {}, head), el("tbody", {}, rows)));
  }

  function column_head(trial) {
    const value = objective && has_values(trial, objective.metric) ? short(number(trial.values[objective.metric])) : trial.state;
    return el("div", { class: "head" },
      el("div", {}, el("span", { class: `value ${trial.best ? "best" : trial.rank === null ? "far" : ""}`, title: objective?.metric ?? "" }, value), el("b", {}, trial.label)),
      el("div", { class: "muted" }, data.parameters.filter((p) => p.key in trial.parameters).slice(0, 5)
        .map((p) => el("div", { title: p.key }, `${p.label} ${short(trial.parameters[p.key])}`))),
      el("div", { class: "mark", style: { background: colour(trial) } }));
  }

  function cell_of(trial, photo, step) {
    const sample = sample_at(trial, step);
    if (!sample || !(photo in sample.pictures)) return el("div", { class: "absent" }, sample ? "missing" : "not yet");
    return el("button", { class: "picture", type: "button", onclick: () => enlarge(trial, photo, step), title: `${trial.label}, step ${sample.step}` },
      el("img", { src: picture(sample.pictures[photo]), alt: `${trial.label}, photo ${photo}, step ${sample.step}` }),
      sample.step < step ? el("small", {}, `step ${sample.step}`) : null);
  }

  // ---------------------------------------------------------------------------------------------- the table

  const rate = (trial) => (trial.steps && trial.seconds ? trial.steps / trial.seconds : NaN);
  const shown_parameters = data.parameters.slice(0, 8);
  const other_parameters = data.parameters.slice(8);

  /** The columns: a heading, what to sort by, what to show. */
  function columns() {
    const list = [
      { head: "Trial", sort: (t) => t.number ?? t.index, show: (t) => [dot(t), " ", el("b", {}, t.label)], nowrap: true },
      { head: "State", sort: (t) => t.state, show: (t) => [el("span", { class: t.state }, t.state), t.reason ? el("span", { class: "reason" }, t.reason) : null] },
    ];
    for (const o of data.objectives) {
      list.push({ head: o.metric, title: reading(o.metric), right: true, sort: (t) => number(t.values[o.metric]), down: o.maximize, show: (t) => objective_cell(t, o) });
    }
    for (const p of shown_parameters) {
      list.push({ head: p.label, title: p.key, right: p.numeric, sort: (t) => (p.numeric ? number(t.parameters[p.key]) : short(t.parameters[p.key])), show: (t) => short(t.parameters[p.key]) });
    }
    if (other_parameters.length) list.push({ head: "differs from the best in", sort: (t) => other_differences(t).length, show: (t) => el("span", { class: "reason" }, other_differences(t).join(", ") || "–") });
    list.push({ head: "Steps", right: true, sort: (t) => t.steps, show: (t) => t.steps || "–" },
      { head: "Steps/s", right: true, sort: rate, show: (t) => (Number.isFinite(rate(t)) ? short(Number(rate(t).toPrecision(3))) : "–") },
      { head: "Duration", right: true, sort: (t) => t.seconds ?? 0, show: (t) => duration(t.seconds) });
    return list;
  }

  function other_differences(trial) {
    const best = by_merit[0];
    return other_parameters.filter((p) => short(p.key in trial.parameters ? trial.parameters[p.key] : null) !== short(best.parameters[p.key]))
      .map((p) => `${p.label} ${short(trial.parameters[p.key])}`);
  }

  function objective_cell(trial, o) {
    if (!(o.metric in trial.values)) return "–";
    const value = short(number(trial.values[o.metric]));
    if (trial.rank === null) return el("span", { class: "far", title: "Not a final value of a finished trial, so not ranked" }, value);
    const finals = trials.filter((t) => t.rank !== null).map((t) => number(t.values[o.metric]));
    const best = o.maximize ? Math.max(...finals) : Math.min(...finals);
    const is_best = number(trial.values[o.metric]) === best;
    return is_best || trial.best ? el("span", { class: is_best ? "best" : "", title: is_best ? "The best" : "On the Pareto front" }, is_best ? value : `${value} ◆`) : value;
  }

  function table() {
    if (!trials.length) return body("trials").append(note("There are no trials yet: the sweep has made none."));
    const list = columns();
    const sorting = { by: null, down: false };
    const filter = el("input", { type: "search", placeholder: "Filter: any text in a row", "aria-label": "Filter trials", size: 28 });
    const rows = el("tbody");
    const tick_all = el("input", { type: "checkbox", title: "All rows shown", "aria-label": "Choose all rows shown" });
    const heads = list.map((column) => el("th", { scope: "col", class: column.right ? "right" : "", title: column.title },
      el("button", { type: "button", onclick: () => sort_by(column) }, column.head)));

    const text_of = (trial) => [trial.label, trial.name, trial.state, trial.reason, described(trial), ...data.parameters.map((p) => `${p.key} ${short(trial.parameters[p.key])}`)].join(" ").toLowerCase();
    const visible = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = by_merit.filter((trial) => words.every((word) => text_of(trial).includes(word)));
      return sorting.by ? found.sort(compare) : found;
    };
    function compare(a, b) {
      const [x, y] = [sorting.by.sort(a), sorting.by.sort(b)];
      const [no_x, no_y] = [x, y].map((v) => v === undefined || v === null || Number.isNaN(v));
      if (no_x || no_y) return no_x - no_y;  // Trials without a value come last either way.
      const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
      return sorting.down ? -order : order;
    }
    function sort_by(column) {
      sorting.down = sorting.by === column ? !sorting.down : Boolean(column.down);
      sorting.by = column;
      heads.forEach((head, i) => head.setAttribute("aria-sort", list[i] === column ? (sorting.down ? "descending" : "ascending") : "none"));
      draw();
    }
    function tick(trial, on) {
      if (on) state.chosen.add(trial.index); else state.chosen.delete(trial.index);
      changed();
    }
    function row(trial) {
      const ticked = state.chosen.has(trial.index);
      return el("tr", { class: ticked ? "" : "unticked" },
        el("td", {}, el("input", { type: "checkbox", checked: ticked, "aria-label": `Choose ${trial.label}`, onchange: (e) => tick(trial, e.target.checked) })),
        list.map((column) => el("td", { class: `${column.right ? "right" : ""} ${column.nowrap ? "nowrap" : ""}` }, column.show(trial))));
    }
    function draw() {
      const found = visible();
      rows.replaceChildren(...(found.length ? found.map(row) : [el("tr", {}, el("td", { colspan: list.length + 1, class: "muted" }, "No trial matches the filter."))]));
      tick_all.checked = found.length > 0 && found.every((trial) => state.chosen.has(trial.index));
    }
    tick_all.onchange = () => {
      for (const trial of visible()) if (tick_all.checked) state.chosen.add(trial.index); else state.chosen.delete(trial.index);
      changed();
    };
    filter.oninput = draw;
    body("trials").append(el("div", { class: "controls" }, filter, chooser(), colour_select()),
      el("div", { class: "scroll card" }, el("table", { class: "list" }, el("thead", {}, el("tr", {}, el("th", {}, tick_all), heads)), rows)));
    on_change(draw);
  }

  // ---------------------------------------------------------------------------------------------- evaluation

  /** The measures of the chosen trials side by side, each with how to read it: none of them says it all. */
  function evaluation() {
    const metrics = Object.keys(data.measures).filter((m) => measure_of(m).group === "evaluation" && trials.some((t) => m in t.values));
    if (!metrics.length && data.groups.every((group) => group.name === "other")) {  // Trials of another program, which knows no evaluation.
      for (const node of document.querySelectorAll('#evaluation, a[href="#evaluation"]')) node.remove();
      return;
    }
    if (!metrics.length) return body("evaluation").append(note("Nothing was measured yet: evaluations come at the end of a training, and every record.evaluate_every steps."));
    const most_columns = 12;
    const table = el("table", { class: "list" }), more = el("p", { class: "lead" });
    const finals = (metric) => trials.filter((t) => t.state === "finished").map((t) => number(t.values[metric])).filter(Number.isFinite);

    function cell(trial, metric) {
      if (!(metric in trial.values)) return "–";
      const { lower, higher } = measure_of(metric), value = number(trial.values[metric]), all = finals(metric);
      if (trial.state !== "finished") return el("span", { class: "far", title: "Not a final value of a finished trial" }, short(value));
      const best = all.length > 1 && (lower || higher) && value === (lower ? Math.min(...all) : Math.max(...all));
      return best ? el("span", { class: "best", title: "The best of all finished trials" }, short(value)) : short(value);
    }
    on_change(() => {
      const measured = chosen().filter((trial) => metrics.some((m) => m in trial.values));
      const list = measured.slice(0, most_columns);
      table.replaceChildren(
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Measure"), el("th", { scope: "col" }, "Read as"),
          list.map((trial) => el("th", { scope: "col", class: "right", title: described(trial) }, dot(trial), " ", trial.label)))),
        el("tbody", {}, metrics.map((metric) => el("tr", {}, el("th", { scope: "row", class: "nowrap" }, metric),
          el("td", { class: "reading" }, el("b", {}, measure_of(metric).better), el("span", { class: "muted" }, measure_of(metric).read_as)),
          list.map((trial) => el("td", { class: "right" }, cell(trial, metric)))))));
      more.textContent = measured.length > list.length ? `The best ${list.length} of the ${measured.length} chosen trials.` : "";
    });
    body("evaluation").append(el("div", { class: "scroll card" }, table), more);
  }

  function colour_select() {
    const options = [["trial", "trial"], ...(objective ? [["objective", objective.metric]] : []), ...numeric_parameters.map((p) => [p.key, p.label])];
    const select = el("select", {}, options.map(([value, text]) => el("option", { value, selected: value === state.colour }, text)));
    select.onchange = () => { state.colour = select.value; changed(); };
    return el("label", {}, "Colour by", select);
  }

  // ---------------------------------------------------------------------------------------------- plots

  function theme_colours() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return { ink: of("--ink"), muted: of("--muted"), line: of("--line"), surface: of("--surface"), best: of("--best") };
  }

  function plot_layout(x, y) {
    const c = theme_colours();
    const axis = { gridcolor: c.line, linecolor: c.line, zeroline: false, tickfont: { color: c.muted, size: 11 }, automargin: true, title: { font: { size: 12, color: c.muted }, standoff: 8 } };
    const merged = (own) => ({ ...axis, ...own, title: { ...axis.title, ...(own.title ?? {}) } });
    return {
      xaxis: merged(x), yaxis: merged(y), margin: { l: 46, r: 12, t: 10, b: 40 }, showlegend: false, hovermode: "closest",
      paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { family: getComputedStyle(document.body).fontFamily, color: c.ink },
      hoverlabel: { bgcolor: c.surface, bordercolor: c.line, font: { color: c.ink, size: 12 }, align: "left" },
    };
  }
  const plot_options = { displayModeBar: false, responsive: true };
  /** Few, whole ticks on an axis of powers of ten. */
  const log_axis = (values) => {
    const decades = Math.log10(Math.max(...values) / Math.min(...values));
    return { type: "log", dtick: decades > 1.5 ? 1 : "D2", tickformat: "~g" };
  };
  const hover_head = (trial) => `<b>${plain(trial.label)}</b>${described(trial) ? ` ${plain(described(trial))}` : ""}`;

  // ---------------------------------------------------------------------------------------------- curves

  /** A moving average that forgets exponentially and is fair to the first points; gaps stay gaps. */
  function smoothed(values, amount) {
    let average = 0, weight = 0;
    return values.map((value) => {
      if (value === null) return null;
      average = amount * average + (1 - amount) * value;
      weight = amount * weight + (1 - amount);
      return average / weight;
    });
  }

  function curves() {
    const metrics = [...new Set(trials.flatMap((trial) => Object.keys(trial.curves.metrics)))];
    if (!metrics.length) return body("curves").append(note("No trial has recorded anything yet (record.metrics_every decides when it does)."));
    const preferred = [...data.objectives.map((o) => o.metric), ...main].filter((m) => metrics.includes(m));
    const shown_first = [...new Set(preferred.length ? preferred : metrics)].slice(0, 6);
    const settings = { group: "", metric: "", time: false, weighted: false, smoothing: 0.8, log: false };
    const legend = el("div", { class: "legend" }), plots = el("div", { class: "plots" });
    const any_weights = trials.some((trial) => Object.keys(trial.weights).length);

    const groups = data.groups.filter((group) => metrics.some((m) => measure_of(m).group === group.name));
    const in_group = (name) => metrics.filter((m) => measure_of(m).group === name);
    const tabs = shown_first.length === metrics.length ? [] : [{ name: "", heading: "Main" }, ...groups].map((group) => {
      const button = el("button", { type: "button" }, group.heading);
      button.onclick = () => { settings.group = group.name; settings.metric = ""; draw(); };
      return { name: group.name, button };
    });
    const select = el("select", {}, el("option", { value: "" }, "all of these"),
      groups.map((group) => el("optgroup", { label: group.heading }, in_group(group.name).map((m) => el("option", { value: m }, m)))));
    select.onchange = () => { settings.metric = select.value; draw(); };
    const smooth = el("input", { type: "range", min: 0, max: 0.98, step: 0.02, value: settings.smoothing, "aria-label": "Smoothing" });
    smooth.oninput = () => { settings.smoothing = Number(smooth.value); draw(); };
    const toggle = (name, texts) => {
      const buttons = texts.map((text, i) => el("button", { type: "button", "aria-pressed": i === 0 }, text));
      buttons.forEach((button, i) => {
        button.onclick = () => {
          settings[name] = i === 1;
          buttons.forEach((other, k) => other.setAttribute("aria-pressed", k === i));
          draw();
        };
      });
      return el("span", { class: "group" }, buttons);
    };
    body("curves").append(el("div", { class: "controls" },
      tabs.length ? el("span", { class: "group" }, tabs.map((tab) => tab.button)) : null,
      el("label", {}, "Show", select)),
      el("div", { class: "controls" }, toggle("time", ["by step", "by time"]),
      any_weights ? toggle("weighted", ["raw", "weighted"]) : null, toggle("log", ["linear", "log"]),
      el("label", {}, "Smoothing", smooth), colour_select()), legend, plots);

    function points(trial, metric) {
      const curve = trial.curves.metrics[metric];
      if (!curve) return null;
      const steps = trial.curves.steps[curve.at], seconds = trial.curves.seconds[curve.at];
      const weight = settings.weighted ? trial.weights[metric] ?? 1 : 1;
      const minutes = settings.time ? seconds.map((s) => (s === null ? null : s / 60)) : null;
      return { x: minutes ?? steps, y: curve.values.map((v) => (v === null ? null : v * weight)) };
    }
    function traces(trial, metric) {
      const raw = points(trial, metric);
      if (!raw) return [];
      const few = raw.x.length < 25;
      // Evaluations are few, learning rates and peaks of memory exact: smoothed ones would be others.
      const exact = ["evaluation", "rates"].includes(measure_of(metric).group) || metric === "memory.peak_mb";
      const amount = few || exact ? 0 : settings.smoothing;
      const line = { color: colour(trial), width: 2, dash: dashes[level(trial)] };
      const common = { type: "scatter", mode: few ? "lines+markers" : "lines", x: raw.x, meta: trial.index };
      const shown = smoothed(raw.y, amount);
      const list = [];
      if (amount > 0) list.push({ ...common, y: raw.y, line: { color: line.color, width: 1 }, opacity: 0.16, hoverinfo: "skip" });
      list.push({ ...common, y: shown, line, marker: { size: 6, symbol: symbols[level(trial)], color: line.color },
        hovertemplate: `${hover_head(trial)}<br>${settings.time ? "%{x:.2f} min" : "step %{x}"}: %{y:.4g}<extra></extra>` });
      const last = shown.findLastIndex((v) => v !== null);
      if (trial.state === "failed" && last >= 0) {
        list.push({ type: "scatter", mode: "markers", x: [raw.x[last]], y: [shown[last]], meta: trial.index, marker: { symbol: "x", size: 9, color: line.color },
          hovertemplate: `${hover_head(trial)}<br>failed here<extra></extra>` });
      }
      return list;
    }
    /** While the pointer is on a trial's name the others fade. */
    function highlight(index) {
      for (const canvas of plots.querySelectorAll(".canvas")) {
        const opacity = (canvas.data ?? []).map((trace) => (index === null || trace.meta === index ? (trace.hoverinfo === "skip" ? 0.16 : 1) : 0.07));
        if (opacity.length) Plotly.restyle(canvas, { opacity });
      }
    }
    function draw() {
      const list = chosen().filter((trial) => Object.keys(trial.curves.metrics).length);
      legend.replaceChildren(...list.map((trial) => el("span", { class: "chip", onmouseenter: () => highlight(trial.index), onmouseleave: () => highlight(null), title: described(trial) },
        stroke(trial), el("b", {}, trial.label), el("span", { class: "muted" }, described(trial)))));
      if (!list.length) return plots.replaceChildren(note("None of the chosen trials has records: tick others in the table above."));
      if (typeof Plotly === "undefined") return;
      const wanted = settings.metric ? [settings.metric] : settings.group ? in_group(settings.group) : shown_first;
      tabs.forEach((tab) => tab.button.setAttribute("aria-pressed", !settings.metric && tab.name === settings.group));
      select.value = settings.metric;
      plots.classList.toggle("one", wanted.length === 1);
      reuse(plots, wanted).forEach((canvas, i) => {
        const x = settings.time ? { title: { text: "minutes" } } : { title: { text: "step" } };
        const weighted = settings.weighted && trials.some((t) => wanted[i] in t.weights);
        canvas.parentNode.querySelector("figcaption").replaceChildren(el("b", {}, wanted[i]), el("span", {}, weighted ? "times its weight" : direction(wanted[i])),
          wanted.some((m) => measure_of(m).read_as) ? el("small", {}, measure_of(wanted[i]).read_as) : "");
        Plotly.react(canvas, list.flatMap((trial) => traces(trial, wanted[i])), plot_layout(x, { type: settings.log ? "log" : "linear" }), plot_options);
      });
    }
    on_change(draw);
  }

  /** One figure for each name inside a box, keeping the figures that are there. */
  function reuse(box, names) {
    const wanted = names.join("\n");
    if (box.dataset.names !== wanted) {
      box.dataset.names = wanted;
      box.replaceChildren(...names.map(() => el("figure", { class: "plot card" }, el("figcaption"), el("div", { class: "canvas" }))));
    }
    return [...box.querySelectorAll(".canvas")];
  }

  // ---------------------------------------------------------------------------------------------- parameters

  function parameters() {
    const section = body("parameters");
    if (!objective) return section.append(note("Nothing was measured that trials could be compared by (an eval metric, or the sweep's minimize or maximize)."));
    if (!data.parameters.length) return section.append(note("No parameter varies between these trials."));
    const ranked = trials.filter((trial) => trial.rank !== null);
    if (ranked.length < 2) return section.append(note(`Two finished trials are needed to compare; there ${ranked.length ? "is one" : "is none"} so far.`));
    const select = el("select", {}, data.objectives.map((o) => el("option", { value: o.metric }, o.metric)));
    const plots = el("div", { class: "plots" });
    select.onchange = draw;
    section.append(el("div", { class: "controls" }, data.objectives.length > 1 ? el("label", {}, "Objective", select) : null, colour_select()), plots);

    function trace(parameter, metric) {
      const list = ranked.filter((t) => parameter.key in t.parameters);
      const c = theme_colours();
      return {
        type: "scatter", mode: "markers", x: list.map((t) => (parameter.numeric ? number(t.parameters[parameter.key]) : plain(short(t.parameters[parameter.key])))),
        y: list.map((t) => number(t.values[metric])), customdata: list.map((t) => t.index),
        marker: { size: 11, symbol: list.map((t) => symbols[level(t)]), color: list.map(colour), opacity: list.map((t) => (state.chosen.has(t.index) ? 1 : 0.3)),
          line: { width: list.map((t) => (t.best ? 2.5 : 0)), color: c.best } },
        hovertemplate: list.map((t) => `${hover_head(t)}<br>${plain(metric)} %{y:.4g}${t.best ? "<br>the best" : ""}<extra></extra>`),
      };
    }
    function draw() {
      if (typeof Plotly === "undefined") return;
      const metric = select.value || objective.metric;
      reuse(plots, data.parameters.map((p) => p.key)).forEach((canvas, i) => {
        const parameter = data.parameters[i];
        const points = trace(parameter, metric);
        canvas.parentNode.querySelector("figcaption").replaceChildren(el("b", {}, parameter.label), el("span", {}, `n = ${points.x.length}`));
        const kind = !parameter.numeric ? { type: "category", categoryorder: "category ascending" } : parameter.logarithmic ? log_axis(points.x) : {};
        const layout = plot_layout({ ...kind, title: { text: plain(parameter.key) } }, { title: { text: plain(metric) } });
        Plotly.react(canvas, [points], layout, plot_options);
        canvas.removeAllListeners?.("plotly_click");
        canvas.on("plotly_click", (event) => {
          const index = event.points[0].customdata;
          if (!state.chosen.delete(index)) state.chosen.add(index);
          changed();
        });
      });
    }
    on_change(draw);
  }

  // ---------------------------------------------------------------------------------------------- differences

  function differences() {
    const list = by_merit.filter((trial) => Object.keys(trial.spec).length);
    const section = body("differences");
    if (list.length < 2) return section.append(note("Two trials with a spec are needed to show a difference."));
    const selects = [0, 1].map((which) => el("select", {}, list.map((trial, i) => el("option", { value: i, selected: i === which }, `${trial.label} ${described(trial)}`))));
    const result = el("div");

    function rows(a, b, part) {
      const keys = [...new Set([...Object.keys(a[part]), ...Object.keys(b[part])])];
      return keys.filter((key) => JSON.stringify(a[part][key]) !== JSON.stringify(b[part][key]))
        .map((key) => el("tr", {}, el("td", {}, el("code", {}, key)), [a, b].map((t) => el("td", { class: "differs" }, short(t[part][key])))));
    }
    function draw() {
      const [a, b] = selects.map((select) => list[select.value]);
      const spec = rows(a, b, "spec"), origin = rows(a, b, "provenance");
      const heading = (text) => el("tr", {}, el("th", { scope: "col" }, text), [a, b].map((t) => el("th", { scope: "col" }, dot(t), " ", t.label)));
      const none = (text) => [el("tr", {}, el("td", { colspan: 3, class: "muted" }, text))];
      const shared = Object.keys(a.spec).filter((key) => JSON.stringify(a.spec[key]) === JSON.stringify(b.spec[key]));
      result.replaceChildren(
        el("div", { class: "scroll card" }, el("table", { class: "list" },
          el("thead", {}, heading("Spec")), el("tbody", {}, spec.length ? spec : none("The specs are equal.")),
          el("tbody", {}, el("tr", {}, el("th", { colspan: 3 }, "Where they ran")), origin.length ? origin : none("The same program on the same machine.")))),
        el("details", {}, el("summary", {}, `${shared.length} settings that both share`),
          el("pre", {}, shared.map((key) => `${key} = ${JSON.stringify(a.spec[key])}`).join("\n"))));
    }
    selects.forEach((select) => { select.onchange = draw; });
    section.append(el("div", { class: "controls" }, el("label", {}, selects[0]), el("label", {}, "against", selects[1])), result);
    on_change(draw);
  }

  // ---------------------------------------------------------------------------------------------- failures, commands

  function failures() {
    const section = body("failures");
    const cards = [];
    for (const source of data.sources) for (const problem of source.problems) cards.push(el("div", { class: "card" }, el("b", {}, source.name), el("p", {}, problem)));
    for (const trial of trials) {
      const failed = ["failed", "unreadable"].includes(trial.state);
      const silent = trial.state === "running" && trial.reason;
      if (!failed && !silent && !trial.problems.length) continue;
      cards.push(el("div", { class: "card" },
        el("div", {}, el("b", {}, trial.label), " ", el("span", { class: trial.state }, trial.state), el("span", { class: "muted" }, ` after ${trial.steps} steps${described(trial) ? ` · ${described(trial)}` : ""}`)),
        el("p", {}, trial.reason || (trial.problems.length ? "" : "No reason was recorded.")),
        trial.problems.filter((p) => p !== trial.reason).map((p) => el("p", { class: "muted" }, p)),
        trial.log ? el("pre", {}, trial.log) : null));
    }
    section.append(cards.length ? el("div", { class: "stack" }, cards) : note("Nothing: no trial failed and every file could be read."));
  }

  function commands() {
    body("commands").append(...data.commands.map(({ what, command }) => {
      const copy = el("button", { type: "button" }, "Copy");
      copy.onclick = () => navigator.clipboard?.writeText(command).then(() => { copy.textContent = "Copied"; }, () => { copy.textContent = "Select it by hand"; });
      return el("div", { style: { "margin-top": "0.9rem" } }, el("p", { class: "muted" }, what), el("div", { class: "command" }, el("pre", {}, command), copy));
    }));
    document.getElementById("colophon").append(`Written by Atelier on ${data.written} from ${data.sources.map((source) => source.folder).join(", ")}. Plots by Plotly.js (MIT).`);
  }

  function theme() {
    const button = document.getElementById("theme");
    const set = (name, keep) => {
      document.documentElement.dataset.theme = name;
      button.textContent = name === "dark" ? "☀ Light" : "☾ Dark";
      if (keep) try { localStorage.setItem("atelier-theme", name); } catch { /* a page from disk may have no storage */ }
    };
    set(document.documentElement.dataset.theme, false);
    button.onclick = () => { set(dark() ? "light" : "dark", true); changed(); };
    let before = null;  // Paper is white.
    addEventListener("beforeprint", () => { before = document.documentElement.dataset.theme; set("light", false); changed(); });
    addEventListener("afterprint", () => { if (before) set(before, false); changed(); });
  }

  for (const draw of [theme, masthead, samples, table, evaluation, curves, parameters, differences, failures, commands]) draw();
  addEventListener("DOMContentLoaded", changed);  // Plotly comes last in the page, so that it is read before it is drawn.
})();
