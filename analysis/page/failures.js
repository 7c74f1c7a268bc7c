// What went wrong, with reasons. Equal reasons are told once.

add_view({ id: "failures", tab: "Failures", heading: "What went wrong" }, (box) => {
  const cards = [];
  for (const source of data.sources) for (const problem of source.problems) cards.push(el("div", { class: "card" }, el("b", {}, source.name), el("p", {}, problem)));
  const troubled = trials.filter((t) => ["failed", "unreadable"].includes(t.state) || (t.state === "running" && t.reason) || t.problems.length);
  const pruned = trials.filter((t) => t.state === "pruned");
  const groups = new Map();
  for (const trial of troubled) {
    const key = `${trial.state}\n${trial.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  for (const list of [...groups.values()].sort((a, b) => b.length - a.length)) {
    const [first] = list;
    const head = list.length === 1
      ? [el("b", {}, first.label), " ", el("span", { class: first.state }, first.state), el("span", { class: "muted" }, ` after ${first.steps} steps${described(first) ? ` · ${described(first)}` : ""}`)]
      : [el("b", {}, `${list.length} trials`), " ", el("span", { class: first.state }, first.state), el("span", { class: "muted" }, ` ${list.slice(0, 12).map((t) => t.label).join(", ")}${list.length > 12 ? ", …" : ""} `),
        el("button", { type: "button", class: "link", onclick: () => choose(list) }, "show these")];
    cards.push(el("div", { class: "card" }, el("div", {}, head),
      el("p", {}, first.reason || (first.problems.length ? "" : "No reason was recorded.")),
      unique(list.flatMap((t) => t.problems.filter((p) => p !== t.reason))).slice(0, 8).map((p) => el("p", { class: "muted" }, p)),
      list.some((t) => t.log) ? el("details", { open: list.length === 1 }, el("summary", {}, `The end of the log of ${list.find((t) => t.log).label}`), el("pre", {}, list.find((t) => t.log).log)) : null));
  }
  if (pruned.length) {
    const reasons = unique(pruned.map((t) => t.reason)).filter(Boolean);
    cards.push(el("div", { class: "card" }, el("b", {}, `${pruned.length} ${pruned.length === 1 ? "trial was" : "trials were"} `), el("span", { class: "pruned" }, "pruned"),
      el("span", { class: "muted" }, ", ended early since they promised little. That is no failure. "), el("button", { type: "button", class: "link", onclick: () => choose(pruned) }, "show them"),
      reasons.slice(0, 5).map((reason) => el("p", { class: "muted" }, reason)), reasons.length > 5 ? el("p", { class: "muted" }, `and ${reasons.length - 5} more reasons of that kind`) : null));
  }
  box.append(cards.length ? el("div", { class: "stack" }, cards) : note("Nothing: no trial failed and every file could be read."));
});
