"""Faults planted into a copy of the torch adapter: each is seen by a check that was not written for it.

A fault is caught where some check of the faulty row is not as expected, and the same check of the row as it is, is.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance import run_file
from conformance.host import AdapterSpec
from conformance.judge.divergence import Records
from conformance.judge.record_files import load_records
from conformance.loading import load
from conformance.run import Settings, execute
from conformance.selection import Selection

pytestmark = pytest.mark.framework("torch")
HELPER = Path(__file__).parent / "helpers" / "mutants.py"
# What the catalogue has to see at the least.
PLANTED = [
    "swapped alpha and 1 - alpha", "mean over the rows instead of all entries", "half the gradient", "log(p + 1e-7)",
    "clip at 1e-6", "float32 accumulation of float64", "class axis 1 for -1", "ignored rows stay in the divisor",
    "label smoothing over C - 1", "reversed", "tie broken the other way", "nan becomes 0",
    "gamma times instead of to the power of gamma", "weights forgotten", "pos_weight on the negatives",
    "no second derivative", "class weights outside of the divisor", "computed in float32", "maximum not taken out",
    "logarithm of the softmax", "delta forgotten", "averaged over the other classes alone", "sign of the margin",
]  # fmt: skip


def known_of_faulty_rows(record):
    """The record, which also covers what is known of a row where a fault is planted in it."""
    patterns = [*record.implementations, *(f"{pattern}#*" for pattern in record.implementations)]
    return replace(record, implementations=tuple(patterns))


@pytest.fixture(scope="module")
def caught(tmp_path_factory):
    """fault -> ids of the checks that see it, without the name of the row."""
    path = tmp_path_factory.mktemp("run") / "mutants.jsonl"
    spec = AdapterSpec("torch", "mutants", HELPER)
    records = Records(known_of_faulty_rows(r) for r in load_records() if r.id.startswith("torch/"))
    selection = Selection(adapters=("torch",), modes=("eager",), profile="quick")
    with path.open("w") as file:
        execute(file, load(None), [spec], selection, Settings(), lambda _: records)
    seen, fine = {}, set()
    for check in run_file.read(path).checks:
        name, _, fault = check.implementation.partition("#")
        where = check.id.replace(f"/{check.implementation}:", f"/{name}:")
        if check.expectation == "expected":
            if not fault:
                fine.add(where)
        elif fault:
            seen.setdefault(fault, set()).add(where)
    return {fault: sorted(checks & fine) for fault, checks in seen.items()}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_caught(caught, fault):
    assert caught.get(fault), f"no check sees: {fault}"


def test_the_fraction_of_planted_faults_that_are_caught(caught, capsys):
    found = [fault for fault in PLANTED if caught.get(fault)]
    with capsys.disabled():
        print(f"\n{len(found)} of {len(PLANTED)} planted faults are caught")
        for fault in found:
            print(f"  {fault}: {len(caught[fault])} checks, {caught[fault][0]}")
    assert found == PLANTED
