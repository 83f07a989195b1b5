// Divergence records: what deviates, in which versions, why, where upstream knows it; and those that explain nothing now.

view("divergences", "Divergences", (data, part, query) => {
  const filters = {
    kind: query.get("kind") || "",
    adapter: query.get("adapter") || "",
    words: (query.get("find") || "").toLowerCase(),
  };
  const sort = query.get("sort") || "kind";
  const all = data.records.map((record, at) => ({...record, number: at + 1, kinds: kindsOf(record)}));
  const kept = all.filter(
    (record) =>
      String(record.number) === part ||
      ((!filters.kind || (filters.kind === "unused" ? record.unused.length : record.kinds.includes(filters.kind))) &&
        (!filters.adapter || record.adapter === filters.adapter) &&
        (!filters.words || `${record.id} ${record.why} ${record.upstream}`.toLowerCase().includes(filters.words))),
  );
  const operations = new Map();
  for (let at = 0; at < data.count; at += 1) {
    const record = data.checks.record[at];
    if (record)
      (operations.get(record) || operations.set(record, new Set()).get(record)).add(
        data.operations[data.operationOf(at)].name,
      );
  }
  const groups = new Map();
  const title =
    {
      kind: (record) => record.kinds[0],
      adapter: (record) => record.adapter,
      versions: (record) => record.versions || "every version",
    }[sort] || ((record) => record.kinds[0]);
  for (const record of kept) groups.set(title(record), [...(groups.get(title(record)) || []), record]);
  const order = [...groups].sort(([a], [b]) => (sort === "kind" ? severity(a) - severity(b) : a < b ? -1 : 1));
  const unused = all.filter((record) => record.unused.length).length;
  return [
    h("h1", {}, "Divergences"),
    h(
      "p",
      {},
      "Known deviations: what covers them, why they happen, and where that is said upstream. The numbers are the footnotes of the matrix. A record that explains nothing although its versions ran is unused: it can go, or no longer fits.",
    ),
    h(
      "div",
      {class: "controls"},
      choice(
        "kind",
        [
          ["", "all"],
          ...[...new Set(all.flatMap((record) => record.kinds))].sort((a, b) => severity(a) - severity(b)),
          ...(unused ? [["unused", `unused (${unused})`]] : []),
        ],
        filters.kind,
        (kind) => change({kind}),
      ),
      choice("adapter", [["", "all"], ...new Set(all.map((record) => record.adapter))], filters.adapter, (adapter) =>
        change({adapter}),
      ),
      choice(
        "grouped by",
        [
          ["kind", "kind"],
          ["adapter", "adapter"],
          ["versions", "versions"],
        ],
        sort,
        (sort_) => change({sort: sort_}),
      ),
      findBox(query, "a word of the reason, an issue number"),
    ),
    h(
      "p",
      {class: "status", role: "status"},
      `${counted(kept.length, "record")} of ${all.length}${unused ? `, ${unused} unused` : ""}.`,
    ),
    all.length
      ? order.map(([name, records]) => [
          h(
            "h2",
            {},
            sort === "kind" ? verdictMark(name) : name,
            h("span", {class: "quiet"}, ` ${counted(records.length, "record")}`),
          ),
          h(
            "ol",
            {class: "causes"},
            records.map((record) => recordItem(record, operations.get(record.number) || new Set(), part)),
          ),
        ])
      : h("p", {class: "empty"}, "No record covered anything in this selection."),
  ];
});

/** What a record says that its deviation looks like, the worst first. */
const kindsOf = (record) => record.verdict.split(", ").sort((a, b) => severity(a) - severity(b));

function recordItem(record, operations, part) {
  const here = String(record.number) === part;
  const within =
    record.within && Object.keys(record.within).length
      ? `at most ${Object.entries(record.within)
          .map(([name, value]) => `${name === "k" ? "K" : name} ${number(value)}`)
          .join(", ")}`
      : "";
  return h(
    "li",
    {class: here ? "cause target" : "cause", "data-scroll": here ? true : null},
    h(
      "div",
      {class: "marks"},
      h("span", {class: "chip"}, String(record.number)),
      record.kinds.map((kind) => verdictMark(kind)),
      record.unused.length ? expectationMark("unused") : null,
    ),
    h(
      "div",
      {class: "what"},
      h("p", {class: "title"}, link("divergences", String(record.number), {}, record.id)),
      h("p", {}, linked(record.why)),
      h(
        "p",
        {class: "quiet"},
        [
          `versions ${record.versions || "all"}`,
          within,
          record.holds === "sometimes" ? "holds for some of what it covers" : "",
          record.file ? `${record.file}:${record.line || ""}` : "",
        ]
          .filter(Boolean)
          .join(" · "),
      ),
      h("p", {class: "quiet"}, "Upstream: ", record.upstream ? linked(record.upstream) : "not stated"),
      h(
        "p",
        {},
        operations.size
          ? [
              link("checks", "", {q: `record:${record.number}`}, `covers ${counted(record.matched, "check")}`),
              " of ",
              [...operations].slice(0, 6).map((name, at) => [at ? ", " : "", operationLink(name)]),
              operations.size > 6 ? ` and ${operations.size - 6} more` : "",
            ]
          : `covers ${counted(record.matched, "check")}`,
      ),
    ),
  );
}
