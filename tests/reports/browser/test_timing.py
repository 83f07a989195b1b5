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


@pytest.fixture(scope="module")
def address(make, tmp_path_factory):
    old, new = make.rich_run(), make.rich_run()
    new.path = "new.jsonl"
    for run, factor in ((old, 1.0), (new, 1.5)):
        run.timings = list(timings(factor))
        run.ceilings = [Ceiling("torch", "eager", "cpu", 20.0, ((1e6, 5e4),), 2000.0, 500.0, "host")]
    wrong = replace(
        old.timings[0], id="wrong", implementation="wrong", median=0.0, reason="diverges: 1 where 2 is right"
    )
    old.timings.append(wrong)
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


def test_forward_and_backward_are_chosen_in_the_address(opened, address):
    page = opened(f"{address}#/timing/softmax?order=gradient")
    assert page.locator("main table:visible").last.locator("tbody tr").count() == 12


def test_what_became_slower_is_named_with_its_noise_and_the_rest_is_counted(opened, address):
    page = opened(f"{address}#/timing")
    changes = page.locator("main table:visible").first.inner_text()
    assert ROW in changes.replace("\u200b", "")
    assert "slower (fail)" in changes
    assert page.locator("main table:visible").first.locator("tbody tr").count() == 1
    assert "11 same" in page.locator("main").inner_text()
