"""The page in use: filters, switches, permalinks, keyboard, copying, colours."""

import pytest
from conformance.reports import html

pytestmark = pytest.mark.browser

FILTERED = "#/checks?q=is%3Aunexpected"
DARK_PAGE, LIGHT_PAGE = "rgb(20, 23, 27)", "rgb(251, 251, 250)"


def filled(page, text):
    page.get_by_role("searchbox").first.fill(text)
    page.get_by_role("searchbox").first.press("Enter")
    address = page.evaluate("location.hash")
    page.locator(f'html[data-shown="{address}"]').wait_for()


def count(page):
    """How many checks the list says it shows."""
    return int(page.locator(".status[role=status]").first.inner_text().split(" check")[0].replace("\u202f", ""))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("torch:diverges jax:conforms", lambda v, a, d: v == "bce-logits/saturated-negative"),
        ("verdict:crashes", lambda v, a, d: v == "softmax/huge" and a == "torch"),
        ("hangs", lambda v, a, d: v == "softmax/huge" and a == "jax"),
        ("flag:label-out", lambda v, a, d: v == "sparse-ce/label-out-of-range"),
        ("case:empty dtype:float16", lambda v, a, d: v == "bce-logits/empty-mean" and d == "float16"),
        ("case:empty -dtype:float16", lambda v, a, d: v == "bce-logits/empty-mean" and d != "float16"),
        ("crashes or hangs", lambda v, a, d: v == "softmax/huge" and a in ("torch", "jax")),
        ("not (adapter:torch or adapter:jax) flag:empty", lambda v, a, d: "empty" in v and "keras" in a),
        ("is:published", lambda v, a, d: v.startswith("documents/")),
        ("K>1e6 adapter:torch", lambda v, a, d: v == "bce-logits/saturated-negative" and a == "torch"),
        ('"out of range"', lambda v, a, d: False),
    ],
)  # fmt: skip
def test_a_filter_shows_what_it_says(opened, file, make, text, expected):
    page = opened(file + "#/checks")
    places = page.evaluate(
        """text => {
          const {data, parsed} = conformance, keep = parsed(text, data), found = [];
          for (let at = 0; at < data.count; at += 1) {
            const {adapter} = data.columnOf(at);
            found.push([keep(at), data.variant(at), adapter, data.word("dtype", at), data.checks.run[at]]);
          }
          return found;
        }""",
        text,
    )
    first = [
        place
        for place in places
        if place[4] == 1 and not (place[1].startswith("bce-logits/sat") and place[3] == "float64")
    ]
    assert [place for place in first if place[0] != expected(*place[1:4])] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("torch:(", "says nothing after its colon"),
        ("(crashes", "a closing bracket is missing"),
        ("crashes)", "closes nothing"),
        ("K>many", "'many' is no number"),
        ("is:nice", "'is:nice' is not known"),
        ("nobody:diverges", "nor an adapter of this report (jax, keras-tensorflow, tf-keras, torch)"),
        ("torch:strange", "'strange' is no verdict"),
        ("flag:nothing", "no case has a flag 'nothing'"),
        ('"open', "a quote is never closed"),
        ("or crashes", "a term is missing before 'or'"),
        ("verdict:nice", "verdict 'nice' does not occur"),
    ],
)
def test_a_fault_in_a_filter_is_said_and_hides_nothing(opened, file, text, said):
    page = opened(file + "#/checks")
    everything = count(page)
    filled(page, text)
    assert said in page.locator("#filter-fault").inner_text()
    assert count(page) == everything


def test_a_filter_stands_in_the_address_and_a_fresh_page_shows_the_same(opened, file):
    page = opened(file + "#/checks")
    filled(page, "verdict:diverges dtype:float16")
    shown = page.locator(".virtual .body").inner_text()
    again = opened(page.url)
    assert again.locator(".virtual .body").inner_text() == shown
    assert again.get_by_role("searchbox").input_value() == "verdict:diverges dtype:float16"


def test_sorting_stands_in_the_address(opened, arrived, file):
    page = opened(file + "#/checks?q=verdict%3Aconforms")
    page.get_by_role("button", name="K", exact=True).click()
    page.get_by_role("button", name="K ▲").click()
    arrived(page, "sort=-K")
    again = opened(page.url)
    again.locator(".virtual [role=cell].n").first.wait_for()
    shown = [float(cell.inner_text()) for cell in again.locator(".virtual .body [role=cell].n").all()[:10]]
    assert shown == sorted(shown, reverse=True)


def test_a_switch_of_the_matrix_stands_in_the_address(opened, arrived, file):
    page = opened(file + "#/matrix")
    page.get_by_label("dtype").select_option("float16")
    arrived(page, "dtype=float16")
    again = opened(page.url)
    assert again.get_by_label("dtype").input_value() == "float16"
    assert again.locator("#matrix table").inner_text() == page.locator("#matrix table").inner_text()


