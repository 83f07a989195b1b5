// One operation: its definition, the calls side by side, errors along the input, dtypes, what deviates, edge cases.

view("operation", (name) => name, async (data, name, query) => {
  const operation = data.operationNumber(name);
  if (operation < 0) return [h("h1", {}, name), h("p", {class: "empty"}, "This report holds no such operation. ", link("matrix", "", {}, "The matrix"), " lists all.")];
  const block = await data.block(operation);
  const about = data.operations[operation];
  const places = data.placesOf(operation);
  const calls = [...new Set(places.map((at) => data.checks.call[at]))].sort((a, b) => data.calls[a].column - data.calls[b].column || (data.calls[a].name < data.calls[b].name ? -1 : 1));
  const only = query.has("only") ? query : new URLSearchParams([...query, ["only", "different"]]);
  return [
    h("p", {class: "status"}, link("matrix", "", {}, "Matrix"), ` › ${about.family} ›`),
    h("h1", {}, name),
    definition(about),
    h("p", {}, link("checks", "", {q: `op:"${name}"`}, `All ${counted(places.length, "check")}`), " · ", link("porting", name, {}, "Move from one call to another"), " · ", link("accuracy", name, {}, "Accuracy")),
    h("h2", {}, "The calls, side by side"), callTable(data, operation, calls, places),
    curves(data, block, query),
    h("h2", {}, "Values and gradients by dtype"),
    h("p", {}, "The worst verdict, and the largest K among checks that conform (at most 16 does)."),
    ladder(data, calls, places),
    h("h2", {}, "What deviates"), deviations(data, operation),
    h("h2", {}, "Edge cases"), h("div", {class: "controls"}, edgeToggle(query)),
    await edgeTable(data, places.filter((at) => data.checks.choice[at] || data.variants.flags[data.checks.variant[at]].length), only, 25),
  ];
});

const edgeToggle = (query) => h("div", {class: "switches"}, h("button", {type: "button", "aria-pressed": String(query.get("only") !== ""), "data-keep": "different", onclick: () => toggleOnly(query)}, "Only differences"));

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
  const proven = proof ? `The oracle is proven within ${number(proof.value) || "0"} ULP for the value${proof.gradient === null ? "" : ` and ${number(proof.gradient)} for the gradient`}, on ${grouped(proof.elements)} numbers.` : "No proof of the oracle is stated for this operation.";
  const grade = about.grade ? `Demanded: grade ${about.grade} for the value, ${about.gradient_grade} for gradients.` : "";
  return h("section", {class: "panel", "aria-label": "Definition"},
    about.formula ? h("div", {class: "formula"}, formula(about.formula)) : h("p", {class: "quiet"}, "This run file holds no formula: it was made by an older suite."),
    about.gradients?.length ? h("details", {}, h("summary", {}, about.gradients.length === 1 ? "Gradient" : "Gradients"), about.gradients.map(([of, latex]) => h("div", {class: "formula"}, h("span", {class: "quiet"}, `by ${of}: `), formula(latex)))) : null,
    about.symbols?.length ? facts(about.symbols.map(([latex, name, text]) => [formula(latex), [name ? h("b", {}, name) : null, name && text && text !== name ? ": " : "", text === name ? "" : text]]), "facts symbols") : null,
    about.about ? h("p", {}, about.about) : null,
    h("p", {class: "quiet"}, [grade, proven].filter(Boolean).join(" ")),
    about.references?.length ? h("p", {class: "quiet"}, "Sources: ", about.references.map((each, at) => [at ? "; " : "", linked(each)])) : null);
}

function contractText(call) {
  const contract = call.contract || {};
  const said = Object.entries(contract).map(([dtype, values]) => `${dtype ? `${dtype}: ` : ""}${Object.entries(values).map(([name, value]) => `${name} = ${valueText(value)}`).join(", ")}`);
  return said.length ? [h("span", {class: "mono"}, said.join("; ")), call.documented ? h("small", {}, call.documented) : null] : "the mathematics";
}

function valueText(value) {
  if (value === null) return "none";
  if (Array.isArray(value)) return `(${value.map(valueText).join(", ")})`;
  return typeof value === "number" ? String(Number(value.toPrecision(12))) : String(value);
}

/** Our name of an input or parameter, and the name of the call's own argument where it is another. */
function argumentText(call, name) {
  const theirs = call.arguments?.[name];
  return theirs === undefined || theirs === name ? name : typeof theirs === "number" ? `${name} (argument ${theirs + 1})` : `${theirs} (${name})`;
}

