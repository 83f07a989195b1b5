"""What the engine tells a report beside the checks, so that a report needs nothing but the run file."""

import pytest

from conformance.judge.record_files import load_records
from conformance.loading import load, load_cases, portable
from conformance.oracle.operation import OPERATIONS
from conformance.telling import definition, written_case, written_record

CASE = """about: A leaky rectifier.
operation: leaky_relu
cases:
  - id: test/softplus
    says: Two numbers.
    inputs: {x: [[-1.5, 2.0]]}
    each: {negative_slope: [0.1, 0.2]}
    cast: {x: float32}
"""


def test_a_case_says_where_it_stands_and_its_inputs_as_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "softplus.yaml").write_text(CASE)
    told = written_case(load_cases(["softplus.yaml"])[0])
    assert (told.file, told.line) == ("softplus.yaml", 4)
    assert told.inputs == {"x": "[[-1.5, 2]]"}
    assert told.shapes == {"x": (1, 2)}
    assert told.each == {"negative_slope": (0.1, 0.2)}
    assert told.cast == {"x": "float32"}


def test_a_shipped_case_stands_in_the_folder_cases_wherever_it_is_installed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {portable(case.file) for case in load().cases}
    assert "cases/binary/binary_cross_entropy.yaml" in files
    assert all(file.startswith("cases/") for file in files)


def test_a_definition_explains_its_symbols_in_the_words_of_its_inputs_and_parameters():
    told = definition(OPERATIONS["huber"], {"elements": 3, "value": 1.5, "gradient": 2.0})
    assert told.symbols[0] == ("p", "predictions", "any numbers, ±inf included")
    assert (r"\delta", "delta", "δ: where the square turns into a line") in told.symbols
    assert told.parameters["delta"]["default"] == 1.0
    assert (told.grade, told.gradient_grade) == ("A", "A")
    assert told.proven["value"] == 1.5
    assert [i["name"] for i in told.inputs] == ["predictions", "targets", "weights", "mask"]


RECORD = """
- id: torch/one
  implementations: ["nn.*"]
  dtypes: [float16]
  verdicts: [diverges]
  within: {k: 1.0e+4}
  holds: sometimes
  why: It is so.
  upstream: none found
"""


@pytest.fixture
def record(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "divergences").mkdir()
    (tmp_path / "divergences/torch.yaml").write_text(RECORD)
    return load_records(["divergences/torch.yaml"])[0]


def test_a_record_says_what_it_covers_how_far_it_goes_and_where_it_stands(record):
    told = written_record(record, "torch", 3, True)
    assert (told.file, told.line) == ("divergences/torch.yaml", 2)
    assert (told.holds, told.within) == ("sometimes", {"k": 1e4})
    assert (told.implementations, told.dtypes, told.cases) == (("nn.*",), ("float16",), ())
    assert (told.matched, told.used) == (3, True)


def test_a_shipped_record_stands_in_the_folder_adapters_wherever_it_is_installed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {written_record(r, "torch", 1, True).file for r in load_records()}
    assert "adapters/divergences/published.yaml" in files
    assert all(file.startswith("adapters/divergences/") for file in files)
