// How long calls take, where run files hold it. Colours here tell lines apart and mean no verdict.

view(
  "timing",
  (operation) => (operation ? `Timing: ${operation}` : "Timing"),
  (data, name, query) => {
    const all = data.timings || [];
    if (!all.length)
      return [
        h("h1", {}, "Timing"),
        h(
          "p",
          {class: "empty"},
          "These run files hold no timing. Speed is measured apart from correctness, by conformance bench.",
        ),
      ];
    const operations = [...new Set(all.map((each) => each.operation))].sort();
    const operation = operations.includes(name) ? name : operations[0];
    const values = (of) => [...new Set(all.filter((each) => each.operation === operation).map((each) => each[of]))];
    const wanted = {};
    for (const of of ["dtype", "order", "device"])
      wanted[of] = values(of).includes(query.get(of)) ? query.get(of) : values(of)[0];
    const offered = (of) => ["all", ...values(of)];
    const adapter = offered("adapter").includes(query.get("adapter")) ? query.get("adapter") : "all";
    const ofAdapter = all.filter(
      (each) =>
        each.operation === operation &&
        Object.entries(wanted).every(([of, value]) => each[of] === value) &&
        [each.adapter, "all"].includes(adapter),
    );
    // More lines than there are ways to draw one cannot be told apart: the page begins with one mode then.
    const crowded = new Set(ofAdapter.map((each) => lineName(data, each))).size > LINE_COLOURS.length * DASHES.length;
    const first = crowded && values("mode").includes("eager") ? "eager" : "all";
    const mode = offered("mode").includes(query.get("mode")) ? query.get("mode") : first;
    const rows = ofAdapter.filter((each) => [each.mode, "all"].includes(mode));
    const timed = rows.filter((each) => each.median > 0);
    return [
      h("h1", {}, "Timing"),
      h(
        "p",
        {},
        "The median time of one call, with its 95 % confidence interval, for results that are right. Where two intervals are nearer than the band, within which the same code differs from itself, there is no difference. A call that is bound by launching measures the framework's overhead, not the arithmetic. The ceiling is what the least traffic, each input read and each output written once, takes at the speed of the best copy that was measured in the same run.",
      ),
      timingChanges(data),
      h(
        "div",
        {class: "controls"},
        choice("operation", operations, operation, (chosen) => {
          location.hash = address("timing", chosen, {...Object.fromEntries(query), ...wanted});
        }),
        ["dtype", "order", "device"].map((of) =>
          values(of).length > 1 ? choice(of, values(of), wanted[of], (value) => change({[of]: value})) : null,
        ),
        Object.entries({adapter, mode}).map(([of, value]) =>
          values(of).length > 1 ? choice(of, offered(of), value, (chosen) => change({[of]: chosen})) : null,
        ),
      ),
      timed.length ? timePlot(data, timed) : h("p", {class: "empty"}, "Nothing was timed in this selection."),
      framed(
        "Times",
        h(
          "table",
          {class: "figures times"},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              [
                "call",
                "entries",
                "median",
                "interval",
                "band",
                "first call",
                "GB/s",
                "of the ceiling",
                "× fastest",
                "memory",
                "notes",
              ].map((head) => h("th", {scope: "col"}, head)),
            ),
          ),
          h(
            "tbody",
            {},
            [...rows]
              .sort((a, b) =>
                lineName(data, a) < lineName(data, b)
                  ? -1
                  : lineName(data, a) > lineName(data, b)
                    ? 1
                    : a.size - b.size,
              )
              .map((each) =>
                h(
                  "tr",
                  {},
                  h("th", {scope: "row"}, breakable(lineName(data, each))),
                  h("td", {}, grouped(each.size)),
                  h("td", {}, each.median ? duration(each.median) : "·"),
                  h("td", {}, each.median ? `${duration(each.low)} to ${duration(each.high)}` : "·"),
                  h("td", {}, each.band ? `± ${number(each.band * 100)} %` : "·"),
                  h("td", {}, each.first ? duration(each.first) : "·"),
                  h("td", {}, number(each.bandwidth) || "·"),
                  h("td", {}, each.fraction ? `${number(each.fraction * 100)} %` : "·"),
                  h("td", {}, each.slowdown ? number(each.slowdown) : "·"),
                  h("td", {}, memory(each.device_memory ?? each.host_memory)),
                  h(
                    "td",
                    {},
                    [
                      each.reason,
                      each.median && each.verdict === "diverges" ? "diverges within grade B" : "",
                      each.verdict === "documented" ? "documented" : "",
                      each.launch_bound ? "bound by launching" : "",
                      each.replay ? `${duration(each.replay)} as a graph` : "",
                      each.disturbed > 0.1 ? `${number(each.disturbed * 100)} % of the samples were disturbed` : "",
                    ]
                      .filter(Boolean)
                      .join("; "),
                  ),
                ),
              ),
          ),
        ),
      ),
    ];
  },
);

