// From one call to another: what is named otherwise, what is computed otherwise, where edge cases part; all of it measured.

const callName = (data, number_) => `${data.columns[data.calls[number_].column].name}/${data.calls[number_].name}`;

view("porting", (operation) => (operation ? `Porting guide: ${operation}` : "Porting guide"), async (data, name, query) => {
  const heading = [h("h1", {}, "Porting guide"), h("p", {}, "Choose the call that you have and the call that you want. What follows is written from what was measured and from the contracts that both document.")];
  const operations = data.operations.map((operation, number_) => ({name: operation.name, number_, calls: callsOf(data, number_)})).filter(({calls}) => calls.length > 1);
  const chooser = choice("operation", [["", "choose …"], ...operations.map((each) => each.name)], name, (chosen) => { location.hash = address("porting", chosen); });
  const operation = operations.find((each) => each.name === name);
  if (!operation) return [heading, h("div", {class: "controls"}, chooser), h("p", {class: "empty"}, operations.length ? "No operation is chosen yet." : "This report has no operation with two calls.")];
  const names = operation.calls.map((call) => callName(data, call));
  const from = names.includes(query.get("from")) ? query.get("from") : names[operation.calls.indexOf(usual(data, operation, operation.calls))];
  const mine = data.calls[operation.calls[names.indexOf(from)]];
  const elsewhere = operation.calls.filter((call) => data.calls[call].column !== mine.column);
  const candidates = elsewhere.filter((call) => data.calls[call].name === mine.name);
  const to = names.includes(query.get("to")) ? query.get("to") : names[operation.calls.indexOf(usual(data, operation, candidates.length ? candidates : elsewhere.length ? elsewhere : operation.calls.filter((call) => data.calls[call] !== mine)))];
  const [source, target] = [from, to].map((each) => operation.calls[names.indexOf(each)]);
  const block = await data.block(operation.number_);
  const pairs = pairsOf(data, operation.number_, source, target, block);
  return [heading,
    h("div", {class: "controls"}, chooser,
      choice("from", names, from, (chosen) => change({from: chosen, to})), choice("to", names, to, (chosen) => change({from, to: chosen})),
      h("button", {type: "button", "data-keep": "swap", onclick: () => change({from: to, to: from})}, "Swap")),
    source === target ? h("p", {class: "note"}, "Both sides are the same call.") : null,
    answers(data, pairs, source, target, name),
    h("h2", {}, "What is named and set otherwise"), namesTable(data, operation.number_, source, target),
    h("h2", {}, "What each can be asked"), refusals(data, operation.number_, source, target, block),
    h("h2", {}, "The largest differences"), largest(data, pairs, source, target),
    h("h2", {}, "Edge cases that part"), partings(data, pairs, source, target),
  ];
});

