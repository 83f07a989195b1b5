// What changed from one run to the next: causes, old beside new beside oracle.

// What a reader looks at when nothing is chosen; the other transitions are one press away.
const TELLING = ["broken", "changed", "newly unsupported", "removed", "fixed"];
const CAUSES_AT_ONCE = 40;

view("changed", "What changed", (data, part, query) => {
  if (!data.changes.length) return null;
  const change_ =
    data.changes.find((each) => String(each.candidate) === query.get("to")) || data.changes[data.changes.length - 1];
  const asked = change_.causes.find((cause) => String(cause.number) === part);
  const wanted = query.get("show") || (asked && !TELLING.includes(asked.transition) ? asked.transition : null);
  const words = (query.get("find") || "").toLowerCase();
  const shown = change_.causes.filter(
    (cause) =>
      (wanted ? wanted === "all" || cause.transition === wanted : TELLING.includes(cause.transition)) &&
      (!words || `${cause.words} ${cause.calls} ${cause.operations.join(" ")}`.toLowerCase().includes(words)),
  );
  const most = Math.max(Number(query.get("rows")) || CAUSES_AT_ONCE, shown.indexOf(asked) + 1);
  const folded = change_.causes.filter((cause) => !TELLING.includes(cause.transition));
  return [
    data.changes.length > 1
      ? h(
          "div",
          {class: "controls"},
          choice(
            "comparison",
            data.changes.map((each) => [
              String(each.candidate),
              `${runName(data, each.baseline)} → ${runName(data, each.candidate)}`,
            ]),
            String(change_.candidate),
            (to) => change({to}),
          ),
        )
      : null,
    changeHead(data, change_),
    h(
      "div",
      {class: "controls"},
      h("div", {class: "switches", role: "group", "aria-label": "Transitions"}, transitionButtons(change_, wanted)),
      findBox(query, "crossentropy, saturated, contract …"),
    ),
    h(
      "p",
      {class: "status", role: "status"},
      `${counted(shown.length, "cause")} shown`,
      !wanted && folded.length
        ? `; ${counted(folded.length, "more cause")} of other kinds (${[...new Set(folded.map((cause) => cause.transition))].join(", ")}) can be chosen above`
        : "",
      ".",
    ),
    shown.length
      ? h(
          "ol",
          {class: "causes"},
          shown.slice(0, most).map((cause) => causeItem(data, cause, cause === asked)),
        )
      : h(
          "p",
          {class: "empty"},
          wanted || words ? "No cause fits." : "Nothing changed that a gate would refuse or that is fixed.",
        ),
    shown.length > most
      ? h(
          "p",
          {},
          h(
            "button",
            {type: "button", "data-keep": "more", onclick: () => change({rows: most + 100}, true)},
            `Show ${grouped(Math.min(100, shown.length - most))} more of ${grouped(shown.length)}`,
          ),
        )
      : null,
  ];
});

/** "keras-torch 3.14.1, torch 2.13": the environments of a run, with its number. */
function runName(data, run) {
  const columns = data.columns.filter((column) => column.runs.includes(run));
  const names = columns.map((column) => column.name.replace(/, run \d+$/, ""));
  return `run ${run}: ${names.length > 2 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ") || data.runs[run - 1].path}`;
}

function changeHead(data, change_) {
  return h(
    "section",
    {class: "panel", "aria-label": "The comparison"},
    h(
      "p",
      {class: "title"},
      h("b", {}, runName(data, change_.baseline)),
      " → ",
      h("b", {}, runName(data, change_.candidate)),
    ),
    h(
      "p",
      {},
      `${counted(change_.compared, "check")} compared; ${grouped(change_.counts.same || 0)} gave the same.`,
      Object.keys(change_.mapping).length
        ? ` Compared with each other: ${Object.entries(change_.mapping)
            .map(([old, now]) => `${old} with ${now}`)
            .join(", ")}.`
        : "",
    ),
    h(
      "p",
      {},
      h("b", {}, change_.conclusion),
      change_.policy
        ? h("span", {class: "quiet"}, ` Policy: ${change_.policy}`)
        : h(
            "span",
            {class: "quiet"},
            " No policy was given: all that is broken, changed, newly unsupported or removed closes it.",
          ),
    ),
    change_.findings.map((finding) => h("p", {class: "problem"}, finding)),
    change_.problems.map((problem) => h("p", {class: "banner"}, problem)),
    change_.notes.map((note) => h("p", {class: "note"}, note)),
    change_.differences.length
      ? h(
          "details",
          {open: change_.differences.length <= 8},
          h(
            "summary",
            {},
            `${counted(change_.differences.length, "version or switch", "versions and switches")} differ`,
          ),
          h(
            "p",
            {},
            change_.differences.map((each) => [h("span", {class: "chip"}, each), " "]),
          ),
        )
      : null,
  );
}

