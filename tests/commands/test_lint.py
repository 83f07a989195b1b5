"""`conformance lint` says what is wrong and where, and counts what there is."""

import json

import pytest
from click.testing import CliRunner

from conformance.commands import cli
from conformance.errors import ConformanceError
from conformance.linting import implemented

CASES = """about: Cases of a test.
operation: softmax
flags: {tail: {why: a, effect: b}}
cases:
  - {id: a/b, says: It holds., flags: [tail], inputs: {x: [1.0]}, each: {axis: [0, -1]}}
"""
RECORDS = """- id: torch/softmax
  implementations: ["nn.functional.soft*"]
  operations: [softmax]
  cases: ["a/b[[]axis=0]"]
  verdicts: [diverges]
  why: It is so.
  upstream: none found
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with cases, an adapter as far as lint reads one, and its divergence record."""
    (tmp_path / "cases.yaml").write_text(CASES, "utf-8")
    (tmp_path / "adapters/divergences").mkdir(parents=True)
    (tmp_path / "adapters/divergences/torch.yaml").write_text(RECORDS.replace("[[]", "["), "utf-8")
    (tmp_path / "adapters/torch.py").write_text(
        '@table.implements("softmax", call="torch.nn.functional.softmax")\ndef softmax(x): ...\n', "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments):
    result = CliRunner().invoke(cli, ["lint", *map(str, arguments)])
    if isinstance(result.exception, ConformanceError):
        return result.exception.status, str(result.exception)
    return result.exit_code, result.output


def test_what_the_suite_ships_is_without_fault():
    status, output = invoke()
    assert status == 0, output
    assert "nothing is wrong" in output


def test_cases_and_records_are_told_apart_and_counted(folder):
    assert invoke(folder) == (0, "1 case (2 variants), 1 flag, 1 divergence record in 2 files: nothing is wrong\n")


def test_every_fault_of_cases_and_records_is_shown_with_status_2(folder):
    (folder / "cases.yaml").write_text(CASES.replace("says", "syas"), "utf-8")
    record = RECORDS.replace("[[]", "[").replace("It is so.", "TODO")
    (folder / "adapters/divergences/torch.yaml").write_text(record, "utf-8")
    status, output = invoke("cases.yaml", "adapters")
    assert status == 2
    assert "cases.yaml:5:15: unknown key 'syas' of a case\n" in output
    assert "adapters/divergences/torch.yaml:6:8: 'why' is still to be written\n" in output


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("soft*", "sotfmax", "2:21: no implementation of softmax matches 'nn.functional.sotfmax'\n"
                             "  expected one of: nn.functional.softmax\n  did you mean 'nn.functional.softmax'?"),
        ("[softmax]", "[sofmax]", "3:16: no operation matches 'sofmax'\n"),
        ("a/b[axis=0]", "a/b[axis=3]", "4:11: no case of softmax matches 'a/b[axis=3]'\n"),
        ("a/b[axis=0]", "a/b[[]axis=0]", "4:11: no case of softmax matches 'a/b[[]axis=0]'\n"
                                         "  write [ as it is: only * and ? have a meaning"),
        ("a/b[axis=0]", "a/c@1000", "4:11: no case of softmax matches 'a/c@1000'"),
        ("  verdicts", "  adapters: [troch]\n  verdicts", "5:14: no adapter matches 'troch'\n"),
    ],
)  # fmt: skip
def test_a_pattern_that_matches_nothing_is_a_fault(folder, old, new, fault):
    content = RECORDS.replace("[[]", "[").replace(old, new)
    (folder / "adapters/divergences/torch.yaml").write_text(content, "utf-8")
    status, output = invoke("cases.yaml", "adapters/divergences")
    assert status == 2
    assert output.startswith(f"adapters/divergences/torch.yaml:{fault}")


@pytest.mark.parametrize("pattern", ["*@10000000", "a/b@1000", "a/*@1?*"])
def test_a_record_may_be_about_a_case_as_it_is_timed(folder, pattern):
    content = RECORDS.replace("[[]", "[").replace("a/b[axis=0]", pattern)
    (folder / "adapters/divergences/torch.yaml").write_text(content, "utf-8")
    status, output = invoke("cases.yaml", "adapters/divergences")
    assert status == 0, output


def test_a_flag_that_no_case_has_is_remarked(folder):
    (folder / "flags.yaml").write_text("about: x\nflags: {lost: {why: a, effect: b}}\n", "utf-8")
    status, output = invoke("cases.yaml", "flags.yaml")
    assert status == 0
    assert output.endswith("explained, but used by no case: lost\n")


def test_json_has_the_same(folder):
    status, output = invoke("--json", folder)
    assert (status, json.loads(output)["faults"], json.loads(output)["variants"]) == (0, [], 2)
    (folder / "cases.yaml").write_text(CASES.replace("softmax", "sofmax"), "utf-8")
    status, output = invoke("--json", "cases.yaml")
    assert status == 2
    assert json.loads(output)["faults"] == [
        {"file": "cases.yaml", "line": 2, "column": 12, "message": "unknown operation 'sofmax'",
         "help": json.loads(output)["faults"][0]["help"]}
    ]  # fmt: skip


def test_calls_are_read_from_the_source_of_adapters(folder):
    (folder / "adapters/keras.py").write_text(
        '@implements("one_hot", name="other", call="keras.ops.one_hot")\ndef one_hot(labels): ...\n', "utf-8"
    )
    assert implemented(folder / "adapters") == {("softmax", "nn.functional.softmax"), ("one_hot", "other")}


def test_a_path_that_is_not_there_is_bad_usage(folder):
    status, output = invoke("nothing.yaml")
    assert (status, output) == (2, "nothing.yaml: no such file or directory")
