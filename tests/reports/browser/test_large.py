"""A report of 50,000 checks is small enough, loads, filters, sorts and scrolls. What it costs: benchmarks/report.py."""

import importlib.util
from pathlib import Path

import pytest
from conformance.reports import html

pytestmark = pytest.mark.browser
MANY = Path(__file__).parents[3] / "benchmarks" / "many_checks.py"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("many_checks", MANY)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = tmp_path_factory.mktemp("large") / "report.html"
    path.write_text(html.render([module.many_checks(50_000)]), "utf-8")
    return path


def test_a_report_of_50000_checks_is_under_4_megabytes(large):
    assert large.stat().st_size < 4_000_000


def test_a_report_of_50000_checks_loads_filters_sorts_and_scrolls(opened, go, large):
    page = opened(large.as_uri() + "#/checks")
    assert page.locator(".status").first.inner_text() == "50\u202f000 checks of 50\u202f000"
    frame = page.locator(".virtual")
    assert frame.locator(".body [role=row]").count() < 100
    frame.evaluate("frame => { frame.scrollTop = frame.scrollHeight }")
    frame.locator('[aria-rowindex="50001"]').wait_for()
    go(page, "#/checks?q=verdict%3Adiverges+K%3E4&sort=-K")
    shown = [float(cell.inner_text()) for cell in page.locator(".virtual .body [role=cell].n").all()[:10]]
    assert shown == sorted(shown, reverse=True)
    assert min(shown) > 4
    go(page, "#/matrix?q=is%3Adifferent")
    assert page.locator("#matrix tbody tr:not(.family)").count() == 100
