// The measures of the chosen trials side by side, each with how to read it: none of them says it all.

const evaluation_metrics = Object.keys(data.measures).filter((m) => measure_of(m).group === "evaluation" && trials.some((t) => m in t.values));

add_view({
  id: "evaluation", tab: "Evaluation", heading: "Evaluation",
  lead: "Measured on all validation photos, whatever the weights of the losses, so trials compare by it. No line says it all: read several together.",
}, (box) => {
  if (!evaluation_metrics.length) return void box.append(note("Nothing was measured yet: evaluations come at the end of a training, and every record.evaluate_every steps."));
  const most_columns = 12;
  const table = el("table", { class: "list" }), more = el("p", { class: "lead" });
  box.append(el("div", { class: "scroll card" }, table), more);
  const bests = new Map(evaluation_metrics.map((metric) => {
    const all = trials.filter(is_fair).map((t) => value_of(t, metric)).filter(Number.isFinite);
    const { lower, higher } = measure_of(metric);
    return [metric, all.length > 1 && (lower || higher) ? (lower ? least(all) : most(all)) : NaN];
  }));
  function cell(trial, metric) {
    if (!(metric in trial.values)) return "–";
    const value = value_of(trial, metric);
    if (!is_fair(trial)) return el("span", { class: "far", title: !is_final(trial) ? "Not a final value of a finished trial" : !is_result(trial) ? "Measured on other data" : "Of a trial that misses a constraint" }, short(value));
    return value === bests.get(metric) ? el("span", { class: "best", title: "The best of all finished trials that keep the constraints" }, short(value)) : short(value);
  }
  return () => {
    const measured = chosen().filter((trial) => evaluation_metrics.some((m) => m in trial.values));
    const list = measured.slice(0, most_columns);
    table.replaceChildren(
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Measure"), el("th", { scope: "col" }, "Read as"),
        list.map((trial) => el("th", { scope: "col", class: "right", title: described(trial) }, dot(trial), " ", trial.label)))),
      el("tbody", {}, evaluation_metrics.map((metric) => el("tr", {}, el("th", { scope: "row", class: "nowrap" }, metric),
        el("td", { class: "reading" }, el("b", {}, measure_of(metric).better), el("span", { class: "muted" }, measure_of(metric).read_as)),
        list.map((trial) => el("td", { class: "right" }, cell(trial, metric)))))));
    more.textContent = measured.length > list.length ? `The best ${list.length} of the ${measured.length} chosen trials.` : "";
  };
}, evaluation_metrics.length > 0 || data.groups.some((group) => group.name !== "other"));
