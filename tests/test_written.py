"""Arrays are written as a case file writes them: what is written reads back as the same array."""

import pytest

from conformance import written
from conformance.array_nodes import Unshaped, array
from conformance.inputs import ArraySpec
from conformance.loading import load_cases
from conformance.node_fields import Reader
from conformance.yaml_nodes import parse


def read_back(text, labels):
    faults = []
    reader = Reader("written", faults)
    found = reader.attempt(array, parse(text.encode(), "written", faults), labels, reader)
    assert not faults
    return found.spec if isinstance(found, Unshaped) else found


def test_every_shipped_array_reads_back_as_itself():
    specs = [spec for case in load_cases() for spec in case.inputs.values()]
    texts = [(spec, written.array(spec)) for spec in specs]
    whole = [
        (spec, text) for spec, text in texts if not text.endswith("…") and not text.startswith("every combination")
    ]
    assert len(whole) > 4000
    for spec, text in whole:
        assert read_back(text, bool(spec.integer)) == spec


@pytest.mark.parametrize(
    ("value", "text"),
    [(20.0, "20"), (-0.0, "-0.0"), (1e-07, "1.0e-07"), (0.1, "0.1"), (float("-inf"), "-.inf"), (float("nan"), ".nan"),
     (True, "true"), (None, "null"), ((1, 2), "[1, 2]")],
)  # fmt: skip
def test_numbers_are_written_as_both_versions_of_yaml_read_them(value, text):
    assert written.number(value) == text


def test_a_long_literal_is_cut_and_says_so():
    text = written.array(ArraySpec("literal", [0.125] * 1000, (1000,), False))
    assert text.startswith("[0.125, 0.125")
    assert text.endswith(", …")
    assert len(text) <= written.LONGEST + 3


def test_an_array_of_a_grid_says_that_it_is_combined():
    spec = ArraySpec("grid", {"arrays": [ArraySpec("literal", [0.0, 1.0], (2,), False)], "position": 0}, (2,), False)
    assert written.array(spec) == "every combination of [0, 1]"
