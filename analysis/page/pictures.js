// Pictures, one over the other, enlarged.

/** A picture of the report; one that cannot be shown says so. */
function image(place, alt, more = {}) {
  const node = el("img", { src: data.pictures[place], alt, draggable: false, ...more });
  node.onerror = () => node.replaceWith(el("span", { class: "absent" }, "damaged"));
  return node;
}

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
  box.append(image(after, labels[1]), image(before, labels[0], { className: "before" }),
    el("span", { class: "left" }, labels[0]), el("span", { class: "right" }, labels[1]), slider);
  return box;
}

/** The enlarged picture of a trial, wiped against the photo or another trial; arrow keys go to the next trial and photo. */
function enlarge(start, photo, step) {
  const dialog = document.getElementById("zoom");
  const showing = { trial: start, photo, pixels: false, against: "" };
  const others = () => chosen().filter((trial) => sample_at(trial, step));
  const photos = () => Object.keys(sample_at(showing.trial, step)?.pictures ?? {}).sort();

  function move(list, current, by) {
    const at = list.indexOf(current);
    return list[(at + by + list.length) % list.length] ?? current;
  }
  function other_side(after) {
    const other = trial_by_key(showing.against);
    const place = other && sample_at(other, step)?.pictures[showing.photo];
    if (place !== undefined) return [place, other.label];
    return showing.photo in showing.trial.input ? [showing.trial.input[showing.photo], "photo"] : [after, showing.trial.label];
  }
  function draw() {
    const sample = sample_at(showing.trial, step);
    if (!(showing.photo in sample.pictures)) showing.photo = photos()[0];
    const after = sample.pictures[showing.photo], [before, name] = other_side(after);
    const values = objectives.filter((o) => has_value(showing.trial, o.metric)).map((o) => `${o.metric} ${short(value_of(showing.trial, o.metric))}`);
    const view = wipe(before, after, [name, showing.trial.label]);
    view.classList.toggle("pixels", showing.pixels);
    dialog.style.setProperty("--side", "min(76vh, 88vw, 768px)");
    const turn = (what, by) => el("button", { type: "button", onclick: () => step_to(what, by) }, `${by < 0 ? "←" : "→"} ${what}`);
    const against = el("select", { "aria-label": "Compare with" }, [["", "the photo"], ...others().filter((t) => t !== showing.trial).map((t) => [t.key, t.label])]
      .map(([value, text]) => el("option", { value, selected: value === showing.against }, text)));
    against.onchange = () => { showing.against = against.value; draw(); };
    dialog.replaceChildren(
      el("div", { class: "title" },
        el("div", {}, el("h3", {}, `${showing.trial.label} at step ${sample.step}`),
          el("p", { class: "muted" }, [described(showing.trial), ...(values.length ? values : [showing.trial.state])].filter(Boolean).join(" · "))),
        el("button", { type: "button", onclick: () => dialog.close(), "aria-label": "Close" }, "Close")),
      view,
      el("div", { class: "controls" },
        el("span", { class: "group" }, turn("trial", -1), turn("trial", 1)),
        el("span", { class: "group" }, turn("photo", -1), turn("photo", 1)),
        el("label", {}, "against", against),
        el("label", {}, el("input", { type: "checkbox", checked: showing.pixels, onchange: (e) => { showing.pixels = e.target.checked; draw(); } }), "single pixels")));
  }
  function step_to(what, by) {
    if (what === "trial") showing.trial = move(others(), showing.trial, by);
    else showing.photo = move(photos(), showing.photo, by);
    draw();
  }
  dialog.onkeydown = (event) => {
    const way = { ArrowLeft: ["trial", -1], ArrowRight: ["trial", 1], ArrowUp: ["photo", -1], ArrowDown: ["photo", 1] }[event.key];
    if (!way || event.target.tagName === "SELECT") return;
    event.preventDefault();
    step_to(...way);
  };
  dialog.onclick = (event) => { if (event.target === dialog) dialog.close(); };
  draw();
  dialog.showModal();
}