function callTable(data, operation, calls, places) {
  const tally = new Map(calls.map((call) => [call, {conforms: 0, total: 0}]));
  for (const at of places) {
    const each = tally.get(data.checks.call[at]);
    each.total += 1;
    if (data.verdict(at) === "conforms") each.conforms += 1;
  }
  const rows = calls.map((number_) => {
    const call = data.calls[number_];
    const keywords = Object.entries(call.keywords || {});
    return [
      [h("span", {class: "mono"}, breakable(call.call)), h("small", {}, data.columns[call.column].name)],
      h("span", {class: "mono"}, call.signature ? String(call.signature) : (call.inputs || []).map((name) => argumentText(call, name)).join(", ")),
      h("span", {class: "mono"}, keywords.length ? keywords.map(([name, value]) => `${argumentText(call, name)} = ${valueText(value)}`).join(", ") : "none"),
      contractText(call),
      {class: "n", content: link("checks", "", {q: `op:"${data.operations[operation].name}" column:${call.column + 1} call:"${call.call}"`}, `${grouped(tally.get(number_).conforms)} of ${grouped(tally.get(number_).total)}`)},
    ];
  });
  return framed("Calls", table("calls", ["call", "arguments", "parameters that are judged, as we name them", "documented contract", "conform"], rows));
}

/** Largest K over an input, one line for each implementation. */
function curves(data, block, query) {
  const all = block.curves || [];
  const title = h("h2", {}, "Error along the input");
  if (!all.length) return [title, h("p", {class: "quiet"}, "No curve: either no case of this operation runs along a grid, or the run file was made by an older suite.")];
  const kinds = [...new Map(all.map((curve) => [`${curve.case}|${curve.dtype}|${curve.order}|${curve.output}|${curve.input}`, curve])).entries()];
  const plain = kinds.find(([, curve]) => curve.dtype === "float32" && curve.order === "value") || kinds[0];
  const [key, first] = kinds.find(([each]) => each === query.get("curve")) || plain;
  const unit = query.get("unit") === "ulp" ? "ulp" : "k";
  const chosen = all.filter((curve) => `${curve.case}|${curve.dtype}|${curve.order}|${curve.output}|${curve.input}` === key);
  const xs = [...new Set(chosen.flatMap((curve) => curve.x.map(numeric)))].filter(Number.isFinite).sort((a, b) => a - b);
  const floor = 0.01;
  // What is nan or infinite is drawn above all numbers.
  const largest_ = Math.max(16, ...chosen.flatMap((curve) => curve[unit].map(numeric).filter(Number.isFinite)));
  const top = chosen.some((curve) => curve[unit].some((value) => !Number.isFinite(numeric(value)))) ? largest_ * 100 : largest_;
  const columns = [xs, ...chosen.map((curve) => {
    const known = new Map(curve.x.map((x, at) => [numeric(x), numeric(curve[unit][at])]));
    return xs.map((x) => (known.has(x) ? (Number.isFinite(known.get(x)) ? Math.max(known.get(x), floor) : top) : null));
  })];
  const beyond = chosen.filter((curve) => curve[unit].some((value) => value === "inf"));
  const label = `${unit === "k" ? "K" : "ULP error"} of ${chosen.length} calls along ${first.input}, ${first.dtype}, ${first.order}`;
  return [title,
    h("div", {class: "controls"},
      choice("case, dtype, order", kinds.map(([each, curve]) => [each, `${curve.case}, ${curve.dtype}, ${curve.order}${curve.output !== "value" && curve.output !== curve.input ? ` by ${curve.output}` : ""}, along ${curve.input}`]), key, (curve) => change({curve})),
      choice("unit", [["k", "K"], ["ulp", "ULP"]], unit, (chosen_) => change({unit: chosen_}))),
    plot(label, {xLabel: first.input, yLabel: unit === "k" ? "K (log)" : "ULP (log)", y: {range: (_, low, high) => [floor, top * 3]}, line: unit === "k" ? [16, "K = 16: beyond it a result does not conform"] : null},
      chosen.map((curve) => ({label: curve.call + (data.runs.length > 1 ? ` (run ${curve.run})` : "")})), columns),
    beyond.length ? h("p", {class: "quiet"}, `Drawn at the top: nan or inf where a number is right, of ${[...new Set(beyond.map((curve) => curve.call))].join(", ")}. Errors below ${floor} are drawn at the bottom.`) : h("p", {class: "quiet"}, `Each point is the worst element of a stretch of the input. Errors below ${floor} are drawn at the bottom.`),
    h("details", {}, h("summary", {}, "The worst of each as a table"), framed("Worst points", table("figures", ["call", "worst", `at ${first.input}`], chosen.map((curve) => {
      const values = curve[unit].map(numeric);
      const at = values.reduce((best, value, place) => (Number.isNaN(value) || value > values[best] ? place : best), 0);
      return [curve.call, number(curve[unit][at]), number(curve.x[at])];
    }))))];
}

