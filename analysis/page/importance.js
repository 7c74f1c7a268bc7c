// Which parameter mattered, and how sure that is. Computed by the program that wrote the page.

add_view({
  id: "importance", tab: "Importance", heading: "What mattered",
  lead: "Of what the parameters together explain of an objective, the share that goes with each, alone or with others. The lines are the middle 95 % of bootstrap draws: wide ones are not sure, and narrow ones may still be off.",
}, (box) => {
  const percent = (share) => `${Math.round(100 * share)} %`;
  function bar(p) {
    const parameter = parameters.find((known) => known.key === p.key);
    const place = (share) => `${100 * clamp(share, 0, 1)}%`;
    const sure = Number.isFinite(p.low) && Number.isFinite(p.high);
    return el("tr", {}, el("th", { scope: "row", title: p.key }, parameter?.label ?? p.key),
      el("td", { class: "track" }, el("div", {}, el("i", { style: { width: place(p.share) } }),
        sure ? el("b", { style: { left: place(p.low), width: `${100 * Math.max(0, clamp(p.high, 0, 1) - clamp(p.low, 0, 1))}%` } }) : null)),
      el("td", { class: "right number" }, percent(p.share), sure ? el("span", { class: "muted" }, ` ${Math.round(100 * p.low)}–${Math.round(100 * p.high)}`) : null));
  }
  const together = (entry) => (entry.interactions ?? []).filter((i) => i.share >= 0.01).slice(0, 3);
  const label = (key) => parameters.find((p) => p.key === key)?.label ?? key;
  box.append(el("div", { class: "plots" }, data.importance.map((entry) => el("figure", { class: "card importance" },
    el("figcaption", {}, el("b", {}, entry.objective), el("span", {}, `n = ${entry.n}${entry.enough && Number.isFinite(entry.explained) ? `; ${percent(entry.explained)} explained` : ""}`)),
    entry.enough ? el("table", {}, el("tbody", {}, entry.parameters.map(bar))) : el("p", { class: "note" }, entry.why ? `Not enough to say: ${entry.why}.` : `Not enough trials to say: ${entry.n} have a value.`),
    entry.enough && together(entry).length ? el("p", { class: "lead" }, "Only together: ", together(entry).map((i) => `${i.keys.map(label).join(" with ")} ${percent(i.share)}`).join(", ")) : null,
    el("p", { class: "lead" }, entry.method)))));
}, Boolean(data.importance?.length) && trials.length > 1);
