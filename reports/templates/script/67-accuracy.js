// How close right results are: K by operation and dtype, the ratio to the best peer, and the oracle's own error.

const AXIS = [0.01, 100];

view(
  "accuracy",
  (operation) => (operation ? `Accuracy: ${operation}` : "Accuracy"),
  (data, name, query) => {
    const operation = name ? data.operationNumber(name) : -1;
    const order = data.words.order.includes(query.get("order"))
      ? query.get("order")
      : data.words.order.includes("value")
        ? "value"
        : data.words.order[0];
    const words = (query.get("find") || "").toLowerCase();
    const heading = [
      name ? h("p", {class: "status"}, link("accuracy", "", {}, "Accuracy"), " ›") : null,
      h("h1", {}, name || "Accuracy"),
      h(
        "p",
        {},
        "K is the error of the worst element in units of roundoff; at most 16 conforms, 0 is exact. Each strip shows the checks that conform, on a logarithmic axis: the line from least to largest, the box from the 25th to the 75th percentile, the tick at the median.",
      ),
      h(
        "div",
        {class: "controls"},
        choice("order", data.words.order, order, (chosen) => change({order: chosen})),
        name ? link("operation", name, {}, "The operation") : findBox(query, "an operation"),
      ),
    ];
    if (name && operation < 0) return [heading, h("p", {class: "empty"}, "This report holds no such operation.")];
    return [heading, name ? byCall(data, operation, order) : byOperation(data, order, words)];
  },
);

const quantile = (sorted_, share) => sorted_[Math.min(sorted_.length - 1, Math.floor(share * sorted_.length))];

const placeOfK = (k) =>
  8 +
  (180 * (Math.log10(Math.min(Math.max(k, AXIS[0]), AXIS[1])) - Math.log10(AXIS[0]))) /
    (Math.log10(AXIS[1]) - Math.log10(AXIS[0]));

/** The axis above the strips. */
const axisOfK = () =>
  s(
    "svg",
    {
      class: "strip",
      viewBox: "0 0 200 18",
      preserveAspectRatio: "xMinYMid",
      role: "img",
      "aria-label": "K from 0.01 to 100, logarithmic",
    },
    [0.01, 0.1, 1, 16, 100].map((k) =>
      s(
        "text",
        {x: k === 0.01 ? 0 : placeOfK(k), y: 13, "text-anchor": k === 0.01 ? "start" : "middle"},
        k === 0.01 ? "≤.01" : String(k),
      ),
    ),
  );

/** A box and whiskers over log K. */
function strip(values, label) {
  const sorted_ = Float64Array.from(values).sort();
  const x = placeOfK;
  const [low, q1, median, q3, high] = [
    sorted_[0],
    quantile(sorted_, 0.25),
    quantile(sorted_, 0.5),
    quantile(sorted_, 0.75),
    sorted_[sorted_.length - 1],
  ];
  const said = `${label}: ${counted(sorted_.length, "check")}, K median ${number(median)}, largest ${number(high)}`;
  return h(
    "div",
    {class: "strip-cell"},
    s(
      "svg",
      {class: "strip", viewBox: "0 0 200 18", preserveAspectRatio: "xMinYMid", role: "img", "aria-label": said},
      s("line", {class: "grid-line", x1: x(1), x2: x(1), y1: 0, y2: 18}),
      s("line", {class: "limit-line", x1: x(16), x2: x(16), y1: 0, y2: 18}),
      s("line", {x1: x(low), x2: x(high), y1: 9, y2: 9}),
      s("rect", {x: x(q1), y: 4, width: Math.max(x(q3) - x(q1), 1), height: 10}),
      s("line", {class: "median", x1: x(median), x2: x(median), y1: 2, y2: 16}),
    ),
    h("small", {}, `median ${number(median)}, largest ${number(high)}`),
  );
}

