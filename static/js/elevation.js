// The front of a building: Tab comes to it once an entrance, the arrow keys go from home to home. Without
// this script each home is a stop of its own.
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const cellsOf = (drawing) => [...drawing.querySelectorAll(".cell")];

function placeOf(cell) {
  const box = cell.querySelector("rect");
  return { x: Number(box.getAttribute("x")), y: Number(box.getAttribute("y")) };
}

function stopAt(cell) {
  for (const one of cellsOf(cell.closest("svg"))) one.setAttribute("tabindex", one === cell ? "0" : "-1");
}

// The nearest home that way; of the floor above or below the one straight over or under it.
function beside(cell, [right, down]) {
  const from = placeOf(cell);
  return cellsOf(cell.closest("svg"))
    .map((one) => ({ one, x: placeOf(one).x - from.x, y: placeOf(one).y - from.y }))
    .filter(({ x, y }) => (right ? y === 0 && Math.sign(x) === right : Math.sign(y) === down))
    .sort((a, b) => Math.abs(a.y) - Math.abs(b.y) || Math.abs(a.x) - Math.abs(b.x))[0]?.one;
}

function begin() {
  for (const drawing of document.querySelectorAll(".facade svg")) {
    const cells = cellsOf(drawing);
    const first = cells.find((one) => one === document.activeElement) || cells.find((one) => one.matches(".mine")) || cells[0];
    if (first) stopAt(first);
  }
}

document.addEventListener("focusin", ({ target }) => {
  if (target.matches(".facade .cell")) stopAt(target);
});
document.addEventListener("keydown", (event) => {
  if (!WAYS[event.key] || !event.target.matches(".facade .cell")) return;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  beside(event.target, WAYS[event.key])?.focus();
});
document.addEventListener("live:swapped", begin);
begin();
