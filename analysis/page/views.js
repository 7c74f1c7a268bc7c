// The views. One is made when it first comes near the screen and drawn again only while it is there, so that a thousand
// trials open at once.

const views = [];

/**
 * Declares a view: its section below those before it, and the way there, named `tab`. `make(box)` fills the section's box
 * and returns the function that draws what depends on the choice, if anything does. Without `present` there is no view.
 */
function add_view({ id, tab, heading, lead }, make, present = true) {
  if (!present) return;
  const box = el("div", { class: "body" });
  const section = el("section", { id }, el("h2", {}, heading), lead ? el("p", { class: "lead" }, lead) : null, box);
  document.getElementById("colophon").before(section);
  document.querySelector(".bar .switches").before(el("a", { href: `#${id}` }, tab));
  views.push({ id, section, box, make, draw: null, made: false, near: false, stale: true });
}

function show_view(view) {
  if (!view.stale) return;
  view.stale = false;
  if (!view.made) {
    view.made = true;
    view.draw = view.make(view.box) ?? (() => {});
  }
  view.draw();
}

/** After a change: what is near the screen now, the rest when it comes near. */
function redraw_views() {
  for (const view of views) view.stale = true;
  for (const view of views) if (view.near) show_view(view);
}

const redraw = (id) => {
  const view = views.find((v) => v.id === id);
  if (view?.made) view.draw();
};

/** Calls with whether an element is near the screen, when that changes. */
const near_calls = new WeakMap();
const near_screen = new IntersectionObserver((entries) => {
  for (const entry of entries) near_calls.get(entry.target)?.(entry.isIntersecting);
}, { rootMargin: "500px 0px" });
function on_near(node, call) {
  near_calls.set(node, call);
  near_screen.observe(node);
}

/** Paper shows everything: all views, made and drawn. */
function show_all_views() {
  for (const view of views) {
    view.stale = true;
    show_view(view);
  }
  draw_all_plots();
}

function begin_views() {
  for (const view of views) {
    on_near(view.section, (near) => {
      view.near = near;
      if (near) show_view(view);
    });
  }
}
