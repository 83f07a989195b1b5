// The state of the page stands in its address: #/page/part?name=value. Every view has a permalink.

/** {page, part, query} of the address. */
function whereabouts() {
  const text = location.hash.replace(/^#\/?/, "");
  const [path, query] = [text.split("?")[0], text.split("?").slice(1).join("?")];
  const [page, ...rest] = path.split("/");
  return {page: page || "", part: decoded(rest.join("/")), query: new URLSearchParams(query)};
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a view; values that are empty are left out. */
function address(page, part, values) {
  const query = new URLSearchParams(
    Object.entries(values || {}).filter(
      ([, value]) => value !== "" && value !== null && value !== undefined && value !== false,
    ),
  );
  const path = part
    ? `${page}/${encodeURIComponent(part).replace(/%2F/g, "/").replace(/%5B/g, "[").replace(/%5D/g, "]").replace(/%3D/g, "=").replace(/%2C/g, ",")}`
    : page;
  return `#/${path}${query.size ? "?" + query : ""}`;
}

const link = (page, part, values, ...children) => h("a", {href: address(page, part, values)}, ...children);
const operationLink = (name) => link("operation", name, {}, name);

/** Changes some values of this view. `quietly` replaces the address, so that typing does not fill the history. */
function change(values, quietly) {
  const {page, part, query} = whereabouts();
  const merged = {...Object.fromEntries(query), ...values};
  const next = address(page, part, merged);
  if (next === location.hash) return;
  if (quietly) history.replaceState(null, "", next);
  else history.pushState(null, "", next);
  show({keepScroll: true});
}

const VIEWS = new Map();
/** Announces a page: a function of (data, part, query) that gives its elements, or a promise of them. */
function view(name, title, made) {
  VIEWS.set(name, {title, made});
}

let DATA = null;
let shown = "";
let turn = 0;

/** Shows what the address says. */
async function show({keepScroll = false} = {}) {
  const {page, part, query} = whereabouts();
  const section = (name) => document.querySelector(`[data-page="${CSS.escape(name)}"]`);
  const wanted = VIEWS.has(page) || section(page) ? page : "lost";
  const known = VIEWS.get(wanted);
  const written = section(wanted);
  const mine = (turn += 1);
  const focused = keepScroll ? focusedPlace() : null;
  let target = written;
  if (known && !DATA && !written) {
    target = document.getElementById("view");
    target.replaceChildren(h("p", {class: "status", role: "status"}, "Reading the checks …"));
  } else if (known && DATA) {
    const holder = written ? written.querySelector(".static") || written : document.getElementById("view");
    target = written || holder;
    let content;
    try {
      content = await known.made(DATA, part, query);
    } catch (error) {
      content = [h("h1", {}, "This view failed"), h("p", {class: "problem"}, String(error))];
      setTimeout(() => {
        throw error;
      });
    }
    if (mine !== turn) return;
    if (content) holder.replaceChildren(...[content].flat(Infinity).filter(Boolean));
  }
  for (const each of document.querySelectorAll(".page")) each.classList.toggle("now", each === target);
  for (const each of document.querySelectorAll("#pages a")) {
    const to = each.getAttribute("href").replace(/^#\/?/, "");
    const current = to === page || {operation: "matrix", case: "checks", published: "edges"}[page] === to;
    if (current) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  const title =
    (known && (typeof known.title === "function" ? known.title(part) : known.title)) ||
    target.querySelector("h1")?.textContent ||
    "Overview";
  document.title = `${title} · Conformance report`;
  const here = `${page}/${part}`;
  if (!keepScroll && here !== shown) {
    scrollTo(0, 0);
    if (shown !== "") document.getElementById("main").focus({preventScroll: true});
  }
  shown = here;
  if (focused) focused();
  for (const after of target.querySelectorAll("[data-scroll]")) after.scrollIntoView({block: "center"});
  document.documentElement.dataset.shown = location.hash || "#/";
}

/** Where the keyboard was, so that a view that is made anew leaves it there: by the label of the control. */
function focusedPlace() {
  const element = document.activeElement;
  const name = element?.dataset?.keep;
  if (!name) return null;
  const place = element.selectionStart;
  return () => {
    const again = document.querySelector(`[data-keep="${CSS.escape(name)}"]`);
    if (!again || again === document.activeElement) return;
    again.focus({preventScroll: true});
    if (typeof place === "number" && again.setSelectionRange) again.setSelectionRange(place, place);
  };
}
