// Edge cases, as caniuse shows features: the literal outcome of every environment in each cell.

const ROWS_AT_ONCE = 60;

view(
  "edges",
  (flag) => (flag ? `Edge cases: ${flag}` : "Edge cases"),
  async (data, flag, query) => {
    if (flag) return edgesOf(data, flag, query);
    const filter = filterBox(query, data);
    const switched = switches(query, data);
    const cells = data._flags.map(() => new Array(data.columns.length).fill(null));
    const cases = data._flags.map(() => new Set());
    for (let at = 0; at < data.count; at += 1) {
      if (!switched.keep(at) || !filter.keep(at)) continue;
      for (const flagged of data.variants.flags[data.checks.variant[at]]) {
        cases[flagged].add(data.variants.case[data.checks.variant[at]]);
        const column = data.callOf(at).column;
        const rank = severity(data.verdict(at));
        const cell = (cells[flagged][column] ??= {rank: 99, count: 0, urgent: 0});
        if (rank < cell.rank) Object.assign(cell, {rank, worst: data.verdict(at), count: 0});
        if (rank === cell.rank) cell.count += 1;
        if (data.urgent(at)) cell.urgent += 1;
      }
    }
    const rows = data._flags
      .map((each, number) => ({each, number}))
      .filter(({number}) => cases[number].size)
      .sort((a, b) => (a.each.name < b.each.name ? -1 : 1));
    const grid = h(
      "table",
      {class: "matrix edges", onkeydown: arrows},
      columnHeads(data, "why a case exists"),
      h(
        "tbody",
        {},
        rows.map(({each, number}) =>
          h(
            "tr",
            {},
            h(
              "th",
              {scope: "row"},
              link("edges", each.name, Object.fromEntries(query), each.name),
              " ",
              h("span", {class: "quiet"}, counted(cases[number].size, "case")),
              each.why ? h("small", {}, each.why) : null,
            ),
            cells[number].map((cell) =>
              cell
                ? h(
                    "td",
                    {class: `t-${slug(cell.worst)}`},
                    h(
                      "span",
                      {title: cell.worst},
                      mark(VERDICTS.get(cell.worst)?.symbol || ""),
                      ` ${grouped(cell.count)} `,
                      h("span", {class: "hidden"}, cell.worst),
                    ),
                    cell.urgent ? h("b", {class: "urgent"}, ` ●\u00a0${grouped(cell.urgent)}`) : null,
                  )
                : h("td", {class: "absent"}, h("span", {class: "hidden"}, "not asked")),
            ),
          ),
        ),
      ),
    );
    return [
      h("h1", {}, "Edge cases"),
      h(
        "p",
        {},
        "Every case says why it exists: saturated logits, an empty batch, a label out of range. Each reason is a row, with the worst verdict of its cases; it leads to the literal outcome of every call. ",
        data.checks.marks.some((mark_) => mark_ & PUBLISHED)
          ? link("published", "", {}, "Numbers that documents print")
          : "",
        data.checks.marks.some((mark_) => mark_ & PUBLISHED) ? " stand on a page of their own." : "",
      ),
      legend(data),
      h("div", {class: "controls"}, filter.label, switched.elements),
      filter.said,
      rows.length
        ? framed("Edge cases", grid, true)
        : h(
            "p",
            {class: "empty"},
            data._flags.length
              ? "No case fits. Loosen the filter or the switches."
              : "No case of this run carries a flag.",
          ),
    ];
  },
);

async function edgesOf(data, name, query) {
  const number = data._flags.findIndex((flag) => flag.name === name);
  if (number < 0)
    return [
      h("h1", {}, name),
      h("p", {class: "empty"}, "No case of this run carries this flag. ", link("edges", "", {}, "All flags")),
    ];
  const flag = data._flags[number];
  const filter = filterBox(query, data);
  const switched = switches(query, data);
  const places = [];
  for (let at = 0; at < data.count; at += 1) {
    if (data.variants.flags[data.checks.variant[at]].includes(number) && switched.keep(at) && filter.keep(at))
      places.push(at);
  }
  return [
    h("p", {class: "status"}, link("edges", "", {}, "Edge cases"), " ›"),
    h("h1", {}, name),
    flag.why ? h("p", {class: "lead"}, flag.why) : null,
    flag.effect ? h("p", {}, h("b", {}, "The harm: "), flag.effect) : null,
    flag.references?.length
      ? h(
          "p",
          {class: "quiet"},
          "References: ",
          flag.references.map((each, at) => [at ? ", " : "", linked(each)]),
        )
      : null,
    h("div", {class: "controls"}, filter.label, switched.elements, differencesButton(query)),
    filter.said,
    await edgeTable(data, places, query),
  ];
}

