"""Every page shows what it should from its address alone, on any screen, and shuts nobody out."""

import pytest

pytestmark = pytest.mark.browser

CASE = "#/case/bce-logits/saturated-negative"
TAIL = "bce-logits/saturated-negative:torch/nn.functional.binary_cross_entropy_with_logits:float32:eager:cpu:value"
# Address -> what stands there.
PAGES = {
    "#/": ["1 change of behaviour needs a decision", "What ran where", "torch 2.13.0"],
    "#/changed": ["torch 2.14.0", "broken", "2.06e-09", "oracle"],
    "#/changed/1": ["2.06e-09", "permalink to this change"],
    "#/matrix": ["sparse_softmax_cross_entropy", "Only differences"],
    "#/edges": ["saturated", "Confident logits have tiny losses."],
    "#/edges/saturated": ["The harm:", "100 (documented)", "A confident true negative keeps its tiny loss."],
    "#/published": ["11.522857", "= agrees", "≠ differs"],
    "#/checks": ["verdict", "environment"],
    "#/operation/binary_cross_entropy_with_logits": ["Error along the input", "The loss of a logit.", "Gradient"],
    CASE: ["A confident true negative keeps its tiny loss.", "cases/binary/logits.yaml:14", "oracle"],
    f"{CASE}?check={TAIL}": ["-20.0 (0xc1a00000)", "[2.0611516e-09, 2.0611556e-09]", "torch/bce-logits-tail"],
    "#/porting/binary_cross_entropy": ["In short", "What is named and set otherwise", "clip"],
    "#/accuracy": ["oracle's own error", "median"],
    "#/accuracy/softmax": ["K over the best peer's, median"],
    "#/divergences": ["It computes log1p(exp(-|x|)) of the wrong sign's tail.", "unused"],
    "#/divergences/1": ["Labels are not validated on the CPU."],
    "#/timing": ["hold no timing"],
    "#/history": ["run 1", "run 2"],
    "#/about": ["How this is judged", "The filter box", "uPlot"],
    "#/nowhere": ["Nothing is here"],
    "#/operation/nothing": ["This report holds no such operation."],
    "#/case/nothing": ["This report holds no such case."],
    "#/edges/nothing": ["No case of this run carries this flag."],
}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_opens_from_its_address(opened, file, address):
    page = opened(file + address)
    text = page.locator(".page.now").inner_text().replace("\u200b", "")
    assert [said for said in PAGES[address] if said not in text] == []
    assert page.locator("h1:visible").count() == 1


@pytest.mark.parametrize("address", ["#/", "#/matrix", "#/about", "#/checks"])
def test_a_page_begins_at_its_top(opened, file, address):
    page = opened(file + address, viewport={"width": 900, "height": 500})
    page.wait_for_timeout(200)  # the browser itself would scroll to an id after loading
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("width", [320, 1400])
def test_nothing_hangs_over_the_edge_of_any_page(opened, file, go, width):
    page = opened(file, viewport={"width": width, "height": 900})
    wide = []
    for address in PAGES:
        go(page, address)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(address)
    assert wide == []


def test_the_essentials_are_there_without_javascript(opened, file):
    page = opened(file, scripted=False)
    for said in (
        "1 change of behaviour needs a decision", "Deviations that nothing explains", "What ran where", "oracle",
        "Verdicts, the worst first", "binary_cross_entropy_with_logits",
    ):  # fmt: skip
        assert page.get_by_text(said).first.is_visible(), said


def test_a_formula_is_set_as_mathematics(opened, file):
    page = opened(file + "#/operation/binary_cross_entropy_with_logits")
    assert page.locator("math").first.evaluate("m => m.namespaceURI") == "http://www.w3.org/1998/Math/MathML"


def test_an_error_curve_is_drawn_with_one_line_for_each_implementation(opened, file):
    page = opened(file + "#/operation/binary_cross_entropy_with_logits")
    page.locator(".plot canvas").wait_for()
    assert page.locator(".u-legend .u-series").count() == 5  # the input, and two implementations in two runs


def test_one_check_shows_its_histogram_and_its_script(opened, file):
    page = opened(file + f"{CASE}?check={TAIL}")
    assert page.get_by_text("All elements by ULP error").is_visible()


def test_a_result_beyond_the_bound_is_drawn_outside_of_it(opened, file):
    page = opened(file + CASE)
    band = page.locator(".interval .bound").bounding_box()
    arrows = page.locator(".interval path.f-diverges").all()
    dots = page.locator(".interval circle.f-conforms").all()
    assert len(arrows) == 2  # PyTorch, in both runs
    assert len(dots) == 6
    assert all(not band["x"] < arrow.bounding_box()["x"] < band["x"] + band["width"] for arrow in arrows)
    assert all(band["x"] < dot.bounding_box()["x"] < band["x"] + band["width"] for dot in dots)


def test_a_footnote_of_the_matrix_leads_to_its_record(opened, arrived, file):
    page = opened(file + "#/matrix")
    page.locator("#matrix sup a").first.click()
    arrived(page, "#/divergences/")
    assert page.locator(".cause.target").is_visible()


def test_a_porting_guide_says_which_values_part(opened, arrived, file):
    address = "#/porting/binary_cross_entropy?from=torch+2.13.0/nn.functional.binary_cross_entropy"
    page = opened(file + address + "&to=tf-keras+2.21.0,+run+1/losses.BinaryCrossentropy")
    text = page.locator(".page.now").inner_text()
    assert "Value: not always the same" in text
    assert "16.11809 (documented)" in text or "16.11809" in text
    page.get_by_role("button", name="Swap").click()
    arrived(page, "from=tf-keras")


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()


WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Of dark pages colours alone differ.
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


@pytest.mark.parametrize(("scheme", "rules"), [("light", WCAG), ("dark", CONTRAST)], ids=["light", "dark"])
def test_axe_finds_no_violation_on_any_page(opened, file, go, axe, scheme, rules):
    page = opened(file, color_scheme=scheme)
    found = []
    for address in PAGES:
        go(page, address)
        for violation in axe.run(page, options=rules).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:2]]
            found.append(f"{address}: {violation['id']}: {violation['help']}: {nodes}")
    assert found == [], "\n".join(found)
