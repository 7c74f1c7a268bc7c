// The sample sheet: the same validation photos down, trials across.

add_view({
  id: "samples", tab: "Samples", heading: "Samples",
  lead: "The same validation photos down, trials across, the best first. Click a picture to enlarge and compare it.",
}, (box) => {
  const with_samples = trials.filter((trial) => trial.samples.length);
  const steps = unique(with_samples.flatMap((trial) => trial.samples.map((s) => s.step))).sort((a, b) => a - b);
  const wanted = steps.findLastIndex((step) => step <= Number(recall("step", Infinity)));
  const slider = el("input", { type: "range", min: 0, max: steps.length - 1, value: wanted < 0 ? 0 : wanted, "aria-label": "Step" });
  const said = el("span", { class: "number nowrap" });
  const size = el("select", { "aria-label": "Size of the pictures" }, [["fit", "fit"], ["96", "small"], ["160", "medium"], ["256", "large"]]
    .map(([value, text]) => el("option", { value, selected: value === recall("size", "fit") }, text)));
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
    return clamp(Math.floor((sheets.clientWidth - 40) / (columns + 1)) - 8, 104, 224);
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
  slider.oninput = () => { remember("step", steps[slider.value], steps.at(-1)); draw(); };
  size.onchange = () => { remember("size", size.value, "fit"); draw(); };
  addEventListener("resize", settled(draw));
  box.append(el("div", { class: "controls" },
    steps.length > 1 ? [play, el("label", { class: "grow" }, slider, said)] : said,
    el("label", {}, "Size", size), chooser()), sheets);
  if (data.pictures_left_out) box.append(el("p", { class: "lead" }, `${data.pictures_left_out} pictures of earlier steps or later ranks are left out to keep this file small; they are in the run folders, and atelier report --assets takes them all.`));
  return draw;
}, trials.some((trial) => trial.samples.length));

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
  const photos = unique(columns.flatMap((trial) => [...Object.keys(trial.input), ...trial.samples.flatMap((s) => Object.keys(s.pictures))])).sort();
  const input = columns[0].input;
  const has_input = Object.keys(input).length > 0;
  const head = el("tr", {}, has_input ? el("th", { scope: "col" }, el("div", { class: "head" }, el("b", {}, "photo"), el("div", { class: "mark" }))) : null,
    columns.map((trial) => el("th", { scope: "col" }, column_head(trial))));
  const rows = photos.map((photo) => el("tr", {},
    has_input ? el("td", {}, photo in input ? el("div", { class: "picture still" }, image(input[photo], `photo ${photo}`)) : el("div", { class: "absent" }, "no photo")) : null,
    columns.map((trial) => el("td", {}, sheet_cell(trial, photo, step)))));
  return el("div", { class: "sheet card", style: { "--cell": `${cell}px` } }, el("table", {}, el("thead", {}, head), el("tbody", {}, rows)));
}

function column_head(trial) {
  const value = objective && has_value(trial, objective.metric) ? short(value_of(trial, objective.metric)) : trial.state;
  return el("div", { class: "head" },
    el("div", {}, el("span", { class: `value ${trial.best ? "best" : trial.rank === null ? "far" : ""}`, title: objective?.metric ?? "" }, value), el("b", {}, trial.label)),
    el("div", { class: "muted" }, parameters.filter((p) => p.key in trial.parameters).slice(0, 5)
      .map((p) => el("div", { title: p.key }, `${p.label} ${short(trial.parameters[p.key])}`))),
    el("div", { class: "mark", style: { background: colour(trial) } }));
}

function sheet_cell(trial, photo, step) {
  const sample = sample_at(trial, step);
  if (!sample || !(photo in sample.pictures)) return el("div", { class: "absent" }, sample ? "missing" : "not yet");
  return el("button", { class: "picture", type: "button", onclick: () => enlarge(trial, photo, step), title: `${trial.label}, step ${sample.step}` },
    image(sample.pictures[photo], `${trial.label}, photo ${photo}, step ${sample.step}`),
    sample.step < step ? el("small", {}, `step ${sample.step}`) : null);
}