const differencesButton = (query) =>
  h(
    "div",
    {class: "switches"},
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(query.get("only") === "different"),
        "data-keep": "different",
        onclick: () => change({only: query.get("only") ? "" : "different", rows: ""}),
      },
      "Only differences",
    ),
  );

/** Rows of variants and orders by column, with what each gave; those that deviate or differ first. */
async function edgeTable(data, places, query, most = ROWS_AT_ONCE) {
  const rows = new Map();
  for (const at of places) {
    const key = data.checks.variant[at] * 64 + data.checks.order[at];
    if (!rows.has(key)) rows.set(key, []);
    rows.get(key).push(at);
  }
  const operations = new Set(places.map((at) => data.operationOf(at)));
  await Promise.all([...operations].map((operation) => data.block(operation)));
  const blocks = new Map(
    await Promise.all([...operations].map(async (operation) => [operation, await data.block(operation)])),
  );
  let edges = [...rows.values()].map((members) => edgeOf(data, members, blocks.get(data.operationOf(members[0]))));
  if (query.get("only") === "different") edges = edges.filter((edge) => !edge.agrees);
  edges.sort((a, b) => a.agrees - b.agrees || a.worst - b.worst || a.members[0] - b.members[0]);
  const limit = Number(query.get("rows")) || most;
  const columns = data.columns.map((column, at) => at).filter((at) => edges.some((edge) => edge.cells.has(at)));
  if (!edges.length) return h("p", {class: "empty"}, "No edge case fits.");
  const grid = h(
    "table",
    {class: "matrix edges"},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", {scope: "col"}, "case"),
        h("th", {scope: "col"}, "right"),
        columns.map((at) =>
          h(
            "th",
            {scope: "col"},
            data.columns[at].adapter,
            " ",
            h("span", {class: "quiet"}, data.columns[at].name.slice(data.columns[at].adapter.length)),
          ),
        ),
      ),
    ),
    h(
      "tbody",
      {},
      edges.slice(0, limit).map((edge) => edgeRow(data, edge, columns)),
    ),
  );
  return [
    h(
      "p",
      {class: "status", role: "status"},
      `${counted(edges.length, "row")}, ${grouped(edges.filter((edge) => !edge.agrees).length)} with differences. Shown is the plainest dtype and mode; others that stand otherwise are said below it.`,
    ),
    framed("Outcomes", grid, true),
    edges.length > limit
      ? h(
          "p",
          {},
          h(
            "button",
            {type: "button", "data-keep": "more", onclick: () => change({rows: limit + 200}, true)},
            `Show ${grouped(Math.min(200, edges.length - limit))} more of ${grouped(edges.length)}`,
          ),
        )
      : null,
  ];
}

const PLAIN_DTYPES = ["float32", "float64", "float16", "bfloat16"];

