// Several runs in a row: what each operation and call gave over them. Colours are those of verdicts; figures are K.

view("history", "History", (data, part, query) => {
  const runs = data.runs.map((run, at) => at + 1);
  if (runs.length < 2)
    return [
      h("h1", {}, "History"),
      h("p", {class: "empty"}, "A history needs two run files or more: conformance report old.jsonl new.jsonl …"),
    ];
  const words = (query.get("find") || "").toLowerCase();
  const only = query.get("only") !== "all";
  const successors = new Map(data.changes.flatMap((change_) => Object.entries(change_.mapping)).reverse());
  const line = (adapter) => {
    let name = adapter;
    for (let step = 0; successors.has(name) && successors.get(name) !== name && step < 9; step += 1)
      name = successors.get(name);
    return name;
  };
  const rows = new Map();
  for (let at = 0; at < data.count; at += 1) {
    const call = data.callOf(at);
    const adapter = line(data.columns[call.column].adapter);
    const key = `${adapter}|${call.operation}|${call.name}`;
    const row = rows.get(key) || {adapter, operation: call.operation, name: call.name, cells: new Map()};
    const cell = row.cells.get(data.checks.run[at]) || {counts: new Map(), k: 0, column: call.column};
    const verdict = data.verdict(at);
    cell.counts.set(verdict, (cell.counts.get(verdict) || 0) + 1);
    if (verdict === "conforms" && data.kNumbers[at] > cell.k) cell.k = data.kNumbers[at];
    row.cells.set(data.checks.run[at], cell);
    rows.set(key, row);
  }
  const said = (cell) =>
    cell
      ? [...cell.counts]
          .sort()
          .map(([verdict, count]) => `${verdict} ${count}`)
          .join(", ")
      : "";
  const changed = (row) => new Set(runs.map((run) => said(row.cells.get(run))).filter(Boolean)).size > 1;
  const list = [...rows.values()]
    .filter(
      (row) =>
        (!only || changed(row)) &&
        (!words || `${data.operations[row.operation].name} ${row.name} ${row.adapter}`.toLowerCase().includes(words)),
    )
    .sort((a, b) => a.operation - b.operation || (a.name < b.name ? -1 : 1));
  const limit = Number(query.get("rows")) || 150;
  return [
    h("h1", {}, "History"),
    h(
      "p",
      {},
      "What each call gave in each run, in the order in which the runs were given: the worst verdict, how many checks have it, and the largest K among those that conform.",
    ),
    legend(data),
    h(
      "div",
      {class: "controls"},
      h(
        "div",
        {class: "switches"},
        h(
          "button",
          {
            type: "button",
            "aria-pressed": String(only),
            "data-keep": "only",
            onclick: () => change({only: only ? "all" : ""}),
          },
          "Only what changed",
        ),
      ),
      findBox(query, "an operation or a call"),
    ),
    h("p", {class: "status", role: "status"}, `${counted(list.length, "call")} of ${grouped(rows.size)}`),
    totals(data, runs),
    list.length
      ? framed(
          "History",
          h(
            "table",
            {class: "matrix"},
            h(
              "thead",
              {},
              h(
                "tr",
                {},
                h("th", {scope: "col"}, "operation and call"),
                runs.map((run) =>
                  h(
                    "th",
                    {scope: "col"},
                    `run ${run}`,
                    h("span", {class: "quiet"}, data.runs[run - 1].started.slice(0, 10)),
                  ),
                ),
              ),
            ),
            h(
              "tbody",
              {},
              list.slice(0, limit).map((row) =>
                h(
                  "tr",
                  {},
                  h(
                    "th",
                    {scope: "row"},
                    link(
                      "operation",
                      data.operations[row.operation].name,
                      {},
                      breakable(data.operations[row.operation].name),
                    ),
                    h("small", {}, breakable(`${row.adapter}/${row.name}`)),
                  ),
                  runs.map((run) => historyCell(data, row.cells.get(run))),
                ),
              ),
            ),
          ),
          true,
        )
      : h("p", {class: "empty"}, "No call fits."),
    list.length > limit
      ? h(
          "p",
          {},
          h(
            "button",
            {type: "button", "data-keep": "more", onclick: () => change({rows: limit + 300}, true)},
            `Show more of ${grouped(list.length)}`,
          ),
        )
      : null,
  ];
});

function historyCell(data, cell) {
  if (!cell) return h("td", {class: "absent"}, h("span", {class: "hidden"}, "not asked"));
  const worst = [...cell.counts.keys()].sort((a, b) => severity(a) - severity(b))[0];
  return h(
    "td",
    {class: `t-${slug(worst)}`},
    mark(VERDICTS.get(worst)?.symbol || ""),
    ` ${grouped(cell.counts.get(worst))}`,
    h("span", {class: "hidden"}, ` ${worst}`),
    h(
      "small",
      {},
      `${data.columns[cell.column].name.replace(/, run \d+$/, "")}${cell.k ? `, K ${number(cell.k)}` : ""}`,
    ),
  );
}

/** How many checks of each verdict there are in each run, as lines. */
function totals(data, runs) {
  if (runs.length < 3) return null;
  const verdicts = data.words.verdict.filter((verdict) => verdict !== "unsupported");
  const counts = verdicts.map(() => new Array(runs.length).fill(0));
  for (let at = 0; at < data.count; at += 1) {
    const line = verdicts.indexOf(data.verdict(at));
    if (line >= 0) counts[line][data.checks.run[at] - 1] += 1;
  }
  return plot(
    "Checks of each verdict by run",
    {xLabel: "run", yLabel: "checks (log)", height: 260, y: {range: (_, low, high) => [0.9, Math.max(10, high * 1.5)]}},
    verdicts.map((verdict) => ({label: verdict, points: true})),
    [runs, ...counts.map((line) => line.map((count) => count || null))],
  );
}
