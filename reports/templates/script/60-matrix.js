// The matrix: operation by environment, the worst verdict in each cell; with switches, a filter, and the keyboard.

view("matrix", "Matrix", (data, part, query) => {
  const filter = filterBox(query, data);
  const switched = switches(query, data);
  const different = query.get("only") === "different";
  const cells = cellsOf(data, (at) => switched.keep(at) && filter.keep(at));
  const folded = new Set((query.get("fold") || "").split(",").filter(Boolean));
  const families = new Map();
  let rows = 0;
  data.operations.forEach((operation, number) => {
    const row = cells[number];
    if (!row.some(Boolean)) return;
    if (different && new Set(row.filter(Boolean).map((cell) => cell.worst)).size < 2) return;
    if (!families.has(operation.family)) families.set(operation.family, []);
    families.get(operation.family).push(number);
    rows += 1;
  });
  const all = [...families.keys()];
  const fold = (names) => change({fold: names.join(",")});
  const toggle = (family) =>
    fold(folded.has(family) ? [...folded].filter((name) => name !== family) : [...folded, family]);
  const body = [...families]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([family, numbers]) => {
      const closed = folded.has(family);
      const head = h(
        "tr",
        {class: "family"},
        h(
          "th",
          {scope: "rowgroup", colspan: data.columns.length + 1},
          h(
            "span",
            {class: "stick"},
            h(
              "button",
              {
                type: "button",
                class: "fold",
                "aria-expanded": String(!closed),
                "data-keep": `fold-${family}`,
                onclick: () => toggle(family),
              },
              `${family} (${numbers.length})`,
            ),
          ),
        ),
      );
      return h(
        "tbody",
        {},
        head,
        closed ? [] : numbers.map((number) => matrixRow(data, number, cells[number], filter.text, switched.wanted)),
      );
    });
  const grid = h("table", {class: "matrix", onkeydown: arrows}, columnHeads(data, "operation"), body);
  return [
    h(
      "div",
      {class: "controls"},
      filter.label,
      switched.elements,
      h(
        "div",
        {class: "switches"},
        h(
          "button",
          {
            type: "button",
            "aria-pressed": String(different),
            "data-keep": "different",
            onclick: () => change({only: different ? "" : "different"}),
          },
          "Only differences",
        ),
        h(
          "button",
          {type: "button", "data-keep": "fold-all", onclick: () => fold(folded.size ? [] : all)},
          folded.size ? "Unfold all" : "Fold all",
        ),
      ),
    ),
    filter.said,
    h(
      "p",
      {class: "status", role: "status"},
      `${counted(rows, "operation")} shown. `,
      filter.text ? link("checks", "", {q: filter.text, ...switched.wanted}, "The single checks of this filter") : "",
    ),
    rows
      ? framed("Operations by environment", grid, true)
      : h("p", {class: "empty"}, "No check fits. Loosen the filter or the switches."),
  ];
});

/** cells[operation][column]: {counts by verdict, worst, urgent, records}. */
function cellsOf(data, keep) {
  const cells = data.operations.map(() => new Array(data.columns.length).fill(null));
  const {verdict, expectation, record} = data.checks;
  const expected = data.words.expectation.indexOf("expected");
  const ranks = data.words.verdict.map(severity);
  for (let at = 0; at < data.count; at += 1) {
    if (!keep(at)) continue;
    const call = data.callOf(at);
    const cell = (cells[call.operation][call.column] ??= {
      counts: new Uint32Array(ranks.length),
      urgent: 0,
      records: new Set(),
      worstCode: -1,
      total: 0,
    });
    cell.counts[verdict[at]] += 1;
    cell.total += 1;
    if (expectation[at] !== expected) cell.urgent += 1;
    if (record[at]) cell.records.add(record[at]);
    if (cell.worstCode < 0 || ranks[verdict[at]] < ranks[cell.worstCode]) cell.worstCode = verdict[at];
  }
  for (const row of cells) for (const cell of row) if (cell) cell.worst = data.words.verdict[cell.worstCode];
  return cells;
}

function matrixRow(data, number, row, filter, wanted) {
  const name = data.operations[number].name;
  return h(
    "tr",
    {},
    h("th", {scope: "row"}, link("operation", name, {}, breakable(name))),
    row.map((cell, column) => matrixCell(data, name, cell, column, filter, wanted)),
  );
}

function matrixCell(data, operation, cell, column, filter, wanted) {
  if (!cell) return h("td", {class: "absent"}, h("span", {class: "hidden"}, "not asked"));
  const said = [...VERDICTS.keys()]
    .filter((name) => cell.counts[data.words.verdict.indexOf(name)])
    .map((name) => `${grouped(cell.counts[data.words.verdict.indexOf(name)])} ${name}`)
    .join(", ");
  const q = [
    `op:"${operation}"`,
    `column:${column + 1}`,
    cell.worst === "conforms" ? "" : `verdict:${cell.worst}`,
    filter ? `(${filter})` : "",
  ]
    .filter(Boolean)
    .join(" ");
  const records = [...cell.records].sort((a, b) => a - b);
  return h(
    "td",
    {class: `t-${slug(cell.worst)}`},
    h(
      "a",
      {
        class: "cell",
        href: address("checks", "", {q, ...wanted}),
        title: said,
        "aria-label": `${operation}, ${data.columns[column].name}: ${said}`,
      },
      mark(VERDICTS.get(cell.worst)?.symbol || ""),
      " ",
      grouped(cell.counts[cell.worstCode]),
    ),
    records.length
      ? h(
          "sup",
          {},
          records.slice(0, 4).map((record, at) => recordLink(data, record)),
          records.length > 4 ? "…" : "",
        )
      : null,
    cell.urgent ? h("b", {class: "urgent"}, " ●\u00a0", grouped(cell.urgent)) : null,
  );
}

const recordLink = (data, record) =>
  h(
    "a",
    {
      href: address("divergences", String(record)),
      title: data.records[record - 1].id,
      "aria-label": `record ${record}: ${data.records[record - 1].id}`,
    },
    String(record),
  );

/** Arrow keys walk over the links of a table, row by row and column by column. */
function arrows(event) {
  const step = {ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0]}[event.key];
  const cell = event.target.closest("td, th");
  if (!step || !cell) return;
  const rows = [...event.currentTarget.querySelectorAll("tbody tr")];
  let [row, column] = [rows.indexOf(cell.parentElement), cell.cellIndex];
  for (;;) {
    row += step[0];
    column += step[1];
    const next = rows[row]?.cells[Math.min(column, rows[row].cells.length - 1)];
    if (!next || column < 0) return;
    const target = next.querySelector("a, button");
    if (!target) continue;
    target.focus();
    event.preventDefault();
    return;
  }
}