/** Calls by dtype and order: the worst verdict, and K. */
function ladder(data, calls, places) {
  const heads = [];
  for (const order of data.words.order) for (const dtype of data.words.dtype) {
    if (places.some((at) => data.word("order", at) === order && data.word("dtype", at) === dtype)) heads.push([order, dtype]);
  }
  const rank = (list, word) => (list.indexOf(word) < 0 ? 99 : list.indexOf(word));
  heads.sort((a, b) => rank(["value", "gradient", "jvp", "hvp", "hvp-reverse"], a[0]) - rank(["value", "gradient", "jvp", "hvp", "hvp-reverse"], b[0]) || rank(["float64", "float32", "float16", "bfloat16"], a[1]) - rank(["float64", "float32", "float16", "bfloat16"], b[1]));
  const cells = new Map();
  for (const at of places) {
    const key = `${data.checks.call[at]}|${data.word("order", at)}|${data.word("dtype", at)}`;
    const cell = cells.get(key) || {rank: 99, count: 0, k: null};
    const own = severity(data.verdict(at));
    if (own < cell.rank) Object.assign(cell, {rank: own, worst: data.verdict(at), count: 0});
    if (own === cell.rank) cell.count += 1;
    if (data.verdict(at) === "conforms" && !Number.isNaN(data.kNumbers[at])) cell.k = Math.max(cell.k ?? 0, data.kNumbers[at]);
    cells.set(key, cell);
  }
  return framed("By dtype", h("table", {class: "matrix"},
    h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "call"), heads.map(([order, dtype]) => h("th", {scope: "col"}, order, h("span", {class: "quiet"}, dtype))))),
    h("tbody", {}, calls.map((call) => h("tr", {}, h("th", {scope: "row"}, breakable(data.calls[call].name), h("small", {}, data.columns[data.calls[call].column].name)), heads.map(([order, dtype]) => {
      const cell = cells.get(`${call}|${order}|${dtype}`);
      if (!cell) return h("td", {class: "absent"}, h("span", {class: "hidden"}, "not asked"));
      return h("td", {class: `t-${slug(cell.worst)}`}, h("span", {title: cell.worst}, mark(VERDICTS.get(cell.worst)?.symbol || ""), ` ${grouped(cell.count)}`, h("span", {class: "hidden"}, ` ${cell.worst}`)), cell.k === null ? null : h("small", {}, `K ${number(cell.k)}`));
    }))))));
}

/** The groups of an operation: one line for each cause. */
function deviations(data, operation) {
  const groups = data.groups.map((group, at) => ({...group, number: at + 1})).filter((group) => group.operation === operation && !["unsupported", "unjudged"].includes(group.verdict));
  if (!groups.length) return h("p", {class: "calm"}, mark("✓"), " Every check that could be asked conforms.");
  const counts = new Map();
  for (const at of data.placesOf(operation)) counts.set(data.checks.group[at], (counts.get(data.checks.group[at]) || 0) + 1);
  return h("ol", {class: "causes"}, groups.map((group) => h("li", {class: "cause"},
    h("div", {class: "marks"}, verdictMark(group.verdict), expectationMark(group.expectation)),
    h("div", {class: "what"},
      h("p", {class: "title"}, h("b", {}, group.call), " ", h("span", {class: "chip"}, data.columnOf(group.first).name)),
      h("p", {class: "headline"}, checkLink(data, group.first, group.headline)),
      group.record ? h("p", {class: "quiet"}, "record ", recordLink(data, group.record), ": ", linked(data.records[group.record - 1].why)) : null,
      h("p", {class: "quiet"}, link("checks", "", {q: `group:${group.number}`}, `all ${counted(counts.get(group.number) || 0, "check")}`))))));
}
