"""The timing page: times over size with their ceiling, and what changed between two runs beyond the noise."""

from dataclasses import replace

import pytest
from conformance.reports import html

from conformance.timing import Ceiling, Timing

pytestmark = pytest.mark.browser

ROW = "softmax@100000:torch/softmax:float32:eager:cpu:value"


def timings(factor=1.0):
    """Times of two calls at three sizes, forward and backward; the largest forward one of PyTorch takes `factor`."""
    for order in ("value", "gradient"):
        for call, base in (("torch/softmax", 2.0), ("jax/nn.softmax", 1.0)):
            for size in (1000, 10_000, 100_000):
                adapter, implementation = call.split("/")
                identity = f"softmax@{size}:{call}:float32:eager:cpu:{order}"
                median = base * size * (factor if identity == ROW else 1.0)
                samples = tuple(tuple(median * (1 + 0.001 * at) for at in range(-10, 11)) for _ in range(2))
                yield Timing(
                    id=identity, operation="softmax", adapter=adapter, implementation=implementation, dtype="float32",
                    mode="eager", device="cpu", order=order, size=size, case="softmax/rows", verdict="conforms",
                    samples=samples, median=median, low=median * 0.999, high=median * 1.001, band=0.02, first=1e6,
                    bytes=8 * size, bandwidth=8 / base, fraction=0.4 / base, slowdown=base, host_memory=4 * size,
                    launch_bound=size == 1000,
                )  # fmt: skip


CEILING = Ceiling("torch", "eager", "cpu", 20.0, ((1e6, 5e4),), 2000.0, 500.0, "host")


def wrong(expectation):
    """A row without a time, because its result is wrong."""
    says = "diverges: 1 where 2 is right"
    row = next(timings())
    return replace(
        row, id="wrong", implementation="wrong", verdict="diverges", median=0.0, reason=says, expectation=expectation
    )


@pytest.fixture(scope="module")
def address(make, tmp_path_factory):
    old, new = make.rich_run(), make.rich_run()
    new.path = "new.jsonl"
    for run, factor in ((old, 1.0), (new, 1.5)):
        run.timings = list(timings(factor))
        run.ceilings = [CEILING]
    old.timings.append(wrong("expected"))
    path = tmp_path_factory.mktemp("timing") / "report.html"
    path.write_text(html.render([old, new]), "utf-8")
    return path.as_uri()


def test_the_page_draws_times_over_size_with_the_ceiling_and_shows_every_figure(opened, address):
    page = opened(f"{address}#/timing/softmax?order=value")
    said = page.locator("main").inner_text()
    for expected in ("200 µs", "± 2 %", "bound by launching", "400 kB", "diverges: 1 where 2 is right"):
        assert expected in said, expected
    assert page.locator(".plot canvas").count() == 1
    legend = page.locator(".plot .u-legend").inner_text()
    assert "torch/softmax eager, run 1" in legend
    assert "ceiling" in legend


def test_the_answer_is_red_where_a_call_became_slower_than_the_policy_lets_pass(opened, address):
    answer = opened(address).locator(".answer")
    assert "bad" in answer.get_attribute("class")
    said = answer.inner_text().replace("\u200b", "")
    assert "Slower beyond noise and limit" in said
    assert f"200 µs became 300 µs, 1.50 times as long (noise 2%): {ROW}" in said


def test_forward_and_backward_are_chosen_in_the_address(opened, address):
    page = opened(f"{address}#/timing/softmax?order=gradient")
    assert page.locator("main table:visible").last.locator("tbody tr").count() == 12


def test_more_lines_than_can_be_told_apart_are_one_mode_at_first(opened, arrived, only_times):
    rows = [
        replace(row, id=f"{row.id}-{mode}-{n}", implementation=f"call{n}", mode=mode)
        for row in timings()
        for mode in ("eager", "graph")
        for n in range(10)
    ]
    page = opened(only_times(rows) + "#/timing/softmax")
    assert page.get_by_label("mode").input_value() == "eager"
    assert page.locator(".plot .u-series", has_text="graph").count() == 0
    page.get_by_label("mode").select_option("all")
    arrived(page, "mode=all")
    assert page.locator(".plot .u-series", has_text="graph").count() == 20
    page.get_by_label("adapter").select_option("jax")
    arrived(page, "adapter=jax")
    assert page.locator(".plot .u-series", has_text="torch").count() == 0
    assert page.locator(".plot .u-series", has_text="jax").count() == 20


def test_what_became_slower_is_named_with_its_noise_and_the_rest_is_counted(opened, address):
    page = opened(f"{address}#/timing")
    changes = page.locator("main table:visible").first.inner_text()
    assert ROW in changes.replace("\u200b", "")
    assert "slower (fail)" in changes
    assert "closes the gate" in changes
    assert page.locator("main table:visible").first.locator("tbody tr").count() == 1
    assert "11 same" in page.locator("main").inner_text()


@pytest.fixture
def only_times(make, tmp_path):
    """Writes a report of runs that hold no check, one for each list of timings, and gives its address."""

    def of(*lists):
        runs = []
        for number, rows in enumerate(lists, 1):
            environments = [make.environment("torch"), make.environment("jax")]
            run = make.run_of([], environments=environments, path=f"bench{number}.jsonl")
            run.timings, run.ceilings = list(rows), [CEILING]
            runs.append(run)
        path = tmp_path / "times.html"
        path.write_text(html.render(runs), "utf-8")
        return path.as_uri()

    return of


def test_a_file_of_timings_alone_says_so_and_leads_to_them(opened, only_times):
    page = opened(only_times(timings()))
    said = page.locator("main").inner_text()
    assert "No check was run: this file holds timings alone." in said
    assert "12 timings of softmax" in said
    assert "as expected" not in said
    assert page.locator("#pages a:visible").all_inner_texts() == ["Overview", "Timing", "About"]
    page.get_by_role("link", name="Times, with their noise and ceiling").click()
    page.locator(".plot canvas").wait_for()


def test_two_files_of_timings_alone_say_what_became_slower(opened, only_times):
    address = only_times(timings(), timings(1.5))
    assert "Run 1 to run 2: 11 same, 1 slower." in opened(address).locator("main").inner_text()
    assert "These run files hold no check." in opened(f"{address}#/changed").locator("main").inner_text()


def test_the_overview_of_checks_mentions_times(opened, address):
    said = opened(address).locator("main").inner_text()
    assert "24 timings of softmax, at 1\u202f000 to 100\u202f000 entries. 1 more row has none and says why." in said
    assert "1 slower" in said


def test_a_wrong_result_at_the_size_to_be_timed_needs_a_person(opened, only_times):
    said = opened(only_times([*timings(), wrong("unexpected")])).locator("section", has_text="What needs a person").last
    assert "torch/wrong as softmax" in said.inner_text()
    assert "diverges: 1 where 2 is right" in said.inner_text()


@pytest.mark.parametrize("page", ["#/", "#/timing", "#/changed"])
def test_axe_finds_no_violation_on_pages_of_timings(opened, only_times, page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()
    found = axe.run(opened(only_times(timings(), [*timings(1.5), wrong("unexpected")]) + page)).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:160]) for each in found] == []
