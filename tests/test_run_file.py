"""A run file reads back as it was written; older and newer ones are read as far as they go."""

import json
import math

from conformance.run_facts import ULP_BOUNDS, Curve, Definition, Script, WrittenCase
from conformance.run_file import Agreement, Check, End, Environment, Header, Record, Run, line_of, read, write_all

CHECK = Check(
    "a/b:x/f:float32:eager:cpu:value", "a/b", "a/b", "A case.", "sigmoid", "x", "f", "float32", "eager", "cpu", "value",
    "unstable", "unexpected", agreement=Agreement("C", math.inf, math.inf, math.inf, math.inf, math.nan, math.inf),
    ulps=(2, 5, 0, 1),
)  # fmt: skip
CURVE = Curve(CHECK.id, "a/b", "sigmoid", "x/f", "float32", "value", "value", "x", (-1.5, 2), (0.5, math.inf), (0, 1))
WHOLE = Run(
    "run.jsonl",
    Header("0.1", "digest", "2026-01-01T00:00:00+00:00", {}, {}),
    [Environment("x", "cpu", True, implementations=({"name": "f", "arguments": {"x": "input"}},))],
    [CHECK],
    [Record("x/one", "x", "unstable", "It is.", "none found", ">=1", 1, True, "sometimes", {"k": 1e4}, line=7)],
    {"odd": {"why": "It is.", "effect": "It is odd.", "references": []}},
    End("2026-01-01T00:00:01+00:00", 1.0, 1, {"unstable": 1}, {"unexpected": 1}, True),
    {"a/b": WrittenCase("a/b", "A case.", "sigmoid", "cases/a.yaml", 3, {"x": "[1, 2]"}, outcome="value")},
    {"sigmoid": Definition("sigmoid", "primitives", r"\sigma(x)", limits=(0.0, math.inf))},
    [CURVE],
    {CHECK.id: Script(CHECK.id, "unexpected", "print(1)\n")},
)


def test_a_run_reads_back_as_it_was_written(tmp_path):
    write_all(tmp_path / "run.jsonl", WHOLE)
    again = read(tmp_path / "run.jsonl")
    assert again.cases == WHOLE.cases
    assert again.operations == WHOLE.operations
    assert again.curves == WHOLE.curves
    assert again.scripts == WHOLE.scripts
    assert again.records == WHOLE.records
    assert again.flags == WHOLE.flags
    assert again.environments == WHOLE.environments
    assert again.end == WHOLE.end
    assert line_of(again.checks[0]) == line_of(CHECK)


def test_a_second_writing_gives_the_same_bytes(tmp_path):
    write_all(tmp_path / "first.jsonl", WHOLE)
    write_all(tmp_path / "second.jsonl", read(tmp_path / "first.jsonl"))
    assert (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "second.jsonl").read_bytes()


def test_kinds_and_fields_that_are_not_known_are_passed_over(tmp_path):
    """A newer minor version may say more."""
    write_all(tmp_path / "run.jsonl", WHOLE)
    lines = (tmp_path / "run.jsonl").read_text().splitlines()
    newer = {**json.loads(lines[-2]), "mood": "cheerful"}
    lines[-2:] = [json.dumps(newer), json.dumps({"kind": "weather", "sky": "blue"}), lines[-1]]
    (tmp_path / "run.jsonl").write_text("\n".join(lines) + "\n")
    assert read(tmp_path / "run.jsonl").records == WHOLE.records


def test_a_file_from_before_these_lines_is_read_without_them(tmp_path):
    """What 0.1 wrote first: no cases, operations, curves and scripts, and records of eight fields."""
    write_all(tmp_path / "run.jsonl", WHOLE)
    old = []
    for line in map(json.loads, (tmp_path / "run.jsonl").read_text().splitlines()):
        if line["kind"] == "record":
            kept = ("kind", "id", "adapter", "verdict", "why", "upstream", "versions", "matched", "used")
            line = {name: line[name] for name in kept}
        if line["kind"] not in ("case", "operation", "curve", "script"):
            line.pop("ulps", None)
            old.append(json.dumps(line))
    (tmp_path / "old.jsonl").write_text("\n".join(old) + "\n")
    run = read(tmp_path / "old.jsonl")
    assert run.complete
    assert not run.cases
    assert not run.operations
    assert not run.curves
    assert not run.scripts
    assert run.records[0].holds == "always"
    assert run.checks[0].ulps is None


def test_the_buckets_of_a_histogram_rise_from_exact_over_correctly_rounded_to_a_million_ulp():
    assert ULP_BOUNDS[:4] == (0.0, 0.5, 1.0, 2.0)
    assert ULP_BOUNDS[-1] == 2.0**20
    assert list(ULP_BOUNDS) == sorted(ULP_BOUNDS)
