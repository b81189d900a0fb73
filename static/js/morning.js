// Charts: each [data-plot] draws the table of its section with uPlot (static/vendor/). The table says
// everything in words, for readers of screens and without this script.
import uPlot from "../vendor/uPlot.js";

const HEIGHT = 180, NARROW = 60;

function read(table) {
  const rows = [...table.tBodies[0].rows];
  const words = (cell) => cell.textContent.trim();
  return {
    labels: rows.map((row) => words(row.cells[0])),
    said: rows.map((row) => [...row.cells].slice(1).map(words)),
    names: [...table.tHead.rows[0].cells].slice(1).map(words),
    shares: [...table.tHead.rows[0].cells].slice(1).map((_name, line) =>
      rows.map((row) => {
        const percent = row.cells[line + 1].dataset.percent;
        return percent === "" ? null : Number(percent);
      }),
    ),
  };
}

function draw(plot) {
  const section = plot.closest("section");
  const figures = read(section.querySelector("[data-figures]"));
  if (!figures.shares[0].some((share) => share !== null)) return;
  plot.hidden = false;
  const canvas = plot.querySelector("[data-canvas]"), told = plot.querySelector("[data-at]");
  const colour = (name) => getComputedStyle(section).getPropertyValue(name).trim();
  const lines = [colour("--a"), colour("--help"), colour("--repair")];
  const axis = { stroke: colour("--fg2"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const short = (label) => label.replace(/^.*年/, "").split("–")[0];
  const chart = new uPlot(
    {
      width: canvas.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: {
        x: { time: false },
        y: {
          range: (_u, low, high) =>
            [Math.max(0, Math.floor(low / 10) * 10 - 10), Math.min(100, Math.ceil(high / 10) * 10 + 5)],
        },
      },
      axes: [
        { ...axis, size: 28, space: NARROW, incrs: [1, 2, 5, 10], values: (_u, at) => at.map((x) => short(figures.labels[x] ?? "")) },
        { ...axis, size: 48, values: (_u, at) => at.map((y) => `${y}%`) },
      ],
      series: [
        {},
        ...figures.names.map((name, line) => ({
          label: name,
          stroke: lines[line],
          width: 2,
          dash: line ? [6, 4] : undefined,
          spanGaps: true,
          points: { show: figures.labels.length < 14, size: 6, fill: lines[line] },
        })),
      ],
      hooks: {
        setCursor: [
          (u) => {
            const at = u.cursor.idx;
            const parts = figures.names.map((name, line) => (figures.names.length > 1 ? `${name} ` : "") + (figures.said[at]?.[line] ?? ""));
            told.textContent = at === null || at === undefined ? "\u00a0" : `${figures.labels[at]}  ${parts.join(" · ")}`;
          },
        ],
      },
    },
    [figures.labels.map((_label, at) => at), ...figures.shares],
    canvas,
  );
  new ResizeObserver(() => chart.setSize({ width: canvas.clientWidth, height: HEIGHT })).observe(canvas);
}

document.querySelectorAll("[data-plot]").forEach(draw);
