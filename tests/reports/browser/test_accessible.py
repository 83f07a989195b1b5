"""axe-core finds no violation of WCAG 2.2 A and AA on any page, light or dark."""

import pytest

from tests.reports.browser.test_pages import PAGES

pytestmark = pytest.mark.browser


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
