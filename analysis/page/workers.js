// Who worked on what, when: the sweep's journal.

add_view({ id: "workers", tab: "Workers", heading: "Workers" }, (box) => {
  const trial_of = (worker, n) => trials.find((t) => t.source === worker.source && t.number === n);
  /** The end of a stretch of work: as written, now for what still runs, or the worker's last sign of life. */
  function end_of(worker, [n, , end], i) {
    if (end !== null) return end;
    const running = !worker.left && trial_of(worker, n)?.state === "running" && i === worker.work.length - 1;
    return running ? Math.max(worker.last, data.now) : worker.last;
  }
  const state_of = (worker, stretch, i) => stretch[3] || (end_of(worker, stretch, i) > worker.last ? "running" : "interrupted");
  const rows = data.workers.map((worker) => {
    const work = worker.work.map((stretch, i) => ({ trial: stretch[0], begin: stretch[1], end: end_of(worker, stretch, i), state: state_of(worker, stretch, i) }));
    const end = most([worker.last, ...work.map((w) => w.end)]);
    const busy = sum(work.map((w) => w.end - w.begin));
    return { worker, work, begin: worker.begin, end, busy, share: end > worker.begin ? busy / (end - worker.begin) : 0 };
  });
  const begin = least(rows.map((r) => r.begin)), end = most(rows.map((r) => r.end)), span = Math.max(end - begin, 1e-3);
  const present = sum(rows.map((r) => (r.end - r.begin) * r.worker.ranks)), busy = sum(rows.map((r) => r.busy * r.worker.ranks));
  const states = unique(rows.flatMap((r) => r.work.map((w) => w.state)));
  const percent = (share) => `${Math.round(100 * share)} %`;
  const place = (time) => `${(100 * (time - begin) / span).toFixed(3)}%`;
  const clock = (time) => {
    const text = new Date(1000 * time).toISOString();
    return span > 36 * 3600 ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : span > 600 ? text.slice(11, 16) : span > 10 ? text.slice(11, 19) : text.slice(17, 23);
  };

  box.append(
    el("p", { class: "lead" }, `${rows.length === 1 ? "1 worker" : `${rows.length} workers`}, ${duration(span)} from the first to the last event; while present ${rows.length === 1 ? "it was" : "they were"} busy ${present > 0 ? percent(busy / present) : "–"} of the time${rows.some((r) => r.worker.ranks > 1) ? " (counted by ranks)" : ""}. Times are UTC, by each host's clock.`),
    el("div", { class: "chips" }, states.map((name) => el("span", { class: "chip" }, el("span", { class: `dot ${name}` }), name))),
    el("div", { class: "timeline card" }, rows.map((r) => el("div", { class: "lane" },
      el("div", { class: "who" }, el("b", {}, r.worker.host || r.worker.name), el("span", { class: "muted" }, [r.worker.pid ? ` ${r.worker.pid}` : "", r.worker.ranks > 1 ? `, ${r.worker.ranks} ranks` : ""])),
      el("div", { class: "track" }, el("div", { class: "presence", style: { left: place(r.begin), width: `${100 * (r.end - r.begin) / span}%` } }),
        r.work.map((w) => {
          const trial = trial_of(r.worker, w.trial);
          return el("i", { class: w.state, style: { left: place(w.begin), width: `max(${(100 * (w.end - w.begin) / span).toFixed(3)}%, 1px)` },
            title: `${trial?.label ?? `#${w.trial}`} ${w.state}, ${duration(w.end - w.begin)}${trial && described(trial) ? `\n${described(trial)}` : ""}`, onclick: () => { if (trial) toggle(trial); } });
        })),
      el("div", { class: "right number", title: `${r.work.length} trials` }, percent(r.share), el("span", { class: "muted" }, ` · ${r.work.length}`)))),
    el("div", { class: "lane axis" }, el("div", {}), el("div", { class: "track" }, [0, 0.25, 0.5, 0.75, 1].map((p) => el("span", { style: { left: `${100 * p}%` } }, clock(begin + p * span)))), el("div", { class: "right muted" }, "busy · trials"))));
}, data.workers.length > 0);
