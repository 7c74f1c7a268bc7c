// Light and dark, paper, the way through the page, and reading it again while it is written.

let printing = false;

function theme() {
  const button = document.getElementById("theme");
  const set = (name) => {
    document.documentElement.dataset.theme = name;
    button.textContent = name === "dark" ? "☀ Light" : "☾ Dark";
  };
  const keep = (name) => { try { localStorage.setItem("atelier-theme", name); } catch { /* a page from disk may have no storage */ } };
  const kept = () => { try { return localStorage.getItem("atelier-theme"); } catch { return null; } };
  set(document.documentElement.dataset.theme);
  button.onclick = () => { set(dark() ? "light" : "dark"); keep(document.documentElement.dataset.theme); changed(); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    if (kept() || printing) return;
    set(event.matches ? "dark" : "light");
    changed();
  });
  let before = null;  // Paper is white, and shows everything.
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.theme;
    printing = true;
    document.documentElement.classList.add("paper");
    set("light");
    listeners.forEach((draw) => draw());
    show_all_views();
  });
  addEventListener("afterprint", () => {
    printing = false;
    document.documentElement.classList.remove("paper");
    if (before) set(before);
    changed();
  });
}

// ------------------------------------------------------------------------------------------------ the way

const bar_height = () => document.querySelector(".bar").getBoundingClientRect().height;
const current_view = () => views.findLast((view) => view.section.getBoundingClientRect().top <= bar_height() + 80) ?? null;

function go_to(id, beyond = 0) {
  const section = document.getElementById(id);
  if (!section) return;
  const place = () => scrollTo({ top: section.getBoundingClientRect().top + scrollY - bar_height() - 16 + beyond, behavior: "instant" });
  // Views above it are made on the way and grow: what is looked for stays in sight until that has settled.
  place();
  let rounds = 0;
  const follow = () => {
    place();
    rounds += 1;
    if (rounds < 12) requestAnimationFrame(follow);
  };
  requestAnimationFrame(follow);
}

function navigation() {
  history.scrollRestoration = "manual";
  let clicked = null;  // The last views are too short to come to the top.
  for (const link of document.querySelectorAll(".bar a")) {
    link.onclick = (event) => {
      event.preventDefault();
      const id = link.getAttribute("href").slice(1);
      remember("at", id === "top" ? "" : id);
      clicked = id;
      if (id === "top") scrollTo({ top: 0 }); else go_to(id);
    };
  }
  const mark = () => {
    const at_end = scrollY + innerHeight >= document.documentElement.scrollHeight - 4;
    const id = at_end ? (clicked ?? views.at(-1)?.id) : current_view()?.id;
    for (const link of document.querySelectorAll(".bar a")) link.toggleAttribute("aria-current", link.getAttribute("href") === `#${id}`);
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); hide_hover_card(); });
  }, { passive: true });
  addEventListener("scroll", settled(keep_place, 250), { passive: true });
}

/** Where the reader is, for the page that comes after a reload. */
function keep_place() {
  const view = scrollY < 40 ? null : current_view();
  if (view) remembered.set("at", `${view.id}~${Math.round(bar_height() + 16 - view.section.getBoundingClientRect().top)}`);
  else remembered.delete("at");
  write_address();
}

// ------------------------------------------------------------------------------------------------ a sweep that runs

/** Reads the page again now and then, but not under the reader's hands. */
function reloading() {
  if (!data.reload_seconds) return;
  const button = document.getElementById("live");
  let paused = recall("live") === "off", touched = 0;
  for (const name of ["pointerdown", "keydown", "input"]) addEventListener(name, () => { touched = Date.now(); }, { passive: true });
  const say = () => {
    button.textContent = paused ? "Paused" : "Live";
    button.setAttribute("aria-pressed", !paused);
  };
  button.hidden = false;
  button.title = `Reads itself again every ${data.reload_seconds} s while atelier report --watch runs`;
  button.onclick = () => { paused = !paused; remember("live", paused ? "off" : ""); say(); };
  say();
  setInterval(() => {
    const busy = document.getElementById("zoom").open || document.querySelector("details.menu[open]") || Date.now() - touched < 4000 || document.hidden || printing;
    if (paused || busy) return;
    keep_place();
    location.reload();
  }, 1000 * data.reload_seconds);
}

theme();
masthead();
navigation();
document.getElementById("colophon").append(`Written by Atelier on ${data.written} from ${data.sources.map((source) => source.folder).join(", ")}. Plots by Plotly.js (MIT).`);
addEventListener("DOMContentLoaded", () => {  // Plotly comes last in the page, so that the top is read before it is there.
  const [id, beyond] = recall("at").split("~");
  begin_views();
  if (id) go_to(id, Number(beyond) || 0);
  reloading();
});
