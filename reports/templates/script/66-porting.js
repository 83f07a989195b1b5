// From one call to another: what is named otherwise, what is computed otherwise, where edge cases part; all of it measured.

const callName = (data, number_) => `${data.columns[data.calls[number_].column].name}/${data.calls[number_].name}`;

view(
  "porting",
  (operation) => (operation ? `Porting guide: ${operation}` : "Porting guide"),
  async (data, name, query) => {
    const heading = [
      h("h1", {}, "Porting guide"),
      h(
        "p",
        {},
        "Choose the call that you have and the call that you want. What follows is written from what was measured and from the contracts that both document.",
      ),
    ];
    const operations = data.operations
      .map((operation, number_) => ({name: operation.name, number_, calls: callsOf(data, number_)}))
      .filter(({calls}) => calls.length > 1);
    const chooser = choice("operation", [["", "choose …"], ...operations.map((each) => each.name)], name, (chosen) => {
      location.hash = address("porting", chosen);
    });
    const operation = operations.find((each) => each.name === name);
    if (!operation)
      return [
        heading,
        h("div", {class: "controls"}, chooser),
        h(
          "p",
          {class: "empty"},
          operations.length ? "No operation is chosen yet." : "This report has no operation with two calls.",
        ),
      ];
    const names = operation.calls.map((call) => callName(data, call));
    const from = names.includes(query.get("from"))
      ? query.get("from")
      : names[operation.calls.indexOf(usual(data, operation, callsOfFirst(data, operation)))];
    const mine = data.calls[operation.calls[names.indexOf(from)]];
    const elsewhere = operation.calls.filter((call) => data.calls[call].column !== mine.column);
    const candidates = elsewhere.filter((call) => data.calls[call].name === mine.name);
    const to = names.includes(query.get("to"))
      ? query.get("to")
      : names[
          operation.calls.indexOf(
            usual(
              data,
              operation,
              candidates.length
                ? candidates
                : elsewhere.length
                  ? elsewhere
                  : operation.calls.filter((call) => data.calls[call] !== mine),
            ),
          )
        ];
    const [source, target] = [from, to].map((each) => operation.calls[names.indexOf(each)]);
    const block = await data.block(operation.number_);
    const pairs = pairsOf(data, operation.number_, source, target, block);
    return [
      heading,
      h(
        "div",
        {class: "controls"},
        chooser,
        choice("from", names, from, (chosen) => change({from: chosen, to})),
        choice("to", names, to, (chosen) => change({from, to: chosen})),
        h("button", {type: "button", "data-keep": "swap", onclick: () => change({from: to, to: from})}, "Swap"),
      ),
      source === target ? h("p", {class: "note"}, "Both sides are the same call.") : null,
      answers(data, pairs, source, target, name),
      h("h2", {}, "What is named and set otherwise"),
      namesTable(data, operation.number_, source, target),
      h("h2", {}, "What each can be asked"),
      refusals(data, operation.number_, source, target, block),
      h("h2", {}, "The largest differences"),
      largest(data, pairs, source, target),
      h("h2", {}, "Edge cases that part"),
      partings(data, pairs, source, target),
    ];
  },
);

/** The calls of the first environment: of an upgrade the old one. */
function callsOfFirst(data, operation) {
  return operation.calls.filter((call) => data.calls[call].column === data.calls[operation.calls[0]].column);
}

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
  return data.calls
    .map((call, number_) => number_)
    .filter((number_) => data.calls[number_].operation === operation)
    .sort((a, b) => data.calls[a].column - data.calls[b].column || (data.calls[a].name < data.calls[b].name ? -1 : 1));
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
  const input = (call, name) =>
    (call.inputs || []).includes(name) ? `${named(call, name)}${ordinal(call, named(call, name))}` : "not taken";
  const keyword = (call, name) =>
    name in (call.keywords || {}) ? `${named(call, name)} = ${valueText(call.keywords[name])}` : "cannot be set";
  const contracts = [
    ...new Set(
      [one, two].flatMap((call) => Object.values(call.contract || {}).flatMap((values) => Object.keys(values))),
    ),
  ];
  const contract = (call, name) =>
    Object.values(call.contract || {})
      .map((values) => values[name])
      .filter((value) => value !== undefined)
      .map(valueText)[0] || "none: the mathematics";
  const rows = [
    ...inputs.map((name) => [name, input(one, name), input(two, name), "input"]),
    ...keywords.map((name) => [name, keyword(one, name), keyword(two, name), "parameter"]),
    ...contracts.map((name) => [
      name,
      contract(one, name),
      contract(two, name),
      "documented deviation from the mathematics",
    ]),
    [
      "signature",
      one.signature ? String(one.signature) : "not stated",
      two.signature ? String(two.signature) : "not stated",
      "of the public call",
    ],
  ].filter((row) => row[0] !== "signature" || one.signature || two.signature);
  return [
    h(
      "p",
      {class: "quiet"},
      "Ours stands on the left, the call's own name in its column, as far as it can be read off. Beside a parameter stands the value that is judged where a case says nothing.",
    ),
    framed(
      "Names",
      h(
        "table",
        {class: "ported"},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["what", callName(data, source), callName(data, target), "kind"].map((head) =>
              h("th", {scope: "col"}, head),
            ),
          ),
        ),
        h(
          "tbody",
          {},
          rows.map(([what, left, right, kind]) =>
            h(
              "tr",
              {},
              h("th", {scope: "row"}, breakable(what)),
              h("td", {class: left === right ? "value" : "value parts"}, left),
              h("td", {class: left === right ? "value" : "value parts"}, right),
              h("td", {class: "quiet"}, kind),
            ),
          ),
        ),
      ),
    ),
  ];
}

/** Where an argument stands in the signature of a call: ", argument 2"; "" where it cannot be read off. */
function ordinal(call, name) {
  const inside = /\((.*)\)/s.exec(call.signature || "")?.[1];
  if (!inside) return "";
  let depth = 0,
    word = "";
  const names = [];
  for (const c of `${inside},`) {
    if ("([{".includes(c)) depth += 1;
    if (")]}".includes(c)) depth -= 1;
    if (c === "," && depth === 0) {
      names.push(word.split("=")[0].split(":")[0].trim());
      word = "";
    } else word += c;
  }
  const at = names.filter((each) => each !== "*" && each !== "/").indexOf(name);
  return at < 0 ? "" : `, argument ${at + 1}`;
}

function refusals(data, operation, source, target, block) {
  const reasons = (call) => {
    const found = new Map();
    for (const at of data.placesOf(
      operation,
      (place) => data.checks.call[place] === call && data.verdict(place) === "unsupported",
    )) {
      const message = data.detailIn(block, at).message || "no reason given";
      found.set(message, (found.get(message) || 0) + 1);
    }
    return [...found].sort((a, b) => b[1] - a[1]);
  };
  const [one, two] = [reasons(source), reasons(target)];
  const list = (own, other) =>
    own.length
      ? h(
          "ul",
          {class: "plain"},
          own.map(([message, count]) =>
            h(
              "li",
              {},
              message,
              h(
                "span",
                {class: "quiet"},
                ` (${counted(count, "check")}${other.some(([each]) => each === message) ? ", as the other" : ""})`,
              ),
            ),
          ),
        )
      : h("p", {}, "Everything that was asked.");
  return h(
    "div",
    {class: "columns"},
    [
      [source, one, two],
      [target, two, one],
    ].map(([call, own, other]) =>
      h("section", {}, h("h3", {}, breakable(callName(data, call)), " does not do"), list(own, other)),
    ),
  );
}
