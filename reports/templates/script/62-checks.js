// Every check in one list: filtered, sorted, virtual.

view("checks", "Checks", (data, part, query) => {
  const filter = filterBox(query, data);
  const switched = switches(query, data);
  const sort = query.get("sort") || "";
  const places = [];
  for (let at = 0; at < data.count; at += 1) if (switched.keep(at) && filter.keep(at)) places.push(at);
  return [
    h("h1", {}, "Checks"),
    h("div", {class: "controls"}, filter.label, switched.elements),
    filter.said,
    h("p", {class: "status", role: "status"}, `${counted(places.length, "check")} of ${grouped(data.count)}`),
    places.length
      ? checkTable(sorted(places, data, sort), data, sort)
      : h("p", {class: "empty"}, "No check fits. Loosen the filter or the switches."),
  ];
});

view("lost", "Not found", () => [
  h("h1", {}, "Nothing is here"),
  h(
    "p",
    {},
    `This report has no page '${location.hash}'. `,
    link("", "", {}, "The overview"),
    " leads to all that it has.",
  ),
]);
