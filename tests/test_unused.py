"""A record that explains nothing of what it is about is unused, once all of that was asked, in any run."""

import io
import json

import pytest

from conformance.judge.divergence import Divergence, Records
from conformance.loading import load
from conformance.run import Settings, execute
from conformance.selection import Selection

CASES = """
about: A sigmoid.
operation: sigmoid
cases:
  - {id: test/ordinary, says: Ordinary numbers., inputs: {x: [-1.0, 0.0]}, dtypes: [float32], orders: [0]}
  - {id: test/large, says: Large numbers., inputs: {x: [-9.0, 9.0]}, dtypes: [float32, float64], orders: [0]}
"""


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    path = tmp_path_factory.mktemp("cases") / "sigmoid.yaml"
    path.write_text(CASES)
    return path


@pytest.fixture
def unused(cases, misbehaving):
    """Whether a record is found unused in a run of the implementations `right` and `wrong`, with a selection."""

    def run(expression, done=(), **where):
        record = Divergence("misbehaving/x", ("right", "wrong*"), ("hangs",), "why", "none", always=False, **where)
        file = io.StringIO()
        selection = Selection(adapters=("misbehaving",), expression=f"({expression}) and (right or wrong)")
        execute(
            file, load([cases]), [misbehaving], selection, Settings(done=frozenset(done)), lambda _: Records([record])
        )
        lines = [json.loads(line) for line in file.getvalue().splitlines()]
        return [not line["used"] for line in lines if line["kind"] == "record"]

    return run


def test_a_record_is_unused_where_all_that_it_covers_was_asked(unused):
    assert unused("ordinary", cases=("test/ordinary",)) == [True]
    assert unused("float64", dtypes=("float64",)) == [True]


def test_nobody_knows_where_some_of_what_it_covers_was_not_asked(unused):
    assert unused("ordinary") == [False]
    assert unused("float64", cases=("test/large",)) == [False]


def test_a_record_about_nothing_that_was_asked_is_not_in_the_run(unused):
    assert unused("ordinary", cases=("test/large",)) == []


def test_a_resumed_run_does_not_know_what_its_first_part_explained(unused):
    assert unused("ordinary", done=["another"], cases=("test/ordinary",)) == [False]
