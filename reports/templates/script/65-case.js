// One case: the sentence, the inputs, and one row for each implementation; one check of it in full.

view(
  "case",
  (variant) => variant,
  async (data, variant, query) => {
    const places = [];
    const number_ = data.variants.id.indexOf(variant);
    const number2 = data.variants.id.indexOf(variant, number_ + 1);
    for (let at = 0; at < data.count; at += 1)
      if (data.checks.variant[at] === number_ || (number2 >= 0 && data.checks.variant[at] === number2)) places.push(at);
    if (!places.length)
      return [
        h("h1", {}, variant || "No case"),
        h("p", {class: "empty"}, "This report holds no such case. ", link("checks", "", {}, "All checks")),
      ];
    const wantedRun = query.get("run");
    const chosen =
      places.find(
        (at) => data.id(at) === query.get("check") && (!wantedRun || String(data.checks.run[at]) === wantedRun),
      ) ?? places.find((at) => data.id(at) === query.get("check"));
    const block = await data.block(data.operationOf(places[0]));
    const values = (name) => [...new Set(places.map((at) => data.word(name, at)))];
    const pick = (name, plain) => {
      const present = values(name);
      const asked = query.get(name) || (chosen !== undefined ? data.word(name, chosen) : "");
      return present.includes(asked) ? asked : plain.find((each) => present.includes(each)) || present[0];
    };
    const dtype = pick("dtype", PLAIN_DTYPES),
      order = pick("order", ["value"]);
    const shown_ = places.filter((at) => data.word("dtype", at) === dtype && data.word("order", at) === order);
    const details = new Map(shown_.map((at) => [at, data.detailIn(block, at)]));
    const written = block.cases?.[data.case(places[0])];
    const operation = data.operations[data.operationOf(places[0])].name;
    return [
      h("p", {class: "status"}, operationLink(operation), " ›"),
      h("h1", {}, breakable(variant)),
      h("p", {class: "lead"}, data.says(places[0])),
      caseFacts(data, places[0], written, variant),
      h(
        "div",
        {class: "controls"},
        values("dtype").length > 1
          ? choice("dtype", values("dtype"), dtype, (value) => change({dtype: value, check: ""}))
          : h("p", {class: "quiet"}, dtype),
        values("order").length > 1
          ? choice("order", values("order"), order, (value) => change({order: value, check: ""}))
          : h("p", {class: "quiet"}, order),
      ),
      h("h2", {}, `What each call gave: ${order}, ${dtype}`),
      lanesOf(data, shown_, details, dtype),
      rowsOf(data, shown_, details, chosen),
      chosen !== undefined
        ? await inFull(data, chosen, block)
        : h("p", {class: "quiet"}, "Choose a call above to see its check in full."),
    ];
  },
);

function caseFacts(data, at, written, variant) {
  const flags = data.flags(at);
  const fixed = /\[(.*)\]$/.exec(variant)?.[1];
  return h(
    "section",
    {class: "panel", "aria-label": "The case"},
    facts([
      [
        "why it exists",
        flags.length
          ? h(
              "span",
              {},
              flags.map((flag, number_) => [number_ ? ", " : "", link("edges", flag, {}, flag)]),
            )
          : null,
      ],
      ...Object.entries(written?.inputs || {}).map(([name, text]) => [
        name,
        h("code", {}, text, written.shapes?.[name] ? ` shape ${written.shapes[name].join(" × ") || "scalar"}` : ""),
      ]),
      [
        "parameters",
        written?.parameters
          ? h(
              "code",
              {},
              Object.entries(written.parameters)
                .map(([name, value]) => `${name}: ${valueText(value)}`)
                .join(", "),
            )
          : null,
      ],
      ["this variant", fixed ? h("code", {}, fixed) : null],
      [
        "cast, layout",
        written?.cast || written?.layout
          ? h(
              "code",
              {},
              [...Object.entries(written.cast || {}), ...Object.entries(written.layout || {})]
                .map(([name, value]) => `${name}: ${value}`)
                .join(", "),
            )
          : null,
      ],
      ["relation", data.word("relation", at)],
      [
        "accepted",
        written?.accepted
          ? written.accepted.map((each) =>
              h("div", {}, h("b", {}, each.outcome), each.because ? `: ${each.because}` : ""),
            )
          : null,
      ],
      ["because", written?.because],
      ["source", written?.source ? linked(written.source) : null],
      ["written in", written?.file ? h("code", {}, `${written.file}:${written.line}`) : null],
    ]),
  );
}

