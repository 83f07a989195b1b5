"""What the engine tells a report beside the checks, so that a report needs nothing but the run file."""

from conformance.loading import load, load_cases
from conformance.telling import place, written_case

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
    files = {place(case.file) for case in load().cases}
    assert "cases/binary/binary_cross_entropy.yaml" in files
    assert all(file.startswith("cases/") for file in files)
