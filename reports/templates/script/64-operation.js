// One operation: its definition, the calls side by side, errors along the input, dtypes, what deviates, edge cases.

view(
  "operation",
  (name) => name,
  async (data, name, query) => {
    const operation = data.operationNumber(name);
    if (operation < 0)
      return [
        h("h1", {}, name),
        h(
          "p",
          {class: "empty"},
          "This report holds no such operation. ",
          link("matrix", "", {}, "The matrix"),
          " lists all.",
        ),
      ];
    const block = await data.block(operation);
    const about = data.operations[operation];
    const places = data.placesOf(operation);
    const calls = [...new Set(places.map((at) => data.checks.call[at]))].sort((a, b) =>
      data.inOrder(data.calls[a], data.calls[b]),
    );
    const only = query.has("only") ? query : new URLSearchParams([...query, ["only", "different"]]);
    return [
      h("p", {class: "status"}, link("matrix", "", {}, "Matrix"), ` › ${about.family} ›`),
      h("h1", {}, breakable(name)),
      definition(about),
      h(
        "p",
        {},
        link("checks", "", {q: `op:"${name}"`}, `All ${counted(places.length, "check")}`),
        " · ",
        link("porting", name, {}, "Move from one call to another"),
        " · ",
        link("accuracy", name, {}, "Accuracy"),
      ),
      h("h2", {}, "The calls, side by side"),
      callTable(data, operation, calls, places),
      curves(data, block, query),
      h("h2", {}, "Values and gradients by dtype"),
      h("p", {}, "The worst verdict, and the largest K among checks that conform (at most 16 does)."),
      ladder(data, calls, places),
      h("h2", {}, "What deviates"),
      deviations(data, operation),
      h("h2", {}, "Edge cases"),
      h("div", {class: "controls"}, edgeToggle(query)),
      await edgeTable(
        data,
        places.filter((at) => data.checks.choice[at] || data.variants.flags[data.checks.variant[at]].length),
        only,
        25,
      ),
    ];
  },
);

const edgeToggle = (query) =>
  h(
    "div",
    {class: "switches"},
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(query.get("only") !== ""),
        "data-keep": "different",
        onclick: () => toggleOnly(query),
      },
      "Only differences",
    ),
  );

function toggleOnly(query) {
  // "" must stand in the address here, as differences alone are what is shown without it.
  const {page, part} = whereabouts();
  const next = new URLSearchParams(query);
  if (query.get("only") === "") next.delete("only");
  else next.set("only", "");
  history.pushState(null, "", `${address(page, part)}${next.size ? "?" + next : ""}`);
  show({keepScroll: true});
}

function definition(about) {
  const proof = about.proof;
  const proven = proof
    ? `The oracle is proven within ${number(proof.value) || "0"} ULP for the value${proof.gradient === null ? "" : ` and ${number(proof.gradient)} for the gradient`}, on ${grouped(proof.elements)} numbers.`
    : "No proof of the oracle is stated for this operation.";
  const grade = about.grade
    ? `Demanded: grade ${about.grade} for the value, ${about.gradient_grade} for gradients.`
    : "";
  return h(
    "section",
    {class: "panel", "aria-label": "Definition"},
    about.formula
      ? h("div", {class: "formula"}, formula(about.formula))
      : h("p", {class: "quiet"}, "This run file holds no formula: it was made by an older suite."),
    about.gradients?.length
      ? h(
          "details",
          {},
          h("summary", {}, about.gradients.length === 1 ? "Gradient" : "Gradients"),
          about.gradients.map(([of, latex]) =>
            h("div", {class: "formula"}, h("span", {class: "quiet"}, `by ${of}: `), formula(latex)),
          ),
        )
      : null,
    about.symbols?.length
      ? facts(
          about.symbols.map(([latex, name, text]) => [
            formula(latex),
            [name ? h("b", {}, name) : null, name && text && text !== name ? ": " : "", text === name ? "" : text],
          ]),
          "facts symbols",
        )
      : null,
    about.about ? h("p", {}, about.about) : null,
    h("p", {class: "quiet"}, [grade, proven].filter(Boolean).join(" ")),
    about.references?.length
      ? h(
          "p",
          {class: "quiet"},
          "Sources: ",
          about.references.map((each, at) => [at ? "; " : "", linked(each)]),
        )
      : null,
  );
}

function contractText(call) {
  const contract = call.contract || {};
  const said = Object.entries(contract).map(
    ([dtype, values]) =>
      `${dtype ? `${dtype}: ` : ""}${Object.entries(values)
        .map(([name, value]) => `${name} = ${valueText(value)}`)
        .join(", ")}`,
  );
  return said.length
    ? [h("span", {class: "mono"}, said.join("; ")), call.documented ? h("small", {}, call.documented) : null]
    : "the mathematics";
}

function valueText(value) {
  if (value === null) return "none";
  if (Array.isArray(value)) return `(${value.map(valueText).join(", ")})`;
  return typeof value === "number" ? String(Number(value.toPrecision(12))) : String(value);
}

