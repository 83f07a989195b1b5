// Numbers as documents print them, beside the mathematics and what each environment gives.

view("published", "Published numbers", async (data, part, query) => {
  const filter = filterBox(query, data);
  const places = [];
  for (let at = 0; at < data.count; at += 1) if (data.checks.marks[at] & PUBLISHED && filter.keep(at)) places.push(at);
  const operations = [...new Set(places.map((at) => data.operationOf(at)))];
  const blocks = new Map(
    await Promise.all(operations.map(async (operation) => [operation, await data.block(operation)])),
  );
  const rows = new Map();
  for (const at of places) rows.set(data.checks.variant[at], [...(rows.get(data.checks.variant[at]) || []), at]);
  const columns = data.columns
    .map((column, at) => at)
    .filter((at) => places.some((place) => data.callOf(place).column === at));
  return [
    h("p", {class: "status"}, link("edges", "", {}, "Edge cases"), " ›"),
    h("h1", {}, "Published numbers"),
    h(
      "p",
      {},
      "Numbers as a document prints them, and what each environment gives for the same inputs. A number that differs may still be right: its verdict says so.",
    ),
    h("div", {class: "controls"}, filter.label),
    filter.said,
    rows.size
      ? framed(
          "Published numbers",
          h(
            "table",
            {class: "matrix edges"},
            h(
              "thead",
              {},
              h(
                "tr",
                {},
                ["case", "printed", "mathematics", ...columns.map((at) => data.columns[at].name)].map((head) =>
                  h("th", {scope: "col"}, head),
                ),
              ),
            ),
            h(
              "tbody",
              {},
              [...rows.values()]
                .sort((a, b) => (data.variant(a[0]) < data.variant(b[0]) ? -1 : 1))
                .map((members) => publishedRow(data, members, blocks, columns)),
            ),
          ),
          true,
        )
      : h("p", {class: "empty"}, "No case of this run prints a number, or none fits the filter."),
  ];
});

function publishedRow(data, members, blocks, columns) {
  const block = blocks.get(data.operationOf(members[0]));
  const first = data.detailIn(block, members[0]);
  return h(
    "tr",
    {},
    h(
      "th",
      {scope: "row"},
      link("case", data.variant(members[0]), {}, breakable(data.variant(members[0]))),
      h("small", {}, data.says(members[0]), " ", linked(first.published[3])),
    ),
    h("td", {class: "value"}, first.published[0]),
    h("td", {class: "value"}, first.right),
    columns.map((column) => {
      const given = new Map();
      for (const at of members.filter((place) => data.callOf(place).column === column)) {
        const [, got, agrees] = data.detailIn(block, at).published;
        const key = JSON.stringify([got, agrees, data.verdict(at)]);
        given.set(key, [...(given.get(key) || []), at]);
      }
      if (!given.size) return h("td", {class: "absent"}, h("span", {class: "hidden"}, "not asked"));
      return h(
        "td",
        {},
        [...given].map(([key, places]) => {
          const [got, agrees, verdict] = JSON.parse(key);
          return h(
            "div",
            {class: "outcome"},
            h("span", {class: agrees ? "agrees" : "differs"}, agrees ? "= agrees" : "≠ differs"),
            " ",
            h("code", {}, got),
            h(
              "small",
              {},
              verdict,
              given.size > 1
                ? `: ${[...new Set(places.map((at) => `${data.callOf(at).name} ${data.word("dtype", at)}`))].slice(0, 2).join(", ")}`
                : "",
            ),
          );
        }),
      );
    }),
  );
}
