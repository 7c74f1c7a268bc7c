// What to type to go on.

/** A word as a shell takes it. */
const shell_word = (text) => (/^[\w\-+./=:@%,]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`);

function command_line(what, command) {
  const copy = el("button", { type: "button" }, "Copy");
  copy.onclick = async () => {
    try {
      await navigator.clipboard.writeText(command);
      copy.textContent = "Copied";
    } catch {  // A page from disk may not be let to the clipboard: what is selected can be copied by hand.
      getSelection().selectAllChildren(copy.parentNode.querySelector("pre"));
      copy.textContent = document.execCommand?.("copy") ? "Copied" : "Selected";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  };
  return el("div", { class: "entry" }, el("p", { class: "muted" }, what), el("div", { class: "command" }, el("pre", {}, command), copy));
}

add_view({ id: "commands", tab: "Commands", heading: "Continue or repeat" }, (box) => {
  const list = by_merit.filter((trial) => Object.keys(trial.spec).length);
  const one = el("div");
  const select = el("select", {}, list.map((trial) => el("option", { value: trial.key }, `${trial.label} ${described(trial)}`)));
  if (trial_by_key(recall("again"))) select.value = recall("again");
  select.onchange = () => { remember("again", select.value, list[0].key); draw(); };
  function draw() {
    const trial = trial_by_key(select.value);
    if (!trial) return;
    const out = `again-${trial.number ?? trial.name}`;
    one.replaceChildren(command_line(`Train ${trial.label} again from its own record`, `atelier train ${shell_word(`${trial.folder}/spec.toml`)} --out ${shell_word(out)}`));
  }
  box.append(...data.commands.map(({ what, command }) => command_line(what, command)),
    list.length ? el("div", { class: "entry" }, el("div", { class: "controls" }, el("label", {}, "One trial again", select)), one) : "");
  return draw;
});
