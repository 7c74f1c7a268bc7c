// What exactly differs between two trials.

add_view({
  id: "differences", tab: "Differences", heading: "Differences between two trials",
  lead: "Only the keys that differ.",
}, (box) => {
  const list = by_merit.filter((trial) => Object.keys(trial.spec).length || Object.keys(trial.parameters).length);
  if (list.length < 2) return void box.append(note("Two trials with a spec are needed to show a difference."));
  const selects = ["a", "b"].map((name, which) => {
    const usual = list[which].key;
    const node = el("select", {}, list.map((trial) => el("option", { value: trial.key }, `${trial.label} ${described(trial)}`)));
    node.value = trial_by_key(recall(name)) && list.includes(trial_by_key(recall(name))) ? recall(name) : usual;
    node.onchange = () => { remember(name, node.value, usual); draw(); };
    return node;
  });
  const result = el("div");
  // Trials of other programs have no spec; what the sweep chose for them is all there is.
  const settings = (trial) => ({ ...trial.spec, ...trial.parameters });

  function rows(a, b) {
    const keys = unique([...Object.keys(a), ...Object.keys(b)]);
    return keys.filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
      .map((key) => el("tr", {}, el("td", {}, el("code", {}, key)), [a, b].map((side) => el("td", { class: "differs" }, short(side[key])))));
  }
  function results(a, b) {
    const metrics = unique([...objectives.map((o) => o.metric), ...evaluation_metrics]).filter((m) => m in a.values || m in b.values);
    return metrics.map((m) => el("tr", {}, el("td", {}, el("code", {}, m)), [a, b].map((t) => el("td", {}, m in t.values ? short(value_of(t, m)) : "–"))));
  }
  function draw() {
    const [a, b] = selects.map((select) => trial_by_key(select.value));
    const heading = el("tr", {}, el("th", { scope: "col" }, "Spec"), [a, b].map((t) => el("th", { scope: "col" }, dot(t), " ", t.label)));
    const part = (title, found, none) => el("tbody", {}, title ? el("tr", {}, el("th", { colspan: 3 }, title)) : null,
      found.length ? found : el("tr", {}, el("td", { colspan: 3, class: "muted" }, none)));
    const shared = Object.keys(a.spec).filter((key) => JSON.stringify(a.spec[key]) === JSON.stringify(b.spec[key]));
    result.replaceChildren(
      el("div", { class: "scroll card" }, el("table", { class: "list" }, el("thead", {}, heading),
        part("", rows(settings(a), settings(b)), "The specs are equal."),
        part("Where they ran", rows(a.provenance, b.provenance), "The same program on the same machine."),
        part("What came out", results(a, b), "Nothing was measured."))),
      shared.length ? el("details", {}, el("summary", {}, `${shared.length} settings that both share`),
        el("pre", {}, shared.map((key) => `${key} = ${JSON.stringify(a.spec[key])}`).join("\n"))) : "");
  }
  box.append(el("div", { class: "controls" }, el("label", {}, selects[0]), el("label", {}, "against", selects[1])), result);
  return draw;
});
