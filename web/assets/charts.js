// Draws the table of calls by time with uPlot: the same numbers, in the place before it.
// Without this the table is all there is, and says everything.

"use strict";

(() => {
  const table = document.querySelector("table[data-chart]");
  const place = document.getElementById("chart");
  if (!table || !place || typeof uPlot === "undefined") return;

  const rows = [...table.tBodies[0].rows].map((row) => [Number(row.dataset.at), ...[...row.cells].slice(1, 4).map((cell) => Number(cell.dataset.n))]);
  if (rows.length === 0) return;
  const column = (index) => rows.map((row) => row[index]);
  const [times, calls, errors, refused] = [column(0), column(1), column(2), column(3)];
  const width = Number(table.dataset.chart);

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const bars = uPlot.paths.bars({ size: [0.8, 48], align: 1, radius: 0.1 });
  // Each bar stands on the one below: what was answered, what failed, what was refused.
  const good = calls.map((count, at) => Math.max(0, count - errors[at]));
  const stacked = [good.map((count, at) => count + errors[at] + refused[at]), good.map((count, at) => count + errors[at]), good];
  const whole = (value) => (value === null || value === undefined ? "" : Math.round(value).toLocaleString());

  let chart;
  const draw = () => {
    chart?.destroy();
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    const series = (label, name, values) => ({
      label, paths: bars, points: { show: false }, fill: colour(name), stroke: colour(name), width: 0,
      value: (_, __, ___, index) => (index === null ? "" : whole(values[index])),
    });
    chart = new uPlot({
      width: place.clientWidth, height: 260,
      tzDate: (second) => uPlot.tzDate(new Date(second * 1e3), "Etc/UTC"),
      cursor: { drag: { x: true, y: false }, points: { show: false } },
      scales: { x: { time: true, range: (_, least, most) => [least, Math.max(most, least) + width] }, y: { range: (_, __, most) => [0, Math.max(4, most * 1.08)] } },
      axes: [axis, { ...axis, size: 64, values: (_, marks) => marks.map((mark) => (Number.isInteger(mark) ? whole(mark) : "")) }],
      series: [{ label: "From (UTC)" }, series("Refused", "--chart-refused", refused), series("Errors", "--chart-errors", errors), series("Answered", "--chart-calls", good)],
    }, [times, ...stacked], place);
  };
  draw();
  dark.addEventListener("change", draw);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 260 })).observe(place);
})();