function transitionButtons(change_, wanted) {
  const causes = new Map();
  for (const cause of change_.causes) causes.set(cause.transition, (causes.get(cause.transition) || 0) + 1);
  const button = (name, text) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String((wanted || "") === name),
        "data-keep": `show-${name}`,
        onclick: () => change({show: name, rows: ""}),
      },
      text,
    );
  return [
    button("", "What matters"),
    [...causes].map(([name, count]) =>
      button(name, [mark(TRANSITIONS.get(name).symbol), ` ${name} (${grouped(count)})`]),
    ),
    button("all", "All"),
  ];
}

function causeItem(data, cause, asked) {
  const sides = cause.examples.filter(([, old, now]) => old || now);
  const operations = cause.operations.slice(0, 6).map((name, at) => [at ? ", " : "", operationLink(name)]);
  return h(
    "li",
    {class: asked ? "cause target" : "cause", "data-scroll": asked ? true : null},
    h(
      "div",
      {class: "marks"},
      transitionMark(cause.transition),
      TELLING.slice(0, 4).includes(cause.transition) && !cause.refused ? h("span", {class: "chip"}, "allowed") : null,
    ),
    h(
      "div",
      {class: "what"},
      h(
        "p",
        {class: "title"},
        headline(cause.words),
        " ",
        link(
          "changed",
          String(cause.number),
          {to: whereabouts().query.get("to")},
          h("span", {class: "hidden"}, "permalink to this change"),
          h("span", {"aria-hidden": "true"}, "#"),
        ),
      ),
      h(
        "p",
        {class: "quiet"},
        breakable(cause.calls),
        " as ",
        operations,
        cause.operations.length > 6 ? ` and ${cause.operations.length - 6} more` : "",
        ` · ${cause.spread}`,
        " · ",
        link("checks", "", {q: `cause:${cause.number}`}, `all ${counted(cause.pairs.length, "check")}`),
      ),
      cause.reasons.map(([label, text]) => h("p", {}, h("span", {class: "quiet"}, `${label}: `), linked(text))),
      cause.records
        .slice(0, 2)
        .map((record) =>
          h(
            "p",
            {},
            h("span", {class: "quiet"}, "on record: "),
            recordLink(data, record),
            " ",
            linked(data.records[record - 1].why),
            h("span", {class: "quiet"}, " Upstream: "),
            linked(data.records[record - 1].upstream || "not stated"),
          ),
        ),
      sides.length && !["added", "removed"].includes(cause.transition)
        ? table(
            "sides",
            ["case", "old", "new", "oracle"],
            sides.map((example) => exampleRow(data, ...example)),
          )
        : null,
    ),
  );
}

/** A cause reads as a headline: what it is about in bold, then what happened. */
function headline(words) {
  const colon = words.indexOf(": ");
  return colon < 0 ? words : [h("b", {}, breakable(words.slice(0, colon + 1))), words.slice(colon + 1)];
}

function exampleRow(data, pair, old, now, right, place) {
  const at = pair[1] >= 0 ? pair[1] : pair[0];
  return [
    [
      checkLink(data, at, data.variant(at)),
      " ",
      h(
        "span",
        {class: "quiet"},
        `${data.word("order", at)}, ${data.word("dtype", at)}${place ? `, element ${place}` : ""}`,
      ),
    ],
    [pair[0] >= 0 ? sideMark(data, pair[0]) : null, old],
    [pair[1] >= 0 ? sideMark(data, pair[1]) : null, now],
    right,
  ];
}

const sideMark = (data, at) => [
  h("span", {class: "s", title: data.verdict(at)}, VERDICTS.get(data.verdict(at))?.symbol || ""),
  h("span", {class: "hidden"}, data.verdict(at)),
  " ",
];
