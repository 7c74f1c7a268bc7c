// What the reader chose. All of it lives in the address behind the #, so that a reload and a copied address keep it.

const remembered = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
if (location.hash.length > 1 && !location.hash.includes("=")) remembered.set("at", location.hash.slice(1));

const recall = (name, otherwise = "") => remembered.get(name) ?? otherwise;
const write_address = () => {
  const text = remembered.toString();
  try { history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search); } catch { location.hash = text; }
};
const write_address_soon = settled(write_address);
/** Keeps a choice; one that is the default is not written. */
function remember(name, value, otherwise = "") {
  if (String(value) === String(otherwise)) remembered.delete(name); else remembered.set(name, value);
  write_address_soon();
}

/** Trials by their keys, neighbours together: "0.3,0.5-9,1" are trials 3 and 5 to 9 of the first sweep, and a run. */
function keys_in_short(list) {
  const parts = [];
  for (const trial of [...list].sort((a, b) => a.source - b.source || (a.number ?? 0) - (b.number ?? 0))) {
    const last = parts.at(-1);
    if (trial.number !== null && last?.source === trial.source && last.to === trial.number - 1) last.to = trial.number;
    else parts.push({ source: trial.source, from: trial.number, to: trial.number });
  }
  return parts.map((p) => (p.from === null ? `${p.source}` : p.to > p.from ? `${p.source}.${p.from}-${p.to}` : `${p.source}.${p.from}`)).join(",");
}

function trials_by_keys(text) {
  const ranges = text.split(",").map((part) => /^(\d+)(?:\.(\d+)(?:-(\d+))?)?$/.exec(part)).filter(Boolean)
    .map(([, source, from, to]) => ({ source: Number(source), from: from === undefined ? null : Number(from), to: Number(to ?? from) }));
  return trials.filter((t) => ranges.some((r) => r.source === t.source && (r.from === null ? t.number === null : t.number !== null && t.number >= r.from && t.number <= r.to)));
}

const trial_by_key = (key) => trials.find((trial) => trial.key === key);

// ------------------------------------------------------------------------------------------------ the choice

const most_shown = 40;  // Columns of the sheet and lines of a plot; more can neither be seen nor drawn quickly.
const first_choice = started.length <= 8 ? started : one_a_setting(started).slice(0, 6);
const state = {
  chosen: new Set((remembered.has("trials") ? trials_by_keys(recall("trials")) : first_choice).map((trial) => trial.index)),
  colour: "",
};
const is_chosen = (trial) => state.chosen.has(trial.index);
const all_chosen = () => by_merit.filter(is_chosen);
const chosen = () => all_chosen().slice(0, most_shown);

const listeners = [];
/** Calls now and after every change of the choice, the colours or the theme. For what must always be right. */
const on_change = (draw) => { listeners.push(draw); draw(); };

function changed() {
  const list = all_chosen();
  const usual = list.length === first_choice.length && first_choice.every(is_chosen);
  if (usual) remembered.delete("trials"); else remembered.set("trials", keys_in_short(list));
  write_address_soon();
  listeners.forEach((draw) => draw());
  redraw_views();
}

function choose(list) {
  state.chosen = new Set(list.map((trial) => trial.index));
  changed();
}

function toggle(trial) {
  if (!state.chosen.delete(trial.index)) state.chosen.add(trial.index);
  changed();
}

/** The buttons that choose, wherever the choice is felt. */
function chooser() {
  const count = el("span", { class: "muted number" });
  const ranked = started.filter((t) => t.rank !== null);
  const ends = unique([...one_a_setting(started).slice(0, 3), ...one_a_setting(ranked).slice(-3)]);
  const buttons = el("span", { class: "group" },
    el("button", { type: "button", onclick: () => choose(one_a_setting(started).slice(0, 6)), title: "One trial of each setting" }, "Best 6"),
    el("button", { type: "button", onclick: () => choose(ends) }, "Best and last"),
    el("button", { type: "button", onclick: () => choose(started) }, "All"));
  on_change(() => {
    const more = state.chosen.size > most_shown ? `; lines and pictures of the best ${most_shown}` : "";
    count.textContent = `${state.chosen.size} of ${trials.length} chosen${more}`;
  });
  return started.length > 1 ? [buttons, count] : [];
}