function lanesOf(data, places, details, dtype) {
  const measured = places.filter((at) => data.k(at) !== null);
  if (!measured.length) return null;
  const scalar = measured
    .map((at) => ({at, detail: details.get(at)}))
    .find(({detail}) => detail.shape === "scalar" || literal(detail.right)?.length === 1);
  const exact = scalar ? Number(scalar.detail.worst?.[3] || scalar.detail.right) : null;
  const unitOf = measured
    .map((at) => [data.kNumbers[at], numeric(details.get(at).abs)])
    .find(([k, abs]) => k > 0 && Number.isFinite(k) && abs > 0 && Number.isFinite(abs));
  const lanes = measured.map((at) => {
    const detail = details.get(at);
    const got = numbersOf(detail, dtype)?.[0];
    const right = detail.worst ? Number(detail.worst[3]) : literal(detail.right)?.[0];
    const sign = scalar && got !== undefined && right !== undefined && got < right ? -1 : 1;
    return {
      name: `${data.callOf(at).name} · ${data.columnOf(at).name}${data.word("mode", at) === "eager" ? "" : ` ${data.word("mode", at)}`}`,
      verdict: data.verdict(at),
      k: data.k(at),
      sign,
    };
  });
  return [
    h(
      "p",
      {class: "quiet"},
      scalar
        ? "The oracle's value in the middle, its bound as a band; each call's value on it."
        : "The worst element of each call, in units of the bound (K = 16): inside the band it conforms.",
    ),
    interval(
      lanes,
      Number.isFinite(exact) ? exact : null,
      scalar && unitOf && Number.isFinite(exact) ? unitOf[1] / unitOf[0] : null,
    ),
  ];
}

function rowsOf(data, places, details, chosen) {
  const rows = [...places].sort(
    (a, b) =>
      (data.verdict(a) === "unsupported") - (data.verdict(b) === "unsupported") ||
      data.callOf(a).column - data.callOf(b).column ||
      data.checks.call[a] - data.checks.call[b],
  );
  return framed(
    "Results",
    h(
      "table",
      {class: "results"},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["call", "verdict", "gave", "right", "K", "ULP", "absolute", "mode", "record"].map((head) =>
            h("th", {scope: "col"}, head),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((at) => {
          const detail = details.get(at);
          const worst = detail.outcome?.includes("…") ? detail.worst : null;
          return h(
            "tr",
            {"aria-current": at === chosen ? "true" : null, class: at === chosen ? "chosen" : null},
            h(
              "th",
              {scope: "row"},
              checkLink(data, at, breakable(data.callOf(at).call)),
              h(
                "small",
                {},
                data.callOf(at).call.endsWith(data.callOf(at).name)
                  ? data.columnOf(at).name
                  : `${data.callOf(at).name}, ${data.columnOf(at).name}`,
              ),
            ),
            h("td", {}, verdictMark(data.verdict(at)), " ", expectationMark(data.word("expectation", at))),
            h(
              "td",
              {class: "value"},
              data.verdict(at) === "unsupported"
                ? h("span", {class: "quiet"}, detail.message)
                : detail.outcome || (data.level ? h("span", {class: "quiet"}, "not kept") : ""),
              worst ? h("small", {}, `worst at ${worst[0]}[${worst[6].join(", ")}]: ${worst[1]}`) : null,
              detail.published
                ? h(
                    "div",
                    {},
                    h(
                      "span",
                      {class: detail.published[2] ? "agrees" : "differs"},
                      detail.published[2] ? "= as printed" : "≠ as printed",
                    ),
                  )
                : null,
            ),
            h(
              "td",
              {class: "value"},
              detail.right || (data.word("choice", at) ? "no right value" : ""),
              worst ? h("small", {}, `there: ${worst[3]}`) : null,
            ),
            h("td", {class: "n"}, number(data.k(at))),
            h("td", {class: "n"}, number(detail.ulp)),
            h("td", {class: "n"}, number(detail.abs)),
            h("td", {}, data.word("mode", at)),
            h("td", {}, data.checks.record[at] ? recordLink(data, data.checks.record[at]) : ""),
          );
        }),
      ),
    ),
  );
}

