"""Timings in words: what there is to compute and to move, and how fast that was."""

from conformance.bench.text import HEADER, rows, title
from conformance.timing import Timing


def timing(**more):
    return Timing(
        **{
            "id": "sigmoid@1000:a/b:float32:eager:cpu:value", "operation": "sigmoid", "adapter": "a",
            "implementation": "b", "dtype": "float32", "mode": "eager", "device": "cpu", "order": "value",
            "size": 1000, "case": "sigmoid/random", "verdict": "conforms", "median": 500.0, "low": 490.0,
            "high": 510.0, "first": 1000.0, "bytes": 8000, "operations": 3000, "bandwidth": 16.0, "fraction": 0.5,
            "slowdown": 1.0, **more,
        }
    )  # fmt: skip


def test_a_title_says_the_operations_for_each_byte():
    """3,000 operations and 8,000 bytes."""
    assert title(timing()) == (
        "sigmoid, forward, 1,000 entries of float32 on cpu, at least 8 kB to move, 0.38 operations a byte"
    )
    assert title(timing(operations=None)).endswith("at least 8 kB to move")


def test_a_row_says_how_many_operations_a_second():
    """3,000 operations in 500 ns are 6 of them in a nanosecond."""
    (row,) = rows([timing()])
    assert dict(zip(HEADER, row, strict=True))["Gop/s"] == "6"
    assert (timing().throughput, timing().intensity) == (6.0, 0.375)


def test_what_is_not_known_is_left_out():
    (row,) = rows([timing(operations=None)])
    assert dict(zip(HEADER, row, strict=True))["Gop/s"] == ""
    assert (timing(median=0.0).throughput, timing(bytes=0).intensity) == (None, None)
