"use strict";
// The page reads without this script. It shows single checks on demand, chooses a run, and folds families.
// All text goes into the page as text (textContent), never as markup.
(() => {
  const PAGE = 200;
  const COLUMNS = ["case", "environment", "call", "dtype", "mode", "order", "verdict", "outcome", "right", "K"];
  const SYMBOLS = JSON.parse(document.getElementById("symbols").textContent);
  const unpacked = new Map();

  const make = (name, text = "", className = "") => {
    const element = document.createElement(name);
    if (text !== "") element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  const unpack = (slug) => {
    if (!unpacked.has(slug)) unpacked.set(slug, read(slug));
    return unpacked.get(slug);
  };

  const read = async (slug) => {
    const packed = document.getElementById("data-" + slug).textContent;
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const { texts, coded, ...plain } = JSON.parse(await new Response(stream).text());
    return plain.k.map((_, at) => {
      const check = {};
      for (const [name, values] of Object.entries(coded)) check[name] = texts[values[at]];
      for (const [name, values] of Object.entries(plain)) check[name] = values[at];
      check.right ??= check.outcome;
      check.id = `${check.variant}:${check.adapter}/${check.call}:${check.dtype}:${check.mode}:${check.device}:${check.order}`;
      return check;
    });
  };

  const details = (check) => {
    const list = make("dl", "", "facts");
    const facts = check.detail ? check.detail.split("\f") : [];
    for (const fact of [...facts, "check\n" + check.id]) {
      const cut = fact.indexOf("\n");
      list.append(make("dt", fact.slice(0, cut)), make("dd", fact.slice(cut + 1)));
    }
    return list;
  };

  const unfold = (line, check) => {
    const open = line.nextElementSibling?.classList.contains("unfolded");
    line.querySelector("button").setAttribute("aria-expanded", String(!open));
    if (open) return line.nextElementSibling.remove();
    const below = make("tr", "", "unfolded");
    const cell = make("td");
    cell.colSpan = COLUMNS.length;
    cell.append(details(check));
    below.append(cell);
    line.after(below);
    history.replaceState(null, "", "#check=" + encodeURIComponent(check.id));
  };

  const mark = (word, kind) => {
    const element = make("span", "", `${kind} ${kind}-${word.replace(/[^a-z]/g, "")}`);
    const symbol = make("span", SYMBOLS[word] ?? "", "s");
    symbol.setAttribute("aria-hidden", "true");
    element.append(symbol, " " + word);
    return element;
  };

  const lineOf = (check) => {
    const line = make("tr");
    const button = make("button", check.variant);
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => unfold(line, check));
    const first = make("td");
    first.append(button);
    const verdict = make("td");
    verdict.append(mark(check.verdict, "v"));
    if (check.expectation !== "expected") verdict.append(" ", mark(check.expectation, "e"));
    line.append(first, make("td", check.column), make("td", check.call, "name"), make("td", check.dtype),
      make("td", check.mode), make("td", check.order), verdict, make("td", check.outcome), make("td", check.right),
      make("td", check.k, "figure"));
    return line;
  };

  const listing = (checks, label) => {
    const box = make("div", "", "listing");
    const search = make("input");
    search.type = "search";
    search.placeholder = "words that a check must have: float16 gradient nan";
    search.setAttribute("aria-label", "Filter the checks of " + label);
    const said = make("p", "", "quiet");
    said.setAttribute("role", "status");
    const frame = make("div", "", "scroll tall");
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", "Checks of " + label);
    const table = make("table", "", "checks");
    const head = table.createTHead().insertRow();
    for (const name of COLUMNS) {
      const cell = make("th", name);
      cell.scope = "col";
      head.append(cell);
    }
    const body = table.createTBody();
    const more = make("button", "Show more");
    more.type = "button";
    let found = checks, shown = 0;
    const grow = () => {
      body.append(...found.slice(shown, shown + PAGE).map(lineOf));
      shown = Math.min(shown + PAGE, found.length);
      said.textContent = found.length === shown ? `${shown} checks` : `${shown} of ${found.length} checks`;
      more.hidden = shown === found.length;
    };
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      found = checks.filter((c) => {
        const text = `${c.id} ${c.column} ${c.verdict} ${c.expectation} ${c.outcome}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
      body.replaceChildren();
      shown = 0;
      grow();
    };
    search.addEventListener("input", filter);
    more.addEventListener("click", grow);
    frame.append(table);
    box.append(search, said, frame, more);
    grow();
    return box;
  };

  const show = async (button) => {
    const { operation, group } = button.dataset;
    const run = chosenRun();
    const place = button.parentElement;
    try {
      const checks = (await unpack(operation)).filter((c) => (!group || c.group === group) && (!run || String(c.run) === run));
      place.nextElementSibling?.classList.contains("listing") && place.nextElementSibling.remove();
      place.after(listing(checks, operation));
    } catch (error) {
      place.after(make("p", "This browser cannot unpack the checks (" + error + "); conformance explain shows each.", "quiet"));
    }
  };

  const chosenRun = () => document.getElementById("run")?.value ?? "";

  const chooseRun = () => {
    const run = chosenRun();
    for (const element of document.querySelectorAll("[data-runs]")) {
      element.hidden = run !== "" && !element.dataset.runs.split(" ").includes(run);
    }
  };

  const reveal = async () => {
    const address = decodeURIComponent(location.hash.slice(1));
    if (address.startsWith("check=")) return revealCheck(address.slice(6));
    if (/^run=\d+$/.test(address) && document.getElementById("run")) {
      document.getElementById("run").value = address.slice(4);
      return chooseRun();
    }
    open(document.getElementById(address));
  };

  const open = (target) => {
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };

  const revealCheck = async (id) => {
    for (const button of document.querySelectorAll('button.show[data-group=""]')) {
      const check = (await unpack(button.dataset.operation)).find((c) => c.id === id);
      if (!check) continue;
      const place = button.parentElement;
      place.after(listing([check], id));
      open(place);
      const first = place.nextElementSibling.querySelector("td button");
      first.click();
      first.focus();
      return;
    }
  };

  for (const element of document.querySelectorAll(".scripted")) element.hidden = false;
  for (const button of document.querySelectorAll("button.show")) button.addEventListener("click", () => show(button));
  for (const button of document.querySelectorAll("button.fold")) {
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") !== "true";
      button.setAttribute("aria-expanded", String(open));
      for (const row of button.closest("tbody").rows) if (!row.classList.contains("family")) row.hidden = !open;
    });
  }
  document.getElementById("run")?.addEventListener("change", (event) => {
    chooseRun();
    history.replaceState(null, "", event.target.value ? "#run=" + event.target.value : location.pathname);
  });
  window.addEventListener("hashchange", reveal);
  reveal();
})();
