// Plots: uPlot with the colours of the page, a name for those who do not see it, and the figures as a table.

const LINE_COLOURS = [
  ["#0b62c4", "#79b0f7"],
  ["#b3441e", "#f39a73"],
  ["#1f7f45", "#6fcb90"],
  ["#8a3fa8", "#cf96e6"],
  ["#8a6a00", "#e0bf4e"],
  ["#0f7c86", "#63c8d2"],
  ["#a82a5f", "#f08bb4"],
  ["#4f5b66", "#b4bec9"],
];
const DASHES = [[], [6, 4], [2, 3]];
const dashStyle = (dash) => (!dash?.length ? "solid" : dash[0] > 3 ? "dashed" : "dotted");

const isDark = () =>
  getComputedStyle(document.documentElement).colorScheme === "dark" ||
  (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
/** A colour of the page by its name, as a canvas understands it. */
function colour(name) {
  const probe = h("i", {hidden: true});
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
const lineColour = (at) => LINE_COLOURS[at % LINE_COLOURS.length][isDark() ? 1 : 0];

/** Plots of a page are drawn when they are in it, and again when their width or the colours change. */
function plot(label, options, series, columns) {
  const holder = h("div", {class: "plot", role: "img", "aria-label": label});
  let drawn = null;
  const draw = () => {
    if (!holder.isConnected || !holder.clientWidth) return;
    drawn?.destroy();
    const [ink, grid] = [colour("quiet"), colour("line")];
    const axis = {
      stroke: ink,
      grid: {stroke: grid, width: 1},
      ticks: {stroke: grid, width: 1},
      font: "12px system-ui, sans-serif",
      labelFont: "12px system-ui, sans-serif",
    };
    drawn = new uPlot(
      {
        width: holder.clientWidth,
        height: options.height || 320,
        cursor: {drag: {x: true, y: false}},
        padding: [null, 28, null, null], // the last label stands half beyond the axis
        scales: {x: {time: false, ...options.x}, y: {distr: 3, log: 10, ...options.y}},
        axes: [
          {...axis, label: options.xLabel, labelSize: 22, ...options.xAxis},
          {
            ...axis,
            label: options.yLabel,
            labelSize: 22,
            size: 62,
            splits: decades,
            values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : number(tick))),
            ...options.yAxis,
          },
        ],
        series: [
          {label: options.xName || options.xLabel, value: (_, x) => number(x)},
          ...series.map((each, at) => ({
            label: each.label,
            stroke: lineColour(at),
            width: 1.6,
            dash: DASHES[Math.floor(at / LINE_COLOURS.length) % DASHES.length],
            points: {show: each.points ?? false, size: 5, fill: lineColour(at)},
            spanGaps: true,
            value: (_, y) => number(y),
            ...each.more,
          })),
        ],
        legend: {markers: {width: 2, dash: (u, at) => dashStyle(u.series[at].dash)}},
        hooks: options.line ? {draw: [(u) => threshold(u, options.line)]} : {},
      },
      columns,
      holder,
    );
  };
  let width = 0;
  new ResizeObserver(() => {
    if (holder.clientWidth !== width) {
      width = holder.clientWidth;
      draw();
    }
  }).observe(holder);
  addEventListener("colours", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  return holder;
}

/** Powers of ten between two limits, eight of them at most. */
function decades(u, axis, low, high) {
  const [first, last] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
  const step = Math.max(1, Math.ceil((last - first) / 8));
  const found = [];
  for (let power = first; power <= last; power += step) found.push(10 ** power);
  return found;
}

/** A dashed line at a limit, with its name. */
function threshold(u, [value, text]) {
  const y = u.valToPos(value, "y", true);
  if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) return;
  u.ctx.save();
  u.ctx.strokeStyle = u.ctx.fillStyle = colour("bad-edge");
  u.ctx.setLineDash([5, 4]);
  u.ctx.beginPath();
  u.ctx.moveTo(u.bbox.left, y);
  u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
  u.ctx.stroke();
  u.ctx.textAlign = "left";
  u.ctx.textBaseline = "alphabetic";
  u.ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  u.ctx.fillText(u.width < 600 ? text.split(":")[0] : text, u.bbox.left + 6, y - 5);
  u.ctx.restore();
}
