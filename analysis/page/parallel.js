// Parallel coordinates: one line a trial through its parameters to its objectives. Dragging along an axis chooses.

add_view({
  id: "parallel", tab: "Parallel", heading: "Parameters side by side",
  lead: "One line a trial, through what was chosen to what came out. Drag along an axis to choose the trials that pass there; click there to let go.",
}, (box) => {
  const most_axes = 12, height = 380, top = 52, bottom = 34;
  const weight = new Map((data.importance?.[0]?.parameters ?? []).map((p) => [p.key, p.share]));
  const ordered = [...parameters].sort((a, b) => (weight.get(b.key) ?? 0) - (weight.get(a.key) ?? 0));
  const axes = [...ordered.slice(0, most_axes - Math.min(objectives.length, 3)).map(parameter_line), ...objectives.slice(0, 3).map(objective_line)];
  const list = trials.filter((t) => axes.filter((axis) => axis.place(t) !== null).length > 1);
  const brushes = new Map();
  try { for (const [key, low, high] of JSON.parse(recall("brush", "[]"))) brushes.set(key, [low, high]); } catch { /* an address typed by hand */ }

  /** An axis: where a trial lies, 0 at the bottom and 1 at the top, or null when it has no value there. */
  function numeric_line(key, label, of, logarithmic, more = {}) {
    const bend = logarithmic ? Math.log10 : (x) => x;
    const values = trials.map(of).filter(Number.isFinite).map(bend).filter(Number.isFinite);
    const low = least(values), high = most(values);
    const place = (t) => (Number.isFinite(bend(of(t))) ? (high > low ? (bend(of(t)) - low) / (high - low) : 0.5) : null);
    const at = (position) => { const v = low + (high - low) * position; return logarithmic ? 10 ** v : v; };
    const at_ticks = (digits) => [0, 0.25, 0.5, 0.75, 1].map((p) => [p, short(Number(at(p).toPrecision(digits)))]);
    const ticks = [2, 3, 4].map(at_ticks).find((list) => unique(list.map(([, text]) => text)).length === list.length) ?? at_ticks(4);
    return { key, label, place, ticks: values.length ? (high > low ? ticks : [[0.5, short(at(0.5))]]) : [], ...more };
  }
  function parameter_line(p) {
    if (p.numeric) return numeric_line(p.key, p.label, (t) => number(t.parameters[p.key]), p.logarithmic, { note: p.logarithmic ? "log" : "" });
    const names = levels(p);
    const position = (name) => (names.length > 1 ? names.indexOf(name) / (names.length - 1) : 0.5);
    return { key: p.key, label: p.label, note: "", place: (t) => (p.key in t.parameters ? position(short(t.parameters[p.key])) : null), ticks: names.map((name) => [position(name), name]) };
  }
  function objective_line(o) {
    return numeric_line(o.metric, o.metric, (t) => (is_result(t) ? value_of(t, o.metric) : NaN), false, { objective: true, note: o.maximize ? "▲ better" : "▼ better" });
  }

  const picture = svg("svg", { class: "parallel", height, role: "img", "aria-label": "Parallel coordinates of the trials" });
  const said = el("p", { class: "lead said" });
  const clear = el("button", { type: "button", onclick: () => { brushes.clear(); keep(); choose(first_choice); } }, "Clear brushes");
  const y_of = (place) => height - bottom - place * (height - top - bottom);
  const absent = height - 14;  // Trials without a value pass below the axis.
  const unended = list.filter((t) => !is_result(t) && objectives.some((o) => has_value(t, o.metric))).length;
  const no_results = unended ? ` ${unended} ${unended === 1 ? "trial that did not finish, or saw other data, passes" : "trials that did not finish, or saw other data, pass"} below the objectives.` : "";
  const usual_said = (axes.length < parameters.length + objectives.length ? `The ${axes.length - Math.min(objectives.length, 3)} of ${parameters.length} parameters ${weight.size ? "that mattered most" : "that come first"}.` : "") + no_results;

  const keep = () => remember("brush", JSON.stringify([...brushes].map(([key, [low, high]]) => [key, Number(low.toFixed(4)), Number(high.toFixed(4))])), "[]");
  const passes = (t) => axes.every((axis) => {
    const brush = brushes.get(axis.key), place = axis.place(t);
    return !brush || (place !== null && place >= brush[0] - 1e-6 && place <= brush[1] + 1e-6);
  });
  const line_colour = (t) => (state.colour === "trial" && state.chosen.size > 8 && objective ? scaled_colour(t, "objective") : colour(t));

  function draw() {
    const width = Math.max(box.clientWidth - 34, 106 * axes.length);
    picture.setAttribute("width", width);
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const x_of = (i) => 70 + (i * (width - 150)) / Math.max(1, axes.length - 1);
    const path = (t) => axes.map((axis, i) => `${i ? "L" : "M"}${x_of(i).toFixed(1)} ${(axis.place(t) === null ? absent : y_of(axis.place(t))).toFixed(1)}`).join("");
    const faint = list.filter((t) => !is_chosen(t)), strong = list.filter(is_chosen).reverse();
    const line = (t, more) => svg("path", { d: path(t), "data-index": t.index, ...more });
    picture.replaceChildren(
      svg("g", { class: "faint" }, faint.map((t) => line(t, {}))),
      svg("g", { class: "strong" }, strong.map((t) => line(t, { stroke: line_colour(t), "stroke-width": t.best ? 3 : strong.length > 60 ? 1.2 : 2 }))),
      svg("g", { class: "over" }), ...axes.map((axis, i) => axis_picture(axis, x_of(i), Math.floor((x_of(1) - x_of(0)) / 7.2))));
    said.textContent = usual_said;
  }

  function axis_picture(axis, x, room) {
    const group = svg("g", { class: `axis${axis.objective ? " objective" : ""}`, transform: `translate(${x},0)` });
    const title = svg("text", { x: 0, y: 16, "text-anchor": "middle", class: "name" }, axis.label.length > room ? `…${axis.label.slice(1 - room)}` : axis.label, svg("title", {}, axis.key));
    group.append(title, svg("text", { x: 0, y: 32, "text-anchor": "middle", class: "note" }, axis.note ?? ""),
      svg("line", { x1: 0, x2: 0, y1: y_of(1), y2: y_of(0) }),
      ...axis.ticks.map(([place, text]) => svg("text", { x: 7, y: y_of(place) + 4 }, text.length > 12 ? `${text.slice(0, 11)}…` : text, svg("title", {}, text))));
    if (list.some((t) => axis.place(t) === null)) group.append(svg("text", { x: 7, y: absent + 4, class: "note" }, "none"));
    const brush = brushes.get(axis.key);
    const band = svg("rect", { class: "brush", x: -9, width: 18, y: brush ? y_of(brush[1]) : 0, height: brush ? Math.max(3, y_of(brush[0]) - y_of(brush[1])) : 0 });
    const handle = svg("rect", { class: "handle", x: -16, width: 32, y: y_of(1) - 8, height: y_of(0) - y_of(1) + 16, "data-axis": axis.key });
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const area = picture.getBoundingClientRect();
      const place = (e) => clamp((y_of(0) - (e.clientY - area.top)) / (y_of(0) - y_of(1)), -0.03, 1.03);
      const from = place(event);
      const range = (e) => [Math.min(from, place(e)), Math.max(from, place(e))];
      handle.onpointermove = (e) => {
        const [low, high] = range(e);
        band.setAttribute("y", y_of(high));
        band.setAttribute("height", y_of(low) - y_of(high));
      };
      handle.onpointerup = (e) => {
        handle.onpointermove = handle.onpointerup = null;
        const [low, high] = range(e);
        if (high - low < 0.015) brushes.delete(axis.key); else brushes.set(axis.key, [low, high]);
        keep();
        choose(brushes.size ? list.filter(passes) : first_choice);
      };
    });
    group.append(band, handle);
    return group;
  }

  picture.addEventListener("mouseover", (event) => {
    const trial = trials[event.target.dataset?.index];
    const over = picture.querySelector(".over");
    over.replaceChildren();
    if (!trial) { said.textContent = usual_said; return; }
    over.append(svg("path", { d: event.target.getAttribute("d") }));
    const values = objectives.filter((o) => o.metric in trial.values).map((o) => `${o.metric} ${short(value_of(trial, o.metric))}`);
    said.textContent = [trial.label, ...values, described(trial)].filter(Boolean).join(" · ");
  });
  picture.addEventListener("click", (event) => {
    const trial = trials[event.target.dataset?.index];
    if (trial) toggle(trial);
  });
  addEventListener("resize", settled(draw));
  box.append(el("div", { class: "controls" }, clear, chooser(), colour_select()), el("div", { class: "card wide" }, picture), said);
  return draw;
}, parameters.length > 0 && parameters.length + objectives.length > 1 && trials.length > 1);
