// Where results lie in the bound: one lane for each implementation, the oracle in the middle.

const LETTERS = 66, // of a name that stands beside a lane
  FEW_LETTERS = 44, // of one that stands above it
  LETTER = 6.2, // its width
  NARROW = 640; // below this width of the window names stand above their lanes

/**
 * lanes: [{name, verdict, k, sign}] of one question. The error of the worst element in units of the bound (K = 16):
 * inside the band it conforms, outside an arrow says how far. `exact` and `unit` (the absolute error of K = 1) are known
 * for single numbers, and then the axis says them.
 */
function interval(lanes, exact, unit) {
  const narrow = innerWidth < NARROW;
  const [lane, room, edge] = narrow ? [42, 270, 78] : [24, 760, 120];
  const height = lanes.length * lane + 52;
  const longest = Math.min(LETTERS, Math.max(...lanes.map((each) => each.name.length)));
  const label = narrow ? 0 : 24 + LETTER * longest;
  const middle = label + room / 2;
  const half = room / 2 - edge;
  // What lies beyond the bound stands at the edge, with room for its figure between.
  const place = (k) => middle + (Math.abs(k) > 16 * 1.1 ? Math.sign(k) * (half + edge - 14) : (k / 16) * half);
  const top = 26,
    bottom = height - 24;
  const said = lanes.map((each) => `${each.name}: ${each.verdict}, K ${number(each.k) || "not measured"}`).join("; ");
  const ends =
    unit && exact !== null
      ? [`${precise(exact - 16 * unit)}`, `${precise(exact)}`, `${precise(exact + 16 * unit)}`]
      : ["−16", "exact", "K = 16"];
  return h(
    "div",
    {class: "scroll", role: "region", tabindex: "0", "aria-label": "Results within the bound"},
    s(
      "svg",
      {
        class: narrow ? "interval narrow" : "interval",
        viewBox: `0 0 ${label + room} ${height}`,
        role: "img",
        "aria-label": `Errors in units of the bound. ${said}`,
      },
      s("rect", {class: "bound", x: place(-16), y: top, width: place(16) - place(-16), height: bottom - top}),
      s("line", {x1: middle, x2: middle, y1: top, y2: bottom}),
      s("text", {x: middle, y: 16, "text-anchor": "middle"}, unit && exact !== null ? "oracle" : "exact"),
      s("text", {class: "dim", x: place(-16), y: 16, "text-anchor": "middle"}, "bound"),
      s("text", {class: "dim", x: place(16), y: 16, "text-anchor": "middle"}, "bound"),
      ends.map((text, at) =>
        s("text", {class: "dim", x: [place(-16), middle, place(16)][at], y: height - 8, "text-anchor": "middle"}, text),
      ),
      lanes.map((each, at) => laneOf(each, label, top + at * lane + (narrow ? 30 : lane / 2), place)),
    ),
  );
}

function laneOf(lane, label, y, place) {
  const letters = label ? LETTERS : FEW_LETTERS;
  const k = numeric(lane.k);
  const measured = typeof k === "number" && !Number.isNaN(k);
  const x = measured ? place(lane.sign * k) : 0;
  const beyond = measured && k > 16 * 1.1;
  return s(
    "g",
    {},
    s(
      "text",
      label ? {x: label - 12, y: y + 4, "text-anchor": "end"} : {x: 4, y: y - 12},
      lane.name.length > letters ? `…${lane.name.slice(1 - letters)}` : lane.name,
    ),
    s("line", {x1: place(-17), x2: place(17), y1: y, y2: y, "stroke-dasharray": "1 5"}),
    measured
      ? beyond
        ? [
            s("path", {
              class: `f-${slug(lane.verdict)}`,
              d: lane.sign < 0 ? `M${x + 9},${y - 6} l-10,6 l10,6 z` : `M${x - 9},${y - 6} l10,6 l-10,6 z`,
            }),
            s(
              "text",
              {x: lane.sign < 0 ? x + 14 : x - 14, y: y + 4, "text-anchor": lane.sign < 0 ? "start" : "end"},
              `K = ${number(lane.k)}`,
            ),
          ]
        : s("circle", {class: `f-${slug(lane.verdict)}`, cx: x, cy: y, r: 5.5})
      : s("text", {class: "dim", x: place(0) + 10, y: y + 4}, lane.said || lane.verdict),
  );
}

/** A number with as many digits as tell it from its neighbours in the drawing. */
const precise = (value) => String(Number(value.toPrecision(9)));

// Upper ends of the buckets of a ULP histogram, as the run file has them; the first counts elements of a wrong class.
const ULP_ENDS = [
  "wrong class",
  "0",
  "0.5",
  ...Array.from({length: 21}, (_, n) => (n < 14 ? String(2 ** n) : `2^${n}`)),
  "more",
];

/** How many elements are how many ULP off. */
function ulpHistogram(counts) {
  const most = Math.max(...counts);
  const last = counts.length - 1;
  const bar = (count) => Math.max(count ? 2 : 0, (120 * Math.log1p(count)) / Math.log1p(most));
  const width = 44;
  return h(
    "div",
    {class: "scroll", role: "region", tabindex: "0", "aria-label": "ULP histogram"},
    s(
      "svg",
      {
        class: "histogram",
        width: Math.max(10, counts.length) * width + 10,
        height: 172,
        role: "img",
        "aria-label": `Elements by ULP error: ${counts
          .map((count, at) =>
            count
              ? `${count} ${at === 0 ? "of a wrong class" : at === ULP_ENDS.length - 1 ? "beyond" : `up to ${ULP_ENDS[at]}`}`
              : "",
          )
          .filter(Boolean)
          .join(", ")}`,
      },
      counts.map((count, at) => [
        s("rect", {
          class: at === 0 ? "f-unstable" : "f-documented",
          x: at * width + 6,
          y: 140 - bar(count),
          width: width - 6,
          height: bar(count),
        }),
        count
          ? s(
              "text",
              {class: "dim", x: at * width + 3 + width / 2, y: 136 - bar(count), "text-anchor": "middle"},
              grouped(count),
            )
          : "",
        s(
          "text",
          {class: "dim", x: at * width + 3 + width / 2, y: 154, "text-anchor": "middle"},
          at === 0 ? "class" : ULP_ENDS[at],
        ),
      ]),
      s(
        "text",
        {class: "dim", x: 6, y: 169},
        `at most so many ULP${last > 8 ? ", by powers of two" : ""}; heights by logarithm`,
      ),
    ),
  );
}
