// Errors of an operation: along its input, and by dtype and order.

/** Largest K over an input, one line for each implementation. */
function curves(data, block, query) {
  const all = block.curves || [];
  const title = h("h2", {}, "Error along the input");
  if (!all.length)
    return [
      title,
      h(
        "p",
        {class: "quiet"},
        "No curve: either no case of this operation runs along a grid, or the run file was made by an older suite.",
      ),
    ];
  const kinds = [
    ...new Map(
      all.map((curve) => [`${curve.case}|${curve.dtype}|${curve.order}|${curve.output}|${curve.input}`, curve]),
    ).entries(),
  ];
  const plain = kinds.find(([, curve]) => curve.dtype === "float32" && curve.order === "value") || kinds[0];
  const [key, first] = kinds.find(([each]) => each === query.get("curve")) || plain;
  const unit = query.get("unit") === "ulp" ? "ulp" : "k";
  const chosen = all.filter(
    (curve) => `${curve.case}|${curve.dtype}|${curve.order}|${curve.output}|${curve.input}` === key,
  );
  const xs = [...new Set(chosen.flatMap((curve) => curve.x.map(numeric)))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const floor = 0.01;
  // What is nan or infinite is drawn above all numbers.
  const largest_ = Math.max(16, ...chosen.flatMap((curve) => curve[unit].map(numeric).filter(Number.isFinite)));
  const top = chosen.some((curve) => curve[unit].some((value) => !Number.isFinite(numeric(value))))
    ? largest_ * 100
    : largest_;
  const columns = [
    xs,
    ...chosen.map((curve) => {
      const known = new Map(curve.x.map((x, at) => [numeric(x), numeric(curve[unit][at])]));
      return xs.map((x) =>
        known.has(x) ? (Number.isFinite(known.get(x)) ? Math.max(known.get(x), floor) : top) : null,
      );
    }),
  ];
  const beyond = chosen.filter((curve) => curve[unit].some((value) => value === "inf"));
  const label = `${unit === "k" ? "K" : "ULP error"} of ${chosen.length} calls along ${first.input}, ${first.dtype}, ${first.order}`;
  return [
    title,
    h(
      "div",
      {class: "controls"},
      choice(
        "case, dtype, order",
        kinds.map(([each, curve]) => [
          each,
          `${curve.case}, ${curve.dtype}, ${curve.order}${curve.output !== "value" && curve.output !== curve.input ? ` by ${curve.output}` : ""}, along ${curve.input}`,
        ]),
        key,
        (curve) => change({curve}),
      ),
      choice(
        "unit",
        [
          ["k", "K"],
          ["ulp", "ULP"],
        ],
        unit,
        (chosen_) => change({unit: chosen_}),
      ),
    ),
    plot(
      label,
      {
        xLabel: first.input,
        yLabel: unit === "k" ? "K (log)" : "ULP (log)",
        y: {range: (_, low, high) => [floor, top * 3]},
        line: unit === "k" ? [16, "K = 16: beyond it a result does not conform"] : null,
      },
      chosen.map((curve) => ({label: curve.call + (data.runs.length > 1 ? ` (run ${curve.run})` : "")})),
      columns,
    ),
    beyond.length
      ? h(
          "p",
          {class: "quiet"},
          `Drawn at the top: nan or inf where a number is right, of ${[...new Set(beyond.map((curve) => curve.call))].join(", ")}. Errors below ${floor} are drawn at the bottom.`,
        )
      : h(
          "p",
          {class: "quiet"},
          `Each point is the worst element of a stretch of the input. Errors below ${floor} are drawn at the bottom.`,
        ),
    h(
      "details",
      {},
      h("summary", {}, "The worst of each as a table"),
      framed(
        "Worst points",
        table(
          "figures",
          ["call", "worst", `at ${first.input}`],
          chosen.map((curve) => {
            const values = curve[unit].map(numeric);
            const at = values.reduce(
              (best, value, place) => (Number.isNaN(value) || value > values[best] ? place : best),
              0,
            );
            return [curve.call, number(curve[unit][at]), number(curve.x[at])];
          }),
        ),
      ),
    ),
  ];
}

/** Calls by dtype and order: the worst verdict, and K. */
function ladder(data, calls, places) {
  const heads = [];
  for (const order of data.words.order)
    for (const dtype of data.words.dtype) {
      if (places.some((at) => data.word("order", at) === order && data.word("dtype", at) === dtype))
        heads.push([order, dtype]);
    }
  const rank = (list, word) => (list.indexOf(word) < 0 ? 99 : list.indexOf(word));
  heads.sort(
    (a, b) =>
      rank(["value", "gradient", "jvp", "hvp", "hvp-reverse"], a[0]) -
        rank(["value", "gradient", "jvp", "hvp", "hvp-reverse"], b[0]) ||
      rank(["float64", "float32", "float16", "bfloat16"], a[1]) -
        rank(["float64", "float32", "float16", "bfloat16"], b[1]),
  );
  const cells = new Map();
  for (const at of places) {
    const key = `${data.checks.call[at]}|${data.word("order", at)}|${data.word("dtype", at)}`;
    const cell = cells.get(key) || {rank: 99, count: 0, k: null};
    const own = severity(data.verdict(at));
    if (own < cell.rank) Object.assign(cell, {rank: own, worst: data.verdict(at), count: 0});
    if (own === cell.rank) cell.count += 1;
    if (data.verdict(at) === "conforms" && !Number.isNaN(data.kNumbers[at]))
      cell.k = Math.max(cell.k ?? 0, data.kNumbers[at]);
    cells.set(key, cell);
  }
  return framed(
    "By dtype",
    h(
      "table",
      {class: "matrix"},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", {scope: "col"}, "call"),
          heads.map(([order, dtype]) => h("th", {scope: "col"}, order, h("span", {class: "quiet"}, dtype))),
        ),
      ),
      h(
        "tbody",
        {},
        calls.map((call) =>
          h(
            "tr",
            {},
            h(
              "th",
              {scope: "row"},
              breakable(data.calls[call].name),
              h("small", {}, data.columns[data.calls[call].column].name),
            ),
            heads.map(([order, dtype]) => {
              const cell = cells.get(`${call}|${order}|${dtype}`);
              if (!cell) return h("td", {class: "absent"}, h("span", {class: "hidden"}, "not asked"));
              return h(
                "td",
                {class: `t-${slug(cell.worst)}`},
                h(
                  "span",
                  {title: cell.worst},
                  mark(VERDICTS.get(cell.worst)?.symbol || ""),
                  ` ${grouped(cell.count)}`,
                  h("span", {class: "hidden"}, ` ${cell.worst}`),
                ),
                cell.k === null ? null : h("small", {}, `K ${number(cell.k)}`),
              );
            }),
          ),
        ),
      ),
    ),
  );
}