/** Our name of an input or parameter, and the name of the call's own argument where it is another. */
function argumentText(call, name) {
  const theirs = call.arguments?.[name];
  return theirs === undefined || theirs === name
    ? name
    : typeof theirs === "number"
      ? `${name} (argument ${theirs + 1})`
      : `${theirs} (${name})`;
}

function callTable(data, operation, calls, places) {
  const tally = new Map(calls.map((call) => [call, {conforms: 0, total: 0}]));
  for (const at of places) {
    const each = tally.get(data.checks.call[at]);
    each.total += 1;
    if (data.verdict(at) === "conforms") each.conforms += 1;
  }
  // Versions of a call that say the same of it share a row.
  const alike = new Map();
  for (const number_ of calls) {
    const {column, ...said} = data.calls[number_];
    const key = JSON.stringify([data.columns[column].adapter, said]);
    alike.set(key, [...(alike.get(key) || []), number_]);
  }
  const version = (number_) => {
    const column = data.columns[data.calls[number_].column];
    return column.name.slice(column.adapter.length).trim();
  };
  const conforming = (number_) =>
    link(
      "checks",
      "",
      {
        q: `op:"${data.operations[operation].name}" column:${data.calls[number_].column + 1} call:"${data.calls[number_].call}"`,
      },
      `${grouped(tally.get(number_).conforms)} of ${grouped(tally.get(number_).total)}`,
    );
  const rows = [...alike.values()].map((numbers) => {
    const call = data.calls[numbers[0]];
    const keywords = Object.entries(call.keywords || {});
    return [
      [
        h("span", {class: "mono"}, breakable(call.call)),
        // One public call may be made in several ways, which have names of their own.
        call.call.endsWith(call.name) ? null : h("small", {class: "mono"}, breakable(call.name)),
        h("small", {}, `${data.columns[call.column].adapter} ${numbers.map(version).join(" and ")}`),
      ],
      h(
        "span",
        {class: "mono"},
        call.signature
          ? String(call.signature).replace("(", "(\u200b")
          : (call.inputs || []).map((name) => argumentText(call, name)).join(", "),
      ),
      h(
        "span",
        {class: "mono"},
        keywords.length
          ? keywords.map(([name, value]) => `${argumentText(call, name)} = ${valueText(value)}`).join(", ")
          : "none",
      ),
      contractText(call),
      numbers.map((number_) =>
        h(
          "div",
          {},
          conforming(number_),
          numbers.length > 1 ? h("span", {class: "quiet"}, ` in ${version(number_)}`) : null,
        ),
      ),
    ];
  });
  return framed(
    "Calls",
    table(
      "calls",
      [
        "call",
        "arguments",
        "parameters that are judged, as we name them",
        "documented contract",
        "checks that conform",
      ],
      rows,
    ),
  );
}

/** The groups of an operation: one line for each cause. */
function deviations(data, operation) {
  const groups = data.groups
    .map((group, at) => ({...group, number: at + 1}))
    .filter((group) => group.operation === operation && !["unsupported", "unjudged"].includes(group.verdict));
  if (!groups.length) return h("p", {class: "calm"}, mark("✓"), " Every check that could be asked conforms.");
  const columns = new Map(groups.map((group) => [group.number, new Set()]));
  const counts = new Map();
  for (const at of data.placesOf(operation)) {
    const group = data.checks.group[at];
    counts.set(group, (counts.get(group) || 0) + 1);
    columns.get(group)?.add(data.callOf(at).column);
  }
  // Calls that do the same for the same reason are read once.
  const alike = new Map();
  for (const group of groups) {
    const key = [group.verdict, group.expectation, group.record, group.headline].join("|");
    alike.set(key, [...(alike.get(key) || []), group]);
  }
  const places = (same) => [...new Set(same.flatMap(({number}) => [...columns.get(number)]))].sort((a, b) => a - b);
  const total = (same) => same.reduce((sum, {number}) => sum + (counts.get(number) || 0), 0);
  return h(
    "ol",
    {class: "causes"},
    [...alike.values()]
      .map((same) => [same, same[0]])
      .map(([same, group]) =>
        h(
          "li",
          {class: "cause"},
          h("div", {class: "marks"}, verdictMark(group.verdict), expectationMark(group.expectation)),
          h(
            "div",
            {class: "what"},
            h(
              "p",
              {class: "title"},
              h("b", {}, [...new Set(same.map(({call}) => call))].join(", ")),
              " ",
              places(same).map((column) => [h("span", {class: "chip"}, data.columns[column].name), " "]),
            ),
            h("p", {class: "headline"}, checkLink(data, group.first, group.headline)),
            group.record
              ? h(
                  "p",
                  {class: "quiet"},
                  "record ",
                  recordLink(data, group.record),
                  ": ",
                  linked(data.records[group.record - 1].why),
                )
              : null,
            h(
              "p",
              {class: "quiet"},
              link(
                "checks",
                "",
                {q: same.map(({number}) => `group:${number}`).join(" or ")},
                `all ${counted(total(same), "check")}`,
              ),
            ),
          ),
        ),
      ),
  );
}
