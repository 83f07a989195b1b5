// Two calls beside each other, as they were measured: what is the same, what differs most, where they part.

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
  const pair = {
    a,
    b,
    one,
    two,
    order: data.word("order", a),
    dtype,
    difference: null,
    relative: null,
    negated: false,
    exact: false,
  };
  if (x && y && x.length === y.length) {
    pair.difference = 0;
    let size = 0,
      classes = true;
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
  pair.parts = raised
    ? !sameOutcome
    : data.word("choice", a) || data.word("choice", b)
      ? data.word("choice", a) !== data.word("choice", b)
      : !bothConform &&
        !(
          pair.exact ||
          (sameOutcome && !one.outcome.includes("…")) ||
          (pair.relative !== null && pair.relative < ROUNDING[dtype])
        );
  return pair;
}

// What two right results of one dtype may differ by: 32 units of roundoff.
const ROUNDING = {float64: 2 ** -48, float32: 2 ** -19, float16: 2 ** -6, bfloat16: 2 ** -3};

function answers(data, pairs, source, target, operation) {
  const said = (order, words) => {
    const asked = pairs.filter((pair) => pair.order === order);
    if (!asked.length)
      return h("li", {}, verdictMark("unsupported", `${words}: not known`), " no question was answered by both.");
    const parting = asked.filter((pair) => pair.parts);
    const wrong = (side) => parting.filter((pair) => !RIGHT.includes(data.verdict(pair[side]))).length;
    if (!parting.length)
      return h(
        "li",
        {},
        verdictMark("conforms", `${words}: the same`),
        ` on all ${counted(asked.length, "question")} that both answered, within rounding.`,
      );
    return h(
      "li",
      {},
      verdictMark("diverges", `${words}: not always the same`),
      ` ${counted(parting.length, "question")} of ${grouped(asked.length)} part. `,
      wrong("a") || wrong("b")
        ? `Not right there: ${shortNames(data, source, target)[0]} ${grouped(wrong("a"))} times, ${shortNames(data, source, target)[1]} ${grouped(wrong("b"))} times.`
        : "Both sides are accepted there: a documented deviation, or a choice where no right value exists.",
    );
  };
  const negated = pairs.filter((pair) => pair.negated).length;
  const whole = pairs.filter((pair) => pair.one.outcome && !pair.exact && pair.order === "value").length;
  return h(
    "section",
    {class: "panel", "aria-label": "In short"},
    h("h2", {}, "In short"),
    h(
      "ul",
      {class: "plain"},
      said("value", "Value"),
      said("gradient", "Gradient"),
      negated && negated > whole / 2
        ? h(
            "li",
            {},
            verdictMark("diverges", "Sign: reversed"),
            ` in ${counted(negated, "question")} one is the negative of the other.`,
          )
        : null,
    ),
    h(
      "p",
      {class: "quiet"},
      link(
        "checks",
        "",
        {
          q: `op:"${operation}" (column:${data.calls[source].column + 1} or column:${data.calls[target].column + 1}) is:different`,
        },
        "The questions in which calls have different verdicts",
      ),
    ),
  );
}

function largest(data, pairs, source, target) {
  const apart = pairs.filter((pair) => pair.difference !== null && pair.difference > 0);
  const classes = apart.filter((pair) => pair.difference === Infinity).length;
  const finite_ = apart.filter((pair) => pair.difference !== Infinity);
  if (!apart.length)
    return h(
      "p",
      {class: "calm"},
      pairs.length ? "None: bit for bit the same wherever the bits are kept." : "No question was answered by both.",
    );
  const rows = [...finite_]
    .sort((x, y) => (y.relative ?? 0) - (x.relative ?? 0) || y.difference - x.difference)
    .slice(0, 10);
  return [
    h(
      "p",
      {},
      classes
        ? `In ${counted(classes, "question")} one gives nan or an infinity where the other gives a number: see below. `
        : "",
      finite_.length
        ? `${counted(finite_.length, "question")} differ in their numbers, most of them in the last digits; the largest:`
        : "",
    ),
    !rows.length
      ? null
      : framed(
          "Differences",
          h(
            "table",
            {class: "ported"},
            h(
              "thead",
              {},
              h(
                "tr",
                {},
                ["case", ...shortNames(data, source, target), "right", "difference", "relative"].map((head) =>
                  h("th", {scope: "col"}, head),
                ),
              ),
            ),
            h(
              "tbody",
              {},
              rows.map((pair) =>
                h(
                  "tr",
                  {},
                  h(
                    "th",
                    {scope: "row"},
                    checkLink(data, pair.b, breakable(data.variant(pair.b))),
                    h("small", {}, `${pair.order}, ${pair.dtype}`),
                  ),
                  h(
                    "td",
                    {class: "value"},
                    verdictMark(data.verdict(pair.a), pair.one.outcome || data.verdict(pair.a)),
                  ),
                  h(
                    "td",
                    {class: "value"},
                    verdictMark(data.verdict(pair.b), pair.two.outcome || data.verdict(pair.b)),
                  ),
                  h("td", {class: "value"}, pair.one.right || pair.two.right),
                  h("td", {class: "n"}, `${pair.bounded ? "at most " : ""}${number(pair.difference)}`),
                  h("td", {class: "n"}, pair.relative === null ? "" : number(pair.relative)),
                ),
              ),
            ),
          ),
        ),
  ];
}

function partings(data, pairs, source, target) {
  const rows = new Map();
  for (const pair of pairs.filter((each) => each.parts)) {
    const key = `${data.checks.variant[pair.a]}|${pair.order}`;
    if (!rows.has(key) || PLAIN_DTYPES.indexOf(pair.dtype) < PLAIN_DTYPES.indexOf(rows.get(key).dtype))
      rows.set(key, {...pair, dtypes: [...(rows.get(key)?.dtypes || []), pair.dtype]});
    else rows.get(key).dtypes.push(pair.dtype);
  }
  if (!rows.size)
    return h(
      "p",
      {class: "calm"},
      pairs.length ? "None among what both answered." : "No question was answered by both.",
    );
  const list = [...rows.values()];
  return [
    h(
      "p",
      {class: "status"},
      `${counted(list.length, "case and order", "cases and orders")}; shown is float32 where it was asked.`,
    ),
    framed(
      "Edge cases that part",
      h(
        "table",
        {class: "ported"},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["case", "right", ...shortNames(data, source, target)].map((head) => h("th", {scope: "col"}, head)),
          ),
        ),
        h(
          "tbody",
          {},
          list
            .slice(0, 80)
            .map((pair) =>
              h(
                "tr",
                {},
                h(
                  "th",
                  {scope: "row"},
                  checkLink(data, pair.a, breakable(data.variant(pair.a))),
                  " ",
                  h("b", {}, pair.order),
                  h("small", {}, data.says(pair.a)),
                ),
                h("td", {class: "value"}, pair.one.right || "no right value"),
                h("td", {}, verdictMark(data.verdict(pair.a), pair.one.outcome)),
                h("td", {}, verdictMark(data.verdict(pair.b), pair.two.outcome)),
              ),
            ),
        ),
      ),
      true,
    ),
    list.length > 80 ? h("p", {class: "quiet"}, `and ${grouped(list.length - 80)} more.`) : null,
  ];
}

/** Names of two calls that tell them apart: where both have one name, with their environments. */
function shortNames(data, source, target) {
  const both = [source, target];
  const same = data.calls[source].name === data.calls[target].name;
  return both.map((call) => (same ? callName(data, call) : data.calls[call].name));
}
