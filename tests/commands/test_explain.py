"""`conformance explain` prints everything that a run file knows about one check."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from conformance.commands import cli
from conformance.errors import ConformanceError
from conformance.run_facts import WrittenCase
from conformance.run_file import (
    Agreement,
    Check,
    End,
    Environment,
    Header,
    PublishedDigits,
    Record,
    Run,
    Worst,
    write_all,
)  # fmt: skip

CHECK = Check(
    id="bce-logits/tail:torch/nn.functional.bce:float32:eager:cpu:value", case="bce-logits/tail",
    variant="bce-logits/tail", says="A confident true negative keeps its tiny loss.",
    operation="binary_cross_entropy_with_logits", adapter="torch", implementation="nn.functional.bce",
    dtype="float32", mode="eager", device="cpu", order="value", verdict="diverges", expectation="expected",
    flags=("tail",), record="torch/bce-logits-tail", outcome="[0]", right="[2.0611536e-09]",
    agreement=Agreement("C", 1.5e7, 1.5e7, 2.0, 2.06e-9, 1.0, float("inf")),
    worst=Worst("value", (0,), "0.0", "0x0.0p+0", "2.0611536181902037e-09", "0x1.1b48655f37268p-29", "1.9e-15",
                {"logits": "-20.0 (-0x1.4000000000000p+4)", "targets": "0.0 (0x0.0p+0)"}),
    published=PublishedDigits("2.06e-09", "0.00e+00", False, "a page"),
    inputs_digest="feed", digest="beef", bits="AAAAAA==", shape=(1,), seconds=0.00002,
    warnings=("UserWarning: odd",), message="below the last place of 1",
)  # fmt: skip
RUN = Run(
    "run.jsonl", Header("0.1.0", "c0ffee", "2026-01-01T00:00:00Z", {}, {}),
    [Environment("torch", "cpu", True, "torch", "2.13.0", {"python": "3.11"}, ("cpu",), {"TF32": False},
                 ({"name": "nn.functional.bce", "operation": "binary_cross_entropy_with_logits",
                   "call": "torch.nn.functional.bce", "contract": {"float32": {"log_floor": -100.0}},
                   "documented": "outputs are clamped"},))],
    [CHECK],
    [Record("torch/bce-logits-tail", "torch", "diverges", "1 + exp(-20) is 1.", "pytorch#1", ">=2.0", 1, True)],
    {"tail": {"why": "The right value is tiny.", "effect": "It becomes 0.", "references": ["Blanchard"]}},
    End("later", 1.0, 1, {}, {}, True),
)  # fmt: skip


@pytest.fixture
def path(tmp_path):
    write_all(tmp_path / "run.jsonl", RUN)
    return str(tmp_path / "run.jsonl")


def invoke(*arguments):
    result = CliRunner().invoke(cli, ["explain", *arguments])
    if isinstance(result.exception, ConformanceError):
        return result.exception.status, str(result.exception)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    "said",
    [
        "A confident true negative keeps its tiny loss.",
        "The right value is tiny.",
        "It becomes 0.",
        "torch.nn.functional.bce",
        "-20.0 (-0x1.4000000000000p+4)",
        "2.0611536181902037e-09 (0x1.1b48655f37268p-29)",
        "±1.9e-15",
        "1.5e+07, at most 16 is allowed",
        "log_floor",
        "outputs are clamped",
        "1 + exp(-20) is 1.",
        "pytorch#1",
        "UserWarning: odd",
        "torch 2.13.0, python 3.11",
        "TF32: False",
        "0.00e+00: does not agree",
        "a finite value outside the bound of both the mathematics and the declared contract",
    ],
)
def test_everything_is_said(path, said):
    status, output = invoke("tail", "--run", path)
    assert status == 0
    assert said in output


def test_json_has_the_documented_shape(path):
    status, output = invoke(CHECK.id, "--run", path, "--json")
    said = json.loads(output)
    assert status == 0
    assert set(said) == {"run", "check", "flags", "implementation", "contract", "record", "environment"}
    assert said["check"]["agreement"]["ulp"] == "inf"
    assert said["contract"] == {"log_floor": -100.0}
    assert said["record"]["upstream"] == "pytorch#1"


def test_an_unknown_check_ends_with_2(path):
    status, output = invoke("nothing-like-it", "--run", path)
    assert status == 2
    assert "holds no check like" in output


def test_a_check_whose_bits_vary_says_how_often_it_was_asked(tmp_path):
    run = replace(RUN, header=replace(RUN.header, repeat=5), checks=[replace(CHECK, varying=True, distinct=2)])
    write_all(tmp_path / "run.jsonl", run)
    _, output = invoke(CHECK.id, "--run", str(tmp_path / "run.jsonl"))
    assert "2 different results when asked 5 times; this is the first" in output


def test_the_case_file_and_its_line_are_said(tmp_path):
    place = WrittenCase(CHECK.case, CHECK.says, CHECK.operation, "cases/binary/logits.yaml", 17)
    write_all(tmp_path / "run.jsonl", replace(RUN, cases={CHECK.case: place}))
    assert "cases/binary/logits.yaml:17" in invoke(CHECK.id, "--run", str(tmp_path / "run.jsonl"))[1]
