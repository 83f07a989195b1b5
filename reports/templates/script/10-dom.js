// Elements from values. Text is always text: nothing of a run file is parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element: h("a", {href: "#/", class: "x", onclick: f}, "text", child, [more]). null and false are left out. */
function h(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same in SVG. */
function s(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** 50 000 with a narrow space. */
const grouped = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const counted = (count, noun, plural) => `${grouped(count)} ${count === 1 ? noun : plural || noun + "s"}`;
/** Long names may break after a dot, a slash or an underscore. */
const breakable = (name) => String(name).replace(/([._/[,])(?=.)/g, "$1\u200b");
const slug = (text) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/** Three digits; what is no number ("nan", "inf") as it is; "" where nothing was measured. */
function number(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e4 || size < 1e-3)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e");
  return String(Number(value.toPrecision(3)));
}

/** A number of the data as a number: "inf" and "nan" are words there. */
const numeric = (value) => (value === "inf" ? Infinity : value === "-inf" ? -Infinity : value === "nan" ? NaN : value);

const REFERENCE = /\b([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)#(\d+)\b|https:\/\/[^\s<>"'`]+[^\s<>"'`.,;:)]/g;

/** Text with its references to GitHub and its addresses as links. */
function linked(text) {
  const pieces = [];
  let at = 0;
  for (const match of String(text).matchAll(REFERENCE)) {
    pieces.push(text.slice(at, match.index));
    const href = match[1] ? `https://github.com/${match[1]}/issues/${match[2]}` : match[0];
    pieces.push(h("a", {href, rel: "noreferrer"}, match[0]));
    at = match.index + match[0].length;
  }
  return [...pieces, String(text).slice(at)];
}

const VOCABULARY = JSON.parse(document.getElementById("vocabulary").textContent);
const byName = (list) => new Map(list.map(([name, symbol, meaning], rank) => [name, {name, symbol, meaning, rank}]));
const VERDICTS = byName(VOCABULARY.verdicts);
const EXPECTATIONS = byName(VOCABULARY.expectations);
const TRANSITIONS = byName(VOCABULARY.transitions);
/** 0 is the worst; a word that this page does not know counts as the worst. */
const severity = (verdict) => VERDICTS.get(verdict)?.rank ?? -1;

const mark = (symbol) => h("span", {class: "s", "aria-hidden": "true"}, symbol);
const verdictMark = (name, text) =>
  h(
    "span",
    {class: `v v-${slug(name)}`, title: VERDICTS.get(name)?.meaning},
    mark(VERDICTS.get(name)?.symbol || ""),
    " ",
    text || name,
  );
const transitionMark = (name, text) =>
  h(
    "span",
    {class: `v c-${slug(name)}`, title: TRANSITIONS.get(name)?.meaning},
    mark(TRANSITIONS.get(name)?.symbol || ""),
    " ",
    text || name,
  );
const expectationMark = (name) =>
  name === "expected"
    ? null
    : h(
        "span",
        {class: `e e-${slug(name)}`, title: EXPECTATIONS.get(name)?.meaning},
        mark(EXPECTATIONS.get(name)?.symbol || ""),
        " ",
        name,
      );

/** A table in a frame of its own that scrolls. */
function framed(label, table, tall) {
  return h("div", {class: tall ? "scroll tall" : "scroll", role: "region", "aria-label": label, tabindex: "0"}, table);
}

/** A plain table of rows of cells; a cell is a text, an element, or {class, content}. The first cell heads its row. */
function table(kind, heads, rows) {
  const cell = (content, first) => {
    const made =
      content !== null && typeof content === "object" && !(content instanceof Node) && !Array.isArray(content)
        ? content
        : {content};
    return h(first ? "th" : "td", {scope: first ? "row" : null, class: made.class}, made.content);
  };
  return h(
    "table",
    {class: kind},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        heads.map((head) => h("th", {scope: "col"}, head)),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map((row) =>
        h(
          "tr",
          {},
          row.map((content, at) => cell(content, at === 0)),
        ),
      ),
    ),
  );
}

/** A choice: options are texts or [value, text]. */
function choice(label, options, value, onchange) {
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  return h(
    "label",
    {},
    label,
    h(
      "select",
      {onchange: (event) => onchange(event.target.value)},
      pairs.map(([key, text]) => h("option", {value: key, selected: key === value}, text)),
    ),
  );
}

/** A list of definitions: [label, content]; those without content are left out. */
function facts(pairs, kind) {
  const said = pairs.filter(
    ([, content]) => content !== null && content !== undefined && content !== "" && content !== false,
  );
  return h(
    "dl",
    {class: kind || "facts"},
    said.map(([label, content]) => [h("dt", {}, label), h("dd", {}, content)]),
  );
}

/** A formula of the data, [MathML, LaTeX]. The report's maker has let through mathematics only. */
function formula([mathml, latex]) {
  if (!mathml) return h("code", {}, latex);
  const parsed = new DOMParser().parseFromString(mathml, "text/html").body.firstElementChild;
  return parsed ? document.adoptNode(parsed) : h("code", {}, latex);
}

/** Copies a text, and says so on the button. */
function copyButton(text) {
  const button = h("button", {type: "button", class: "copy"}, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Where a file from disk may not use the clipboard, the old way still works.
      const area = h("textarea", {"aria-hidden": "true", class: "hidden"});
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = "Copied";
  });
  return button;
}

/** A script to copy. */
const scriptBlock = (text) => h("div", {class: "script"}, copyButton(text), h("pre", {tabindex: "0"}, text));