/** One check in full. */
async function inFull(data, at, block) {
  const detail = data.detailIn(block, at);
  const call = data.callOf(at);
  const worst = detail.worst;
  const ratio = data.peerRatio(at);
  const expectation = data.word("expectation", at);
  const id = data.id(at);
  const both = (decimal, bits) => h("code", {}, bits && bits !== decimal ? `${decimal}  (${bits})` : decimal);
  const script = block.scripts?.[id];
  const before = data.before[at];
  return h(
    "section",
    {class: "panel", id: "in-full", "aria-labelledby": "title-in-full"},
    h("h2", {id: "title-in-full"}, breakable(call.call), " in full"),
    h(
      "p",
      {},
      verdictMark(data.verdict(at)),
      " ",
      expectationMark(expectation),
      " ",
      data.checks.transition[at] ? transitionMark(data.transition(at)) : null,
      ` ${VERDICTS.get(data.verdict(at))?.meaning || ""} ${expectation === "expected" ? "" : EXPECTATIONS.get(expectation)?.meaning || ""}`,
    ),
    facts([
      [
        "asked",
        `${data.word("order", at)} in ${data.word("dtype", at)}, ${data.word("mode", at)}, on ${data.columnOf(at).device}, ${data.columnOf(at).name}`,
      ],
      [
        "before",
        before >= 0
          ? [
              h("code", {}, data.detailIn(block, before).outcome),
              ` in ${data.columnOf(before).name}, `,
              data.verdict(before),
            ]
          : null,
      ],
      [
        "worst element",
        worst ? h("code", {}, `${worst[0]}${worst[6].length ? `[${worst[6].join(", ")}]` : ""}`) : null,
      ],
      [
        "inputs there",
        worst && Object.keys(worst[7]).length
          ? h(
              "code",
              {},
              Object.entries(worst[7]).map(([name, value]) => h("div", {}, `${name} = ${value}`)),
            )
          : null,
      ],
      ["got", worst ? both(worst[1], worst[2]) : null],
      ["oracle", worst ? both(worst[3], worst[4]) : null],
      ["bound", worst?.[5] ? h("code", {}, worst[5]) : null],
      ["outcome", detail.outcome ? h("code", {}, detail.outcome) : null],
      ["right", detail.right ? h("code", {}, detail.right) : null],
      ["choice", data.word("choice", at) ? `${data.word("choice", at)} (not one outcome alone is right here)` : null],
      [
        "K",
        data.k(at) === null
          ? null
          : `${number(data.k(at))} (at most 16 meets the grade)${detail.k_relative !== null ? `; relative ${number(detail.k_relative)}, by error scale ${number(detail.k_scale)}` : ""}; grade ${data.word("grade", at)}`,
      ],
      [
        "distance",
        detail.abs === null
          ? null
          : `absolute ${number(detail.abs)}, relative ${number(detail.rel)}, ${number(detail.ulp)} ULP`,
      ],
      [
        "against the contract",
        detail.contract
          ? `K = ${number(detail.contract[1])}, absolute ${number(detail.contract[2])}, ${number(detail.contract[4])} ULP`
          : null,
      ],
      [
        "contract",
        call.contract && ["documented", "diverges", "unstable"].includes(data.verdict(at)) ? contractText(call) : null,
      ],
      ["ratio to the best peer", ratio === null ? null : number(ratio === Infinity ? "inf" : ratio)],
      [
        "published",
        detail.published
          ? `${detail.published[0]}; got ${detail.published[1]}: ${detail.published[2] ? "agrees" : "does not agree"} (${detail.published[3]})`
          : null,
      ],
      ["relation", data.word("relation", at) ? `${data.word("relation", at)}: ${detail.broken || "holds"}` : null],
      ["other than in eager mode", detail.differs],
      ["message", detail.message ? h("pre", {}, detail.message) : null],
      ["warnings", detail.warnings ? h("pre", {}, detail.warnings.join("\n")) : null],
      [
        "record",
        data.checks.record[at]
          ? [
              recordLink(data, data.checks.record[at]),
              " ",
              data.records[data.checks.record[at] - 1].id,
              ": ",
              linked(data.records[data.checks.record[at] - 1].why),
            ]
          : null,
      ],
      ["shape", detail.shape],
      ["output bits", detail.bits && detail.bits.length < 120 ? h("code", {}, detail.bits) : null],
    ]),
    detail.ulps ? [h("h3", {}, "All elements by ULP error"), ulpHistogram(detail.ulps)] : null,
    script
      ? [h("h3", {}, "A script for an upstream issue"), scriptBlock(script)]
      : [
          h("h3", {}, "Show it again"),
          scriptBlock(`conformance explain ${quoted(id)}\nconformance repro ${quoted(id)}`),
        ],
  );
}

/** A text as one word of a shell. */
const quoted = (text) => `'${text.replace(/'/g, `'"'"'`)}'`;
