"""The HTML report in a real browser: Debian's Chromium, driven by Playwright."""

import re
import shutil

import pytest
from conformance.reports import html

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def file(make, tmp_path_factory):
    """The address of a report of two runs: everything that can happen, then a newer PyTorch that lost a tail."""
    old, new = make.rich_run(), make.rich_run()
    old.checks.append(make.right_tail(dtype="float64"))
    new.checks.append(make.tail(dtype="float64"))
    new.path = "new.jsonl"
    new.environments[0] = make.environment("torch", version="2.14.0")
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html.render([old, new]), "utf-8")
    return path.as_uri()


@pytest.fixture
def opened(browser, request):
    """Opens an address; at the end the console must be empty and nothing but the file loaded."""
    said, loaded = [], []

    def at(address, *, scripted=True, **settings):
        context = browser.new_context(java_script_enabled=scripted, **settings)
        request.addfinalizer(context.close)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda asked: loaded.append(asked.url))
        page.goto(address)
        if scripted:
            settled(page)
        return page

    yield at
    assert said == []
    assert [address for address in loaded if not address.startswith(("file:", "blob:"))] == []


def settled(page):
    """Waits until the page shows what its address says."""
    address = page.evaluate("location.hash || '#/'")
    page.locator(f'html[data-ready][data-shown="{address}"]').wait_for()


@pytest.fixture
def go():
    """Follows an address within a page, as a link would."""

    def to(page, address):
        page.evaluate("address => { location.hash = address }", address)
        settled(page)

    return to


@pytest.fixture
def arrived():
    """Waits until the address matches a pattern and the page shows it: the address changes before the page does."""

    def at(page, pattern):
        page.wait_for_url(re.compile(pattern))
        settled(page)

    return at
