// The views. One is made when it first comes near the screen and drawn again only while it is there, so that a thousand
// trials open at once.

const views = [];

/**
 * Declares the view whose section has this id. `make(box)` fills the box and returns the function that draws what depends
 * on the choice, if anything does. Without `present` the section and the way to it are taken out of the page.
 */
function add_view(id, make, present = true) {
  const section = document.getElementById(id);
  if (!present) {
    section.remove();
    document.querySelector(`.bar a[href="#${id}"]`)?.remove();
    return;
  }
  views.push({ id, section, box: section.querySelector(".body"), make, draw: null, made: false, near: false, stale: true });
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