/** Of some calls the one that answers most. */
function usual(data, operation, calls) {
  const answers_ = new Map(calls.map((call) => [call, 0]));
  for (const at of data.placesOf(operation.number_)) {
    const call = data.checks.call[at];
    if (answers_.has(call) && data.verdict(at) !== "unsupported") answers_.set(call, answers_.get(call) + 1);
  }
  return [...answers_].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

function callsOf(data, operation) {
  return data.calls.map((call, number_) => number_).filter((number_) => data.calls[number_].operation === operation)
    .sort((a, b) => data.calls[a].column - data.calls[b].column || (data.calls[a].name < data.calls[b].name ? -1 : 1));
}

/** The checks that both calls answered, side by side: {a, b, order, difference, relative, negated, same, parts}. */
function pairsOf(data, operation, source, target, block) {
  const found = new Map();
  for (const at of data.placesOf(operation)) {
    const call = data.checks.call[at];
    if (call !== source && call !== target) continue;
    const key = data.question[at];
    const eager = data.word("mode", at) === "eager";
    const pair = found.get(key) || {};
    if (call === source && (pair.a === undefined || eager)) pair.a = at;
    if (call === target && (pair.b === undefined || eager)) pair.b = at;
    found.set(key, pair);
  }
  const answered = (at) => at !== undefined && !["unsupported"].includes(data.verdict(at));
  return [...found.values()].filter(({a, b}) => answered(a) && answered(b)).map((pair) => measured(data, block, pair));
}

const RIGHT = ["conforms", "documented"];

function measured(data, block, {a, b}) {
  const [one, two] = [data.detailIn(block, a), data.detailIn(block, b)];
  const dtype = data.word("dtype", a);
  const [x, y] = [numbersOf(one, dtype), numbersOf(two, dtype)];
  const pair = {a, b, one, two, order: data.word("order", a), dtype, difference: null, relative: null, negated: false, exact: false};
  if (x && y && x.length === y.length) {
    pair.difference = 0;
    let size = 0, classes = true;
    x.forEach((value, at) => {
      if (Object.is(value, y[at]) || value === y[at]) return;
      const apart = Math.abs(value - y[at]);
      if (Number.isFinite(apart)) pair.difference = Math.max(pair.difference, apart);
      else classes = false;
    });
    for (const value of [...x, ...y]) if (Number.isFinite(value)) size = Math.max(size, Math.abs(value));
    if (!classes) pair.difference = Infinity;
    pair.exact = pair.difference === 0;
    pair.relative = pair.difference === 0 ? 0 : pair.difference / size;
    pair.negated = x.some((value) => value !== 0) && x.every((value, at) => value === -y[at]);
  } else if (numeric(one.abs) !== null && numeric(two.abs) !== null) {
    pair.difference = numeric(one.abs) + numeric(two.abs);
    pair.bounded = true;
  }
  const raised = /^raise[sd]/.test(one.outcome) || /^raise[sd]/.test(two.outcome);
  const bothConform = data.verdict(a) === "conforms" && data.verdict(b) === "conforms";
  const sameOutcome = one.outcome === two.outcome && data.word("choice", a) === data.word("choice", b);
  pair.parts = raised ? !sameOutcome : data.word("choice", a) || data.word("choice", b) ? data.word("choice", a) !== data.word("choice", b) : !bothConform && !(pair.exact || (sameOutcome && !one.outcome.includes("…")) || (pair.relative !== null && pair.relative < ROUNDING[dtype]));
  return pair;
}

// What two right results of one dtype may differ by: 32 units of roundoff.
const ROUNDING = {float64: 2 ** -48, float32: 2 ** -19, float16: 2 ** -6, bfloat16: 2 ** -3};

function answers(data, pairs, source, target, operation) {
  const said = (order, words) => {
    const asked = pairs.filter((pair) => pair.order === order);
    if (!asked.length) return h("li", {}, verdictMark("unsupported", `${words}: not known`), " no question was answered by both.");
    const parting = asked.filter((pair) => pair.parts);
    const wrong = (side) => parting.filter((pair) => !RIGHT.includes(data.verdict(pair[side]))).length;
    if (!parting.length) return h("li", {}, verdictMark("conforms", `${words}: the same`), ` on all ${counted(asked.length, "question")} that both answered, within rounding.`);
    return h("li", {}, verdictMark("diverges", `${words}: not always the same`), ` ${counted(parting.length, "question")} of ${grouped(asked.length)} part. `,
      wrong("a") || wrong("b") ? `Not right there: ${data.calls[source].name} ${grouped(wrong("a"))} times, ${data.calls[target].name} ${grouped(wrong("b"))} times.` : "Both sides are accepted there: a documented deviation, or a choice where no right value exists.");
  };
  const negated = pairs.filter((pair) => pair.negated).length;
  const whole = pairs.filter((pair) => pair.one.outcome && !pair.exact && pair.order === "value").length;
  return h("section", {class: "panel", "aria-label": "In short"}, h("h2", {}, "In short"),
    h("ul", {class: "plain"}, said("value", "Value"), said("gradient", "Gradient"),
      negated && negated > whole / 2 ? h("li", {}, verdictMark("diverges", "Sign: reversed"), ` in ${counted(negated, "question")} one is the negative of the other.`) : null),
    h("p", {class: "quiet"}, link("checks", "", {q: `op:"${operation}" (column:${data.calls[source].column + 1} or column:${data.calls[target].column + 1}) is:different`}, "The questions in which calls have different verdicts")));
}

/** Names, order, defaults, reduction, axis, epsilon: only rows in which something is to be known. */
function namesTable(data, operation, source, target) {
  const [one, two] = [data.calls[source], data.calls[target]];
  const inputs = [...new Set([...(one.inputs || []), ...(two.inputs || [])])];
  const keywords = [...new Set([...Object.keys(one.keywords || {}), ...Object.keys(two.keywords || {})])];
  const named = (call, name) => {
    const theirs = call.arguments?.[name];
    return theirs === undefined ? name : typeof theirs === "number" ? `argument ${theirs + 1}` : String(theirs);
  };
  const input = (call, name) => ((call.inputs || []).includes(name) ? `${named(call, name)}${ordinal(call, named(call, name))}` : "not taken");
  const keyword = (call, name) => (name in (call.keywords || {}) ? `${named(call, name)} = ${valueText(call.keywords[name])}` : "cannot be set");
  const contracts = [...new Set([one, two].flatMap((call) => Object.values(call.contract || {}).flatMap((values) => Object.keys(values))))];
  const contract = (call, name) => Object.values(call.contract || {}).map((values) => values[name]).filter((value) => value !== undefined).map(valueText)[0] || "none: the mathematics";
  const rows = [
    ...inputs.map((name) => [name, input(one, name), input(two, name), "input"]),
    ...keywords.map((name) => [name, keyword(one, name), keyword(two, name), "parameter"]),
    ...contracts.map((name) => [name, contract(one, name), contract(two, name), "documented deviation from the mathematics"]),
    ["signature", one.signature ? String(one.signature) : "not stated", two.signature ? String(two.signature) : "not stated", "of the public call"],
  ].filter((row) => row[0] !== "signature" || one.signature || two.signature);
  return [h("p", {class: "quiet"}, "Ours stands on the left, the call's own name in its column, as far as it can be read off. Beside a parameter stands the value that is judged where a case says nothing."), framed("Names", h("table", {class: "ported"}, h("thead", {}, h("tr", {}, ["what", callName(data, source), callName(data, target), "kind"].map((head) => h("th", {scope: "col"}, head)))),
    h("tbody", {}, rows.map(([what, left, right, kind]) => h("tr", {}, h("th", {scope: "row"}, what),
      h("td", {class: left === right ? "value" : "value parts"}, left), h("td", {class: left === right ? "value" : "value parts"}, right), h("td", {class: "quiet"}, kind))))))];
}

/** Where an argument stands in the signature of a call: ", argument 2"; "" where it cannot be read off. */
function ordinal(call, name) {
  const inside = /\((.*)\)/s.exec(call.signature || "")?.[1];
  if (!inside) return "";
  let depth = 0, word = "";
  const names = [];
  for (const c of `${inside},`) {
    if ("([{".includes(c)) depth += 1;
    if (")]}".includes(c)) depth -= 1;
    if (c === "," && depth === 0) { names.push(word.split("=")[0].split(":")[0].trim()); word = ""; } else word += c;
  }
  const at = names.filter((each) => each !== "*" && each !== "/").indexOf(name);
  return at < 0 ? "" : `, argument ${at + 1}`;
}

function refusals(data, operation, source, target, block) {
  const reasons = (call) => {
    const found = new Map();
    for (const at of data.placesOf(operation, (place) => data.checks.call[place] === call && data.verdict(place) === "unsupported")) {
      const message = data.detailIn(block, at).message || "no reason given";
      found.set(message, (found.get(message) || 0) + 1);
    }
    return [...found].sort((a, b) => b[1] - a[1]);
  };
  const [one, two] = [reasons(source), reasons(target)];
  const list = (own, other) => (own.length ? h("ul", {class: "plain"}, own.map(([message, count]) => h("li", {}, message, h("span", {class: "quiet"}, ` (${counted(count, "check")}${other.some(([each]) => each === message) ? ", as the other" : ""})`)))) : h("p", {}, "Everything that was asked."));
  return h("div", {class: "columns"}, [[source, one, two], [target, two, one]].map(([call, own, other]) => h("section", {}, h("h3", {}, `${callName(data, call)} does not do`), list(own, other))));
}

function largest(data, pairs, source, target) {
  const apart = pairs.filter((pair) => pair.difference !== null && pair.difference > 0);
  const classes = apart.filter((pair) => pair.difference === Infinity).length;
  const finite_ = apart.filter((pair) => pair.difference !== Infinity);
  if (!apart.length) return h("p", {class: "calm"}, pairs.length ? "None: bit for bit the same wherever the bits are kept." : "No question was answered by both.");
  const rows = [...finite_].sort((x, y) => (y.relative ?? 0) - (x.relative ?? 0) || y.difference - x.difference).slice(0, 10);
  return [h("p", {}, classes ? `In ${counted(classes, "question")} one gives nan or an infinity where the other gives a number: see below. ` : "", finite_.length ? `${counted(finite_.length, "question")} differ in their numbers, most of them in the last digits; the largest:` : ""), !rows.length ? null : framed("Differences", h("table", {class: "ported"}, h("thead", {}, h("tr", {}, ["case", data.calls[source].name, data.calls[target].name, "right", "difference", "relative"].map((head) => h("th", {scope: "col"}, head)))),
    h("tbody", {}, rows.map((pair) => h("tr", {}, h("th", {scope: "row"}, checkLink(data, pair.b, breakable(data.variant(pair.b))), h("small", {}, `${pair.order}, ${pair.dtype}`)),
      h("td", {class: "value"}, verdictMark(data.verdict(pair.a), pair.one.outcome || data.verdict(pair.a))), h("td", {class: "value"}, verdictMark(data.verdict(pair.b), pair.two.outcome || data.verdict(pair.b))), h("td", {class: "value"}, pair.one.right || pair.two.right),
      h("td", {class: "n"}, `${pair.bounded ? "at most " : ""}${number(pair.difference)}`), h("td", {class: "n"}, pair.relative === null ? "" : number(pair.relative)))))))];
}

function partings(data, pairs, source, target) {
  const rows = new Map();
  for (const pair of pairs.filter((each) => each.parts)) {
    const key = `${data.checks.variant[pair.a]}|${pair.order}`;
    if (!rows.has(key) || (PLAIN_DTYPES.indexOf(pair.dtype) < PLAIN_DTYPES.indexOf(rows.get(key).dtype))) rows.set(key, {...pair, dtypes: [...(rows.get(key)?.dtypes || []), pair.dtype]});
    else rows.get(key).dtypes.push(pair.dtype);
  }
  if (!rows.size) return h("p", {class: "calm"}, pairs.length ? "None among what both answered." : "No question was answered by both.");
  const list = [...rows.values()];
  return [h("p", {class: "status"}, `${counted(list.length, "case and order", "cases and orders")}; shown is float32 where it was asked.`),
    framed("Edge cases that part", h("table", {class: "ported"}, h("thead", {}, h("tr", {}, ["case", "right", data.calls[source].name, data.calls[target].name].map((head) => h("th", {scope: "col"}, head)))),
      h("tbody", {}, list.slice(0, 80).map((pair) => h("tr", {}, h("th", {scope: "row"}, checkLink(data, pair.a, breakable(data.variant(pair.a))), " ", h("b", {}, pair.order), h("small", {}, data.says(pair.a))),
        h("td", {class: "value"}, pair.one.right || "no right value"), h("td", {}, verdictMark(data.verdict(pair.a), pair.one.outcome)), h("td", {}, verdictMark(data.verdict(pair.b), pair.two.outcome)))))), true),
    list.length > 80 ? h("p", {class: "quiet"}, `and ${grouped(list.length - 80)} more.`) : null];
}
