// Controls that several views share: the filter box, the switches, the virtual table.

/** The filter box. `made` turns the filter of the address into content; a fault is said, and nothing is hidden. */
function filterBox(query, data, name = "q") {
  const text = query.get(name) || "";
  let keep = () => true;
  let fault = "";
  try {
    keep = parsed(text, data);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    fault = error.message;
  }
  let timer = 0;
  const input = h("input", {
    type: "search",
    value: text,
    "data-keep": `filter-${name}`,
    spellcheck: "false",
    autocomplete: "off",
    "aria-invalid": fault ? "true" : null,
    "aria-describedby": "filter-fault",
    placeholder: "torch:diverges jax:conforms, flag:saturated, K>4 …",
    oninput: (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => change({[name]: event.target.value}, true), 200);
    },
    onkeydown: (event) => {
      if (event.key === "Enter") {
        clearTimeout(timer);
        change({[name]: event.target.value});
      }
    },
  });
  const label = h(
    "label",
    {class: "filter"},
    h("span", {}, "Filter ", h("a", {href: "#/about", title: "What a filter may say"}, "(help)")),
    input,
  );
  const said = h(
    "p",
    {id: "filter-fault", class: fault ? "problem" : "hidden", role: "status"},
    fault ? `The filter is not understood: ${fault}. It is left out.` : "",
  );
  return {label, said, keep, text};
}

/** A box of words to find, kept in the address as `find`. */
const findBox = (query, placeholder) =>
  h(
    "label",
    {class: "filter"},
    "Find",
    h("input", {
      type: "search",
      value: query.get("find") || "",
      "data-keep": "find",
      placeholder,
      oninput: (event) => change({find: event.target.value}, true),
    }),
  );

/** What the symbols of cells mean: the verdicts of the file, the best first. */
const legend = (data) =>
  h(
    "p",
    {class: "legend"},
    [...data.words.verdict].sort((a, b) => severity(b) - severity(a)).map((verdict) => [verdictMark(verdict), " "]),
  );

/** The head of a table with a column for each environment; `first` names what the rows are. */
const columnHeads = (data, first) =>
  h(
    "thead",
    {},
    h(
      "tr",
      {},
      h("th", {scope: "col"}, first),
      data.columns.map((column) =>
        h(
          "th",
          {scope: "col"},
          column.adapter,
          " ",
          h("span", {class: "quiet"}, column.name.slice(column.adapter.length)),
        ),
      ),
    ),
  );

const SWITCHES = ["dtype", "mode", "device", "order"];

/** Switches over dtype, mode, device and order: those that occur more than once. Gives their elements and a predicate. */
function switches(query, data, names = SWITCHES) {
  const wanted = {};
  const elements = [];
  for (const name of names) {
    const values = name === "device" ? [...new Set(data.columns.map((column) => column.device))] : data.words[name];
    if (values.length < 2) continue;
    const value = query.get(name) || "";
    if (value && values.includes(value)) wanted[name] = value;
    const made = choice(name, [["", "all"], ...values], value, (chosen) => change({[name]: chosen}));
    made.querySelector("select").dataset.keep = `switch-${name}`;
    elements.push(made);
  }
  const tests = Object.entries(wanted).map(([name, value]) => {
    if (name === "device") return (at) => data.columnOf(at).device === value;
    const code = data.words[name].indexOf(value);
    return (at) => data.checks[name][at] === code;
  });
  return {elements, keep: (at) => tests.every((test) => test(at)), wanted};
}