def test_going_back_shows_the_view_before(opened, file):
    page = opened(file + "#/matrix")
    page.get_by_role("link", name="softmax", exact=True).click()
    page.get_by_role("heading", name="softmax", exact=True).wait_for()
    page.go_back()
    page.locator("#matrix table").wait_for()
    assert page.title().startswith("Matrix")


def test_the_matrix_is_walked_by_arrow_keys(opened, file):
    page = opened(file + "#/matrix")
    page.locator("#matrix tbody tr:not(.family) th a").first.focus()
    before = page.evaluate("document.activeElement.closest('tr').rowIndex")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.className") == "cell"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") > before


def test_a_family_folds_by_keyboard_and_keeps_the_focus(opened, arrived, file):
    page = opened(file + "#/matrix")
    page.locator("#matrix button.fold").last.focus()
    page.keyboard.press("Enter")
    arrived(page, "fold=")
    folded = page.locator("#matrix button.fold").last
    assert folded.get_attribute("aria-expanded") == "false"
    assert folded.evaluate("button => button === document.activeElement")


def test_the_keyboard_reaches_a_check_from_the_top_of_the_page(opened, arrived, file):
    page = opened(file + FILTERED)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.body') !== null"):
            break
    page.keyboard.press("Enter")
    arrived(page, "#/case/")
    assert page.locator("#in-full").is_visible()


def test_the_header_row_stays_in_sight_while_the_matrix_scrolls(opened, make, tmp_path):
    checks = [make.check("a/b", f"operation_{n}", "torch", "call") for n in range(80)]
    path = tmp_path / "long.html"
    path.write_text(html.render([make.run_of(checks)]), "utf-8")
    page = opened(path.as_uri() + "#/matrix")
    frame = page.locator("#matrix .scroll")
    frame.evaluate("frame => frame.scrollTop = 1000")
    head = page.locator("#matrix thead th").first.bounding_box()
    assert abs(head["y"] - frame.bounding_box()["y"]) < 3


def test_a_script_is_copied(opened, file):
    page = opened(file + "#/checks?q=verdict%3Acrashes", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".virtual .body a").first.click()
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "conformance repro 'softmax/huge:torch/" in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize(("scheme", "ground"), [("dark", DARK_PAGE), ("light", LIGHT_PAGE)])
def test_colours_follow_the_system(opened, file, scheme, ground):
    page = opened(file, color_scheme=scheme)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground


def test_colours_can_be_chosen_against_the_system(opened, file):
    page = opened(file, color_scheme="light")
    page.get_by_label("Colours").select_option("dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == DARK_PAGE


def test_a_page_that_left_something_out_says_so_and_still_shows_what_deviates(opened, make, tmp_path):
    path = tmp_path / "small.html"
    path.write_text(html.render([make.rich_run()], limit=1), "utf-8")
    page = opened(path.as_uri() + "#/case/bce-logits/saturated-negative")
    assert page.get_by_text("some figures of checks that conform are left out").is_visible()
    assert page.get_by_text("not kept").first.is_visible()
    assert page.locator("#view tr", has_text="diverges").first.inner_text().count("2.06e-09") == 1


def test_paper_is_light_and_has_no_controls(opened, file):
    page = opened(file + "#/checks", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 33, 39)"
    assert not page.get_by_role("searchbox").is_visible()


def test_what_changed_can_be_narrowed(opened, arrived, file):
    page = opened(file + "#/changed")
    page.get_by_role("button", name="broken").click()
    arrived(page, "show=broken")
    assert page.locator(".page.now .cause").count() == 1
    page.get_by_role("link", name="all 1 check").click()
    arrived(page, "#/checks")
    assert page.locator(".virtual .body [role=row]").count() == 1


def test_hostile_text_stays_text_in_every_view(opened, go, make, tmp_path):
    hostile = "<img src=x onerror=alert(1)>\"'&amp;"
    check = make.check(
        hostile, hostile, "torch", hostile, verdict="rejects", expectation="unexpected", message=hostile, says=hostile,
        flags=(hostile,), outcome=hostile, right=hostile, warnings=(hostile,), record=hostile,
    )  # fmt: skip
    record = make.record(hostile, "torch", "rejects", hostile, hostile, hostile, 1, False)
    run = make.run_of([check], records=[record])
    run.flags = {hostile: {"why": hostile, "effect": hostile, "references": [hostile]}}
    path = tmp_path / "hostile.html"
    path.write_text(html.render([run]), "utf-8")
    page = opened(path.as_uri())
    links = set()
    for address in ("#/matrix", "#/edges", "#/checks", "#/divergences", "#/accuracy", "#/porting"):
        go(page, address)
        links |= {a.get_attribute("href") for a in page.locator(".page.now a").all()}
    for address in [link for link in links if link.startswith("#/")]:
        go(page, address)
        assert page.locator("img").count() == 0
