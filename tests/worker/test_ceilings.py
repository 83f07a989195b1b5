"""What a machine can do at all is measured beyond its cache, however large that is."""

import pytest

from conformance.worker import timing
from tests.helpers.misbehaving import adapter


@pytest.mark.parametrize("cache", [1 << 10, 1 << 16])
def test_the_largest_copy_does_not_come_from_the_cache_whatever_the_host_allows(monkeypatch, cache):
    monkeypatch.setattr(timing, "_processor_cache", lambda: cache)
    sizes = 64, 1024  # numbers of float32: 256 bytes and 4 KiB
    timer = timing.Timer(adapter)
    head = {
        "step": "ceilings", "entries": sizes, "mode": "eager", "rounds": 2, "warm_up": 1000, "sample": 1000,
        "most_sets": 3,
    }  # fmt: skip
    answer, _ = timer.answer(head, [])
    assert answer["kind"] == "returned", answer
    assert [copy["bytes"] for copy in answer["copies"]] == [2 * 4 * size for size in sizes]
    assert [copy["beyond_cache"] for copy in answer["copies"]] == [False, True]
