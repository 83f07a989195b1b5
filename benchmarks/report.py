"""What the HTML report costs: python benchmarks/report.py [CHECKS | RUN.jsonl …]

Prints how long a page takes to make, how large it is, and in headless Chromium how long it takes until it can be used,
to filter, to sort and to scroll. Without arguments a made-up run of 50,000 checks. Needs chromium and playwright.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from conformance.reports import html
from many_checks import many_checks
from playwright.sync_api import Page, sync_playwright

from conformance.run_file import Run, read

# Each is run in the page and answers in milliseconds when the new view is there.
STEPS = {
    "the matrix": "#/matrix",
    "the matrix, filtered": "#/matrix?q=is%3Adifferent+K%3E4",
    "the list of all checks": "#/checks",
    "the list, filtered": "#/checks?q=verdict%3Adiverges+or+%28K%3E4+dtype%3Afloat32%29",
    "the list, sorted by K": "#/checks?sort=-K",
    "accuracy": "#/accuracy",
    "edge cases": "#/edges",
}


def main(arguments: list[str]) -> None:
    """Measures what the arguments name."""
    count = int(arguments[0]) if arguments and arguments[0].isdigit() else 50_000
    runs = [many_checks(count)] if not arguments or arguments[0].isdigit() else [read(path) for path in arguments]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.html")
        _made(runs, path)
        _used(path)


def _made(runs: list[Run], path: Path) -> None:
    began = time.perf_counter()
    text = html.render(runs)
    took = time.perf_counter() - began
    path.write_text(text, "utf-8")
    checks = sum(len(run.checks) for run in runs)
    print(f"{checks:,} checks: made in {took:.1f} s, {path.stat().st_size / 1e6:.2f} MB")


def _used(path: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(path.as_uri())
        page.locator("html[data-ready]").wait_for()
        ready = page.evaluate("performance.getEntriesByName('ready')[0].startTime")
        painted = page.evaluate("performance.getEntriesByType('paint').map(entry => entry.startTime).at(-1) ?? NaN")
        print(f"{'written part is painted':28} {painted:7.0f} ms after the file is opened")
        print(f"{'all views can be used':28} {ready:7.0f} ms")
        for name, address in STEPS.items():
            print(f"{name:28} {_timed(page, address):7.0f} ms")
        print(f"{'scrolling to the end':28} {_scrolled(page):7.0f} ms")
        browser.close()


def _timed(page: Page, address: str) -> float:
    return page.evaluate(
        """async address => {
          const began = performance.now();
          location.hash = address;
          const frame = () => new Promise(done => requestAnimationFrame(done));
          while (document.documentElement.dataset.shown !== address) await frame();
          await frame();
          return performance.now() - began;
        }""",
        address,
    )


def _scrolled(page: Page) -> float:
    page.evaluate("location.hash = '#/checks'")
    page.locator(".virtual .body [role=row]").first.wait_for()
    return page.evaluate(
        """async () => {
          const frame = document.querySelector(".virtual"), began = performance.now();
          frame.scrollTop = frame.scrollHeight;
          const last = () => frame.querySelector(`[aria-rowindex="${frame.getAttribute("aria-rowcount")}"]`);
          while (!last()) await new Promise(done => requestAnimationFrame(done));
          return performance.now() - began;
        }"""
    )


if __name__ == "__main__":
    main(sys.argv[1:])