function byOperation(data, order, words) {
  const code = data.words.order.indexOf(order);
  const dtypes = [...data.words.dtype].sort((a, b) => DTYPE_ORDER.indexOf(a) - DTYPE_ORDER.indexOf(b));
  const values = data.operations.map(() => new Map());
  const conforms = data.words.verdict.indexOf("conforms");
  for (let at = 0; at < data.count; at += 1) {
    if (data.checks.order[at] !== code || data.checks.verdict[at] !== conforms || Number.isNaN(data.kNumbers[at]))
      continue;
    const cell = values[data.operationOf(at)];
    const dtype = data.word("dtype", at);
    if (!cell.has(dtype)) cell.set(dtype, []);
    cell.get(dtype).push(data.kNumbers[at]);
  }
  const rows = data.operations
    .map((operation, at) => ({operation, at}))
    .filter(({operation, at}) => (values[at].size || operation.proof) && (!words || operation.name.includes(words)));
  if (!rows.length) return h("p", {class: "empty"}, "No operation fits.");
  const proof = (operation) =>
    operation.proof ? number(operation.proof[order === "value" ? "value" : "gradient"]) || "·" : "not stated";
  return framed(
    "Accuracy",
    h(
      "table",
      {class: "matrix"},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", {scope: "col"}, "operation"),
          h(
            "th",
            {scope: "col", class: "n"},
            "oracle's own error",
            h("span", {class: "quiet"}, "ULP of float64, proven"),
          ),
          dtypes.map((dtype) => h("th", {scope: "col"}, dtype, axisOfK())),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map(({operation, at}) =>
          h(
            "tr",
            {},
            h("th", {scope: "row"}, link("accuracy", operation.name, {order}, breakable(operation.name))),
            h("td", {class: "n"}, proof(operation)),
            dtypes.map((dtype) =>
              values[at].has(dtype)
                ? h("td", {}, strip(values[at].get(dtype), `${operation.name}, ${dtype}`))
                : h("td", {class: "absent"}, h("span", {class: "hidden"}, "nothing measured")),
            ),
          ),
        ),
      ),
    ),
    true,
  );
}

const DTYPE_ORDER = ["float64", "float32", "float16", "bfloat16"];

function byCall(data, operation, order) {
  const code = data.words.order.indexOf(order);
  const places = data.placesOf(
    operation,
    (at) => data.checks.order[at] === code && data.verdict(at) === "conforms" && !Number.isNaN(data.kNumbers[at]),
  );
  if (!places.length) return h("p", {class: "empty"}, "No check of this order conforms with a measured distance.");
  const best = new Map();
  for (const at of places) {
    const list = best.get(data.question[at]) || [];
    list.push(at);
    best.set(data.question[at], list);
  }
  const rows = new Map();
  for (const at of places) {
    const key = `${data.checks.call[at]}|${data.word("dtype", at)}`;
    const row = rows.get(key) || {
      call: data.checks.call[at],
      dtype: data.word("dtype", at),
      k: [],
      ratios: [],
      worst: at,
    };
    row.k.push(data.kNumbers[at]);
    if (data.kNumbers[at] > data.kNumbers[row.worst]) row.worst = at;
    const peers = best
      .get(data.question[at])
      .filter((other) => data.checks.call[other] !== data.checks.call[at])
      .map((other) => data.kNumbers[other]);
    if (peers.length) {
      const least = Math.min(...peers);
      row.ratios.push(least === 0 ? (data.kNumbers[at] === 0 ? 1 : Infinity) : data.kNumbers[at] / least);
    }
    rows.set(key, row);
  }
  const list = [...rows.values()].sort(
    (a, b) =>
      data.inOrder(data.calls[a.call], data.calls[b.call]) ||
      DTYPE_ORDER.indexOf(a.dtype) - DTYPE_ORDER.indexOf(b.dtype),
  );
  const middle = (values) =>
    values.length
      ? number(
          finite(
            quantile(
              [...values].sort((a, b) => a - b),
              0.5,
            ),
          ),
        )
      : "no peer";
  return framed(
    "Accuracy by call",
    h(
      "table",
      {class: "matrix"},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          [
            "call",
            "dtype",
            ["K of checks that conform", axisOfK()],
            "K over the best peer's, median",
            "largest K in",
          ].map((head, at) => h("th", {scope: "col", class: at === 3 ? "n" : null}, head)),
        ),
      ),
      h(
        "tbody",
        {},
        list.map((row) =>
          h(
            "tr",
            {},
            h(
              "th",
              {scope: "row"},
              breakable(data.calls[row.call].name),
              h("small", {}, data.columns[data.calls[row.call].column].name),
            ),
            h("td", {}, row.dtype),
            h("td", {}, strip(row.k, `${data.calls[row.call].name}, ${row.dtype}`)),
            h("td", {class: "n"}, middle(row.ratios)),
            h("td", {}, checkLink(data, row.worst, breakable(data.variant(row.worst)))),
          ),
        ),
      ),
    ),
    true,
  );
}

const finite = (value) => (value === Infinity ? "inf" : value);
