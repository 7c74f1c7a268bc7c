// The top of the page: what it is about, and what the numbers say in words.

const finding_kinds = {
  best: "Best", baseline: "Baseline", importance: "What mattered", cost: "Cost", failure: "Failures", caution: "Caution",
};

function finding(item) {
  const about = trials.filter((trial) => item.trials?.includes(trial.index));
  return el("p", {}, item.text, about.length && about.length < trials.length
    ? [" ", el("button", { type: "button", class: "link", title: "Choose them: every view follows", onclick: () => choose(about) }, about.length === 1 ? "show it" : `show these ${about.length}`)] : null);
}

/** What there is to say, by what it is about; of each the first few, and the rest when asked for. */
function findings() {
  const at_once = 3;
  const kinds = unique(data.findings.map((item) => item.kind));
  return el("ul", { class: "findings" }, kinds.map((kind) => {
    const list = data.findings.filter((item) => item.kind === kind).map(finding);
    const rest = list.slice(at_once);
    return el("li", { class: `finding kind-${kind}` }, el("span", { class: "tag" }, finding_kinds[kind] ?? "Note"),
      el("div", {}, list.slice(0, at_once), rest.length ? el("details", {}, el("summary", {}, `${rest.length} more`), rest) : null));
  }));
}

function masthead() {
  const counts = {};
  for (const trial of trials) counts[trial.state] = (counts[trial.state] ?? 0) + 1;
  const planned = sum(data.sources.map((source) => source.planned));
  const order = ["finished", "running", "waiting", "pruned", "failed", "unreadable"];
  const chips = el("div", { class: "chips" },
    order.filter((name) => counts[name]).map((name) => el("span", { class: "chip" }, el("span", { class: `dot ${name}` }), `${counts[name]} ${name}`)),
    planned > trials.length ? el("span", { class: "chip muted" }, `${planned} planned`) : null,
    objectives.map((o) => el("span", { class: "chip objective" }, `${o.maximize ? "maximize" : "minimize"} ${o.metric}`)),
    unique(constraints.flat().map((c) => c.text)).map((text) => el("span", { class: "chip objective" }, text)));
  const many = data.sources.length > 1;
  const words = data.findings?.length ? findings()
    : el("div", { class: "words" }, data.summary.map((sentence) => el("p", {}, sentence)));
  document.getElementById("masthead").append(
    el("div", {},
      el("p", { class: "eyebrow" }, many ? `${data.sources.length} runs and sweeps compared` : `${data.sources[0].sweep ? "Sweep" : "Run"} in ${data.sources[0].folder}`),
      el("h1", {}, data.title), chips, words,
      digests.length > 1 ? el("p", { class: "note" }, `These trials were measured on ${digests.length} different data sets or in different ways, marked ${digests.map((_, i) => String.fromCharCode(65 + i % 26)).join(", ")} in the table: their values do not compare across the marks.`) : null),
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
