// The page starts: it reads its data, shows what the address says, and follows it.

const theme = document.getElementById("theme");

function paint(chosen) {
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  theme.value = chosen || "";
}

function remembered(value) {
  try {
    if (value === undefined) return localStorage.getItem("conformance-colours") || "";
    localStorage.setItem("conformance-colours", value);
  } catch {
    // A file from disk may have no storage: then the choice lasts as long as the page.
  }
  return value || "";
}

theme.addEventListener("change", () => {
  paint(theme.value);
  remembered(theme.value);
  dispatchEvent(new Event("colours"));
});
paint(remembered());
document.documentElement.classList.add("js");
// Without a script the address of a written page leads to its id; with one, the browser must not scroll there.
for (const section of document.querySelectorAll(".page[id^='/']")) {
  section.dataset.page = section.id.slice(1);
  section.removeAttribute("id");
}
show();
loaded().then((data) => {
  DATA = data;
  ready();
});

function ready() {
  // For the console: conformance.data, and conformance.parsed("torch:diverges", conformance.data).
  globalThis.conformance = {data: DATA, parsed};
  if (DATA.level > 0) {
    document
      .querySelector("footer")
      .append(
        h(
          "p",
          {class: "quiet"},
          "So that this file stays small, some figures of checks that conform are left out: ",
          h("code", {}, "conformance explain CHECK"),
          " shows them.",
        ),
      );
  }
  addEventListener("popstate", () => show());
  show();
  performance.mark("ready");
  document.documentElement.dataset.ready = "";
}
