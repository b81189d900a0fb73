// Before and after: the pictures lie over each other in an img-comparison-slider (static/vendor/), whose seam
// is dragged; a range input beside it moves the same seam for the keyboard and for screen readers.
// Without this script the two pictures stand beside each other.
import "../vendor/img-comparison-slider.js";

function prepare(figure) {
  const slider = figure.querySelector("img-comparison-slider"), range = figure.querySelector("input[type=range]");
  if (!slider || !range || figure.classList.contains("on")) return;
  figure.classList.add("on");
  range.hidden = false;
  range.addEventListener("input", () => {
    slider.value = range.value;
  });
  slider.addEventListener("slide", () => {
    range.value = slider.value;
  });
}

const all = () => document.querySelectorAll("[data-compare]").forEach(prepare);
all();
document.addEventListener("live:swapped", all);