/** Columns of a list of checks: what stands there, and by what they are sorted. */
const CHECK_COLUMNS = [
  {
    name: "verdict",
    width: "8.5rem",
    show: (d, at) => [verdictMark(d.verdict(at))],
    key: (d, at) => severity(d.verdict(at)),
  },
  {
    name: "case",
    width: "minmax(13rem, 2fr)",
    show: (d, at) => checkLink(d, at, d.variant(at)),
    key: (d, at) => d.checks.variant[at],
  },
  {name: "call", width: "minmax(12rem, 1.8fr)", show: (d, at) => d.callOf(at).call, key: (d, at) => d.callOf(at).call},
  {
    name: "environment",
    width: "minmax(11rem, 1.4fr)",
    show: (d, at) => d.columnOf(at).name,
    key: (d, at) => d.callOf(at).column,
  },
  {name: "dtype", width: "4.8rem", show: (d, at) => d.word("dtype", at), key: (d, at) => d.checks.dtype[at]},
  {name: "mode", width: "4.6rem", show: (d, at) => d.word("mode", at), key: (d, at) => d.checks.mode[at]},
  {name: "order", width: "5.4rem", show: (d, at) => d.word("order", at), key: (d, at) => d.checks.order[at]},
  {
    name: "K",
    width: "4.5rem",
    class: "n",
    show: (d, at) => number(d.k(at)),
    key: (d, at) => (Number.isNaN(d.kNumbers[at]) ? -1 : d.kNumbers[at]),
  },
  {
    name: "expectation",
    width: "7.6rem",
    show: (d, at) => expectationMark(d.word("expectation", at)) || "",
    key: (d, at) => (d.urgent(at) ? 0 : 1),
  },
];

const checkLink = (data, at, ...content) =>
  link(
    "case",
    data.variant(at),
    {check: data.id(at), run: data.runs.length > 1 ? data.checks.run[at] : ""},
    ...content,
  );

/** Sorts places by a column: "K" ascending, "-K" descending. */
function sorted(places, data, sort) {
  const column = CHECK_COLUMNS.find((each) => each.name === sort.replace(/^-/, ""));
  if (!column) return places;
  const keys = new Map(places.map((at) => [at, column.key(data, at)]));
  const sign = sort.startsWith("-") ? -1 : 1;
  return [...places].sort((a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)];
    return x < y ? -sign : x > y ? sign : a - b;
  });
}

/** A table of checks of any length: rows are made as they come into sight. */
function checkTable(places, data, sort) {
  const widths = CHECK_COLUMNS.map((column) => column.width).join(" ");
  const head = h(
    "div",
    {role: "row", class: "head", "aria-rowindex": "1"},
    CHECK_COLUMNS.map((column) => {
      const now = sort.replace(/^-/, "") === column.name ? (sort.startsWith("-") ? "descending" : "ascending") : null;
      const next = now === "ascending" ? `-${column.name}` : column.name;
      return h(
        "div",
        {role: "columnheader", class: column.class, "aria-sort": now},
        h(
          "button",
          {type: "button", "data-keep": `sort-${column.name}`, onclick: () => change({sort: next})},
          column.name,
          now ? (now === "ascending" ? " ▲" : " ▼") : "",
        ),
      );
    }),
  );
  head.style.gridTemplateColumns = widths;
  const body = h("div", {class: "body", role: "rowgroup"});
  const frame = h(
    "div",
    {class: "virtual", role: "table", "aria-label": "Checks", "aria-rowcount": places.length + 1, tabindex: "0"},
    h("div", {role: "rowgroup"}, head),
    body,
  );
  const row = (item) => {
    const at = places[item.index];
    const made = h(
      "div",
      {role: "row", "aria-rowindex": item.index + 2},
      CHECK_COLUMNS.map((column) => {
        const cell = h("div", {role: "cell", class: column.class}, column.show(data, at));
        cell.title = cell.textContent; // a cell may be too narrow for it
        return cell;
      }),
    );
    made.style.gridTemplateColumns = widths;
    made.style.transform = `translateY(${item.start}px)`;
    return made;
  };
  virtual(frame, body, places.length, row);
  return frame;
}

/** Ties a frame to the virtual scroller. */
function virtual(frame, body, count, row) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  let drawn = "";
  const {Virtualizer, elementScroll, observeElementOffset, observeElementRect} = TanStackVirtual;
  const scroller = new Virtualizer({
    count,
    getScrollElement: () => frame,
    estimateSize: () => 2.2 * rem,
    overscan: 12,
    scrollToFn: elementScroll,
    observeElementOffset,
    observeElementRect,
    onChange: draw,
  });
  function draw() {
    const items = scroller.getVirtualItems();
    const range = items.length ? `${items[0].index}-${items[items.length - 1].index}` : "";
    body.style.height = `${scroller.getTotalSize()}px`;
    if (range === drawn) return;
    drawn = range;
    const focused = body.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    body.replaceChildren(...items.map(row));
    if (focused) body.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({preventScroll: true});
  }
  requestAnimationFrame(() => {
    scroller._didMount();
    scroller._willUpdate();
    draw();
  });
}