const lineName = (data, each) =>
  `${each.adapter}/${each.implementation} ${each.mode}${data.runs.length > 1 ? `, run ${each.run}` : ""}`;

/** Nanoseconds as people read them. */
function duration(nanoseconds) {
  for (const [unit, size] of [
    ["s", 1e9],
    ["ms", 1e6],
    ["µs", 1e3],
  ])
    if (nanoseconds >= size) return `${number(nanoseconds / size)} ${unit}`;
  return `${number(nanoseconds)} ns`;
}

function timePlot(data, timed) {
  const sizes = [...new Set(timed.map((each) => each.size))].sort((a, b) => a - b);
  const names = [...new Set(timed.map((each) => lineName(data, each)))].sort();
  const columns = names.map((name) =>
    sizes.map((size) => timed.find((each) => each.size === size && lineName(data, each) === name)?.median ?? null),
  );
  // Every row says which share of the ceiling it reaches, so each knows the ceiling of its size.
  const ceiling = sizes.map((size) => {
    const row = timed.find((each) => each.size === size && each.fraction);
    return row ? row.median * row.fraction : null;
  });
  const all = [...columns.flat(), ...ceiling].filter((value) => value !== null);
  return plot(
    `Median time of ${names.length} calls by number of entries`,
    {
      xLabel: "entries of the largest input",
      yLabel: "time of one call",
      x: {distr: 3, log: 10},
      y: {range: () => [Math.min(...all) / 2, Math.max(...all) * 2]},
      xAxis: {values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : grouped(tick)))},
      yAxis: {values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : duration(tick)))},
    },
    [
      ...names.map((label) => ({label, points: true, more: {value: (_, y) => (y === null ? "" : duration(y))}})),
      {
        label: "ceiling",
        more: {stroke: colour("quiet"), dash: [2, 4], width: 2, value: (_, y) => (y === null ? "" : duration(y))},
      },
    ],
    [sizes, ...columns, ceiling],
  );
}

/** Bytes as people read them. */
function memory(bytes) {
  if (bytes === undefined) return "·";
  for (const [unit, size] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ])
    if (bytes >= size) return `${number(bytes / size)} ${unit}`;
  return `${number(bytes)} B`;
}

/** What became slower or faster between two runs, beyond what the same code differs from itself. */
function timingChanges(data) {
  return (data.timingChanges || []).map((change_) => {
    const title = h("h2", {}, `From run ${change_.from} to run ${change_.to}`);
    if (change_.said) return [title, h("p", {class: "empty"}, `Not compared: ${change_.said}`)];
    const counts = Object.entries(change_.counts)
      .map(([change, count]) => `${grouped(count)} ${change}`)
      .join(", ");
    const rows = change_.rows.filter((row) => row.change !== "newly timed");
    return [
      title,
      h(
        "p",
        {},
        `${counts}. A row is slower or faster only beyond its own noise and that of the machine, and if a Mann-Whitney test says so.`,
      ),
      rows.length
        ? framed(
            `Changes from run ${change_.from} to run ${change_.to}`,
            h(
              "table",
              {class: "figures times"},
              h(
                "thead",
                {},
                h(
                  "tr",
                  {},
                  ["row", "change", "before", "now", "ratio", "noise", "why"].map((head) =>
                    h("th", {scope: "col"}, head),
                  ),
                ),
              ),
              h(
                "tbody",
                {},
                rows.map((row) =>
                  h(
                    "tr",
                    {},
                    h("th", {scope: "row"}, breakable(row.id)),
                    h("td", {}, row.level === "pass" ? row.change : `${row.change} (${row.level})`),
                    h("td", {}, row.old ? duration(row.old) : "·"),
                    h("td", {}, row.new ? duration(row.new) : "·"),
                    h("td", {}, row.ratio ? number(row.ratio) : "·"),
                    h("td", {}, row.noise ? `± ${number(row.noise * 100)} %` : "·"),
                    h("td", {}, row.says || ""),
                  ),
                ),
              ),
            ),
          )
        : null,
    ];
  });
}