function edgeOf(data, members, block) {
  const dtypes = [...new Set(members.map((at) => data.word("dtype", at)))];
  const dtype = PLAIN_DTYPES.find((each) => dtypes.includes(each)) || dtypes[0];
  const cells = new Map();
  for (const at of members) {
    const column = data.callOf(at).column;
    if (!cells.has(column)) cells.set(column, new Map());
    const calls = cells.get(column);
    const name = data.callOf(at).name;
    if (!calls.has(name)) calls.set(name, []);
    calls.get(name).push(at);
  }
  let worst = 99,
    agrees = true;
  const texts = new Set();
  for (const [column, calls] of cells) {
    const outcomes = new Map();
    for (const [name, each] of calls) {
      const main = each.find((at) => data.word("dtype", at) === dtype && data.word("mode", at) === "eager") ?? each[0];
      const outcome = outcomeOf(data, block, main);
      outcome.varies = variesFrom(data, block, each, main, outcome);
      const key = JSON.stringify([outcome.text, outcome.verdict, outcome.expectation, outcome.varies]);
      if (!outcomes.has(key)) outcomes.set(key, {...outcome, names: [], at: main});
      outcomes.get(key).names.push(name);
    }
    let list = [...outcomes.values()];
    if (list.some((outcome) => outcome.verdict !== "unsupported"))
      list = list.filter((outcome) => outcome.verdict !== "unsupported");
    cells.set(column, list);
    for (const outcome of list) {
      worst = Math.min(worst, severity(outcome.verdict));
      if (
        !["conforms", "unsupported"].includes(outcome.verdict) ||
        outcome.expectation !== "expected" ||
        outcome.varies.length
      )
        agrees = false;
      if (outcome.choice) texts.add(outcome.choice);
    }
  }
  if (texts.size > 1) agrees = false;
  const first =
    members.find((at) => data.word("dtype", at) === dtype && outcomeOf(data, block, at).right) ?? members[0];
  return {members, first, dtype, cells, worst, agrees, right: outcomeOf(data, block, first).right};
}

function outcomeOf(data, block, at) {
  const here = at - data.begins[data.operationOf(at)];
  const verdict = data.verdict(at);
  const right = block.texts[block.right[here]];
  const said = block.texts[block.outcome[here]] || (verdict === "conforms" ? right : "") || verdict;
  return {
    verdict,
    expectation: data.word("expectation", at),
    right,
    choice: data.word("choice", at),
    text: verdict === "documented" ? `${said} (documented)` : said,
  };
}

/** Dtypes and modes that stand otherwise than the check that is shown. */
function variesFrom(data, block, members, main, shown_) {
  const others = new Map();
  for (const at of members) {
    if (at === main || data.verdict(at) === "unsupported") continue;
    const outcome = outcomeOf(data, block, at);
    if (
      outcome.verdict === shown_.verdict &&
      outcome.expectation === shown_.expectation &&
      outcome.choice === shown_.choice
    )
      continue;
    const text = `${outcome.text === shown_.text ? outcome.verdict : outcome.text}${outcome.expectation === "expected" ? "" : `, ${outcome.expectation}`}`;
    const where =
      data.word("mode", at) === data.word("mode", main)
        ? data.word("dtype", at)
        : `${data.word("dtype", at)} ${data.word("mode", at)}`;
    if (!others.has(text)) others.set(text, []);
    others.get(text).push(where);
  }
  return [...others].map(
    ([text, where]) =>
      `${where.slice(0, 3).join(", ")}${where.length > 3 ? ` and ${where.length - 3} more` : ""}: ${text}`,
  );
}

function edgeRow(data, edge, columns) {
  return h(
    "tr",
    {},
    h(
      "th",
      {scope: "row"},
      link(
        "case",
        data.variant(edge.first),
        {order: data.word("order", edge.first), dtype: edge.dtype},
        breakable(data.variant(edge.first)),
      ),
      " ",
      h("b", {}, data.word("order", edge.first)),
      " ",
      h("span", {class: "quiet"}, edge.dtype),
      h("small", {}, data.says(edge.first)),
    ),
    h("td", {class: "value"}, edge.right || (data.word("choice", edge.first) ? "no right value" : "")),
    columns.map((column) => {
      const list = edge.cells.get(column);
      if (!list) return h("td", {class: "absent"}, h("span", {class: "hidden"}, "not asked"));
      return h(
        "td",
        {},
        list.map((outcome) =>
          h(
            "div",
            {class: "outcome"},
            verdictMark(outcome.verdict, outcome.text),
            expectationMark(outcome.expectation),
            list.length > 1
              ? h(
                  "small",
                  {},
                  outcome.names.slice(0, 2).join(", "),
                  outcome.names.length > 2 ? ` and ${outcome.names.length - 2} more` : "",
                )
              : null,
            outcome.varies.length ? h("small", {}, outcome.varies.slice(0, 2).join("; ")) : null,
          ),
        ),
      );
    }),
  );
}
