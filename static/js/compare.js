// Before and after: lays the two pictures over each other and lets the slider move the seam between them.
// Without this script they stand beside each other. The position is a custom property set by script,
// which our policy allows; no style stands in the page.
function prepare(figure) {
  const slide = figure.querySelector("input[type=range]");
  if (!slide || figure.classList.contains("on")) return;
  const set = () => figure.style.setProperty("--cut", `${slide.value}%`);
  figure.classList.add("on");
  slide.hidden = false;
  slide.addEventListener("input", set);
  // A tap or a drag on the pictures themselves moves the seam too.
  const panes = figure.querySelector(".panes");
  const follow = (event) => {
    if (event.type === "pointermove" && !event.buttons) return;
    const box = panes.getBoundingClientRect();
    slide.value = Math.round((100 * (event.clientX - box.left)) / box.width);
    set();
  };
  panes.addEventListener("pointerdown", follow);
  panes.addEventListener("pointermove", follow);
  set();
}

const all = () => document.querySelectorAll("[data-compare]").forEach(prepare);
all();
document.addEventListener("live:swapped", all);
