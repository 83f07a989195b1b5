"""The HTML report in a real browser: Debian's Chromium, driven by Playwright."""

import shutil

import pytest
from conformance.reports import html

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def file(make, tmp_path_factory):
    new = make.run_of([make.tail()], environments=[make.environment("torch", version="2.14.0")], path="new.jsonl")
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html.render([make.rich_run(), new]), "utf-8")
    return path.as_uri()


@pytest.fixture
def opened(browser, request):
    """Opens an address; at the end the console must be empty and nothing but the file loaded."""
    said, loaded = [], []

    def at(address, **settings):
        context = browser.new_context(**settings)
        request.addfinalizer(context.close)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda asked: loaded.append(asked.url))
        page.goto(address)
        return page

    yield at
    assert said == []
    assert [address for address in loaded if not address.startswith("file:")] == []


def test_the_essentials_are_there_without_javascript(opened, file):
    page = opened(file, java_script_enabled=False)
    for said in ("What needs a person", "0 where 2.0611536e-09 is right", "crashes", "11.522857"):
        assert page.get_by_text(said).first.is_visible()


@pytest.mark.parametrize("width", [320, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_hangs_over_the_edge(opened, file, width, scheme):
    page = opened(file, viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_single_checks_are_shown_and_filtered_on_demand(opened, file):
    page = opened(file)
    section = page.locator("#op-softmax")
    section.get_by_role("button", name="Show all").click()
    section.get_by_role("searchbox").fill("signal crashes torch")
    assert section.get_by_role("status").inner_text() == "0 checks"
    section.get_by_role("searchbox").fill("crashes torch")
    assert section.get_by_role("status").inner_text() == "1 checks"
    section.locator(".listing td button").click()
    assert "signal 11 (SIGSEGV)" in section.locator(".listing .unfolded").inner_text()


def test_a_check_has_a_permanent_address(opened, file):
    page = opened(file + "#check=softmax%2Fhuge%3Ajax%2Fnn.softmax%3Afloat32%3Ajit%3Acpu%3Avalue")
    page.locator(".unfolded").wait_for()
    assert "no answer within 30 s" in page.locator(".unfolded").inner_text()


def test_one_run_can_be_chosen(opened, file):
    page = opened(file)
    column = page.locator("#matrix thead th").filter(has_text="jax")
    assert column.is_visible()
    page.get_by_label("Show").select_option("2")
    assert not column.is_visible()
    assert page.locator("#matrix thead th").filter(has_text="2.14.0").is_visible()


def test_a_family_folds_by_keyboard(opened, file):
    page = opened(file)
    row = page.locator("#matrix tbody").last.locator("tr").last
    page.locator("#matrix button.fold").last.focus()
    page.keyboard.press("Enter")
    assert not row.is_visible()
    page.keyboard.press("Enter")
    assert row.is_visible()


def test_the_header_row_stays_in_sight_while_a_table_scrolls(opened, make, tmp_path):
    checks = [make.check("a/b", f"operation_{n}", "torch", "call") for n in range(80)]
    path = tmp_path / "long.html"
    path.write_text(html.render([make.run_of(checks)]), "utf-8")
    page = opened(path.as_uri())
    frame = page.locator("#matrix .scroll")
    frame.evaluate("frame => frame.scrollTop = 1000")
    head = page.locator("#matrix thead th").first.bounding_box()
    assert abs(head["y"] - frame.bounding_box()["y"]) < 3
