"""A run judges each kind of misbehaviour rightly, loses nothing, and can be resumed."""

import io
import json

import pytest

from conformance import run_file
from conformance.errors import IncompleteError, UsageError
from conformance.judge.divergence import Records
from conformance.loading import load
from conformance.run import Settings, execute
from conformance.selection import Selection

CASES = """
about: A sigmoid, for an adapter that does every wrong thing.
operation: sigmoid
cases:
  - id: test/sigmoid
    says: Ordinary numbers.
    inputs: {x: [-1.0, 0.0, 2.0]}
    dtypes: [float32]
    orders: [0]
  - id: test/sigmoid-refused
    says: An input that must be refused.
    inputs: {x: [1.0]}
    dtypes: [float32]
    outcome: raises
"""


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    path = tmp_path_factory.mktemp("cases") / "sigmoid.yaml"
    path.write_text(CASES)
    return path


def run(path, cases, spec, *, done=frozenset(), mode="w", repeat=1, **selected):
    selection = Selection(adapters=(spec.name,), **selected)
    settings = Settings(deadline=2.0, done=done, repeat=repeat)
    with open(path, mode) as file:
        return execute(file, load([cases]), [spec], selection, settings, lambda _: Records([]))


@pytest.fixture(scope="module")
def checks(tmp_path_factory, cases, misbehaving):
    path = tmp_path_factory.mktemp("run") / "run.jsonl"
    run(path, cases, misbehaving, expression="not dies_once")
    return {(c.case, c.implementation): c for c in run_file.read(path).checks}


@pytest.mark.parametrize(
    ("implementation", "verdict"),
    [
        ("right", "conforms"),
        ("aborts", "crashes"),
        ("exits", "crashes"),
        ("killed", "crashes"),
        ("hangs", "hangs"),
        ("prints", "conforms"),
        ("wrong_shape", "misshapen"),
        ("wrong_dtype", "misshapen"),
        ("wrong_value", "diverges"),
        ("nan", "unstable"),
        ("raises", "rejects"),
        ("interrupts", "crashes"),
        ("warns", "conforms"),
        ("lacks", "unsupported"),
    ],
)
def test_each_misbehaviour_has_its_verdict_and_harms_no_other_check(checks, implementation, verdict):
    assert checks["test/sigmoid", implementation].verdict == verdict


@pytest.mark.parametrize(
    ("implementation", "verdict"), [("right", "accepts"), ("raises", "conforms"), ("nan", "accepts")]
)
def test_an_input_that_must_be_refused(checks, implementation, verdict):
    assert checks["test/sigmoid-refused", implementation].verdict == verdict


def test_what_no_record_covers_is_unexpected(checks):
    assert checks["test/sigmoid", "wrong_value"].expectation == "unexpected"
    assert checks["test/sigmoid", "right"].expectation == "expected"
    assert checks["test/sigmoid", "lacks"].expectation == "expected"


def test_the_worst_element_is_kept_in_decimal_and_hex(checks):
    worst = checks["test/sigmoid", "wrong_value"].worst
    assert float.fromhex(worst.got_hex) == float(worst.got)
    assert worst.inputs["x"].startswith(repr([-1.0, 0.0, 2.0][worst.index[0]]))


def test_a_second_run_gives_the_same_verdicts_and_digests(tmp_path, cases, misbehaving):
    found = []
    for name in ("first", "second"):
        run(tmp_path / name, cases, misbehaving, expression="right or wrong or nan")
        found.append({c.id: (c.verdict, c.digest, c.inputs_digest) for c in run_file.read(tmp_path / name).checks})
    assert found[0] == found[1]


def test_each_case_is_told_once_before_its_first_check(tmp_path, cases, misbehaving):
    path = tmp_path / "run.jsonl"
    run(path, cases, misbehaving, expression="right or wrong")
    kinds = [
        (c["kind"], c["id"] if c["kind"] == "case" else c.get("case"))
        for c in map(json.loads, path.read_text().splitlines())
    ]
    told = [name for kind, name in kinds if kind == "case"]
    assert sorted(told) == ["test/sigmoid", "test/sigmoid-refused"]
    for name in told:
        assert kinds.index(("case", name)) < kinds.index(("check", name))
    assert run_file.read(path).cases["test/sigmoid"].file.endswith("/sigmoid.yaml")


def test_a_run_without_an_end_is_incomplete_and_is_finished_by_resuming(tmp_path, cases, misbehaving):
    path = tmp_path / "run.jsonl"
    run(path, cases, misbehaving, expression="right or wrong")
    whole = run_file.read(path)
    lines = path.read_text().splitlines(keepends=True)
    kept = [line for line in lines if json.loads(line)["kind"] in ("run", "environment")]
    kept += [line for line in lines if json.loads(line)["kind"] == "check"][:2]
    path.write_text("".join(kept))
    with pytest.raises(IncompleteError, match="--resume"):
        run_file.read(path)
    done = frozenset(c.id for c in run_file.read(path, allow_incomplete=True).checks)
    assert len(done) == 2
    run(path, cases, misbehaving, expression="right or wrong", done=done, mode="a")
    again = run_file.read(path)
    assert {c.id: c.digest for c in again.checks} == {c.id: c.digest for c in whole.checks}
    assert len(again.checks) == len(whole.checks)
    assert again.end.checks == len(whole.checks)
    assert set(again.operations) == {"sigmoid"}


GRID = """
about: A grid.
operation: sigmoid
cases:
  - id: test/grid
    says: A range.
    inputs: {x: {linspace: [-8, 8, 101]}}
    dtypes: [float32]
    orders: [0]
"""


def test_a_grid_leaves_a_histogram_and_the_error_along_its_input(tmp_path, misbehaving):
    (tmp_path / "grid.yaml").write_text(GRID)
    path = tmp_path / "run.jsonl"
    run(path, tmp_path / "grid.yaml", misbehaving, expression="right or wrong_value")
    found = run_file.read(path)
    curves = {curve.call: curve for curve in found.curves}
    assert set(curves) == {"misbehaving/right", "misbehaving/wrong_value"}
    right, wrong = curves["misbehaving/right"], curves["misbehaving/wrong_value"]
    assert (right.operation, right.input, right.output, right.dtype) == ("sigmoid", "x", "value", "float32")
    assert list(right.x) == sorted(right.x)
    assert -8 <= right.x[0] < -7 < 7 < right.x[-1] <= 8
    assert max(right.ulp) <= 1
    assert min(wrong.ulp) > 1
    check = next(c for c in found.checks if c.implementation == "right")
    assert sum(check.ulps) == 101


def test_the_operations_that_were_asked_are_defined_once(tmp_path, cases, misbehaving):
    path = tmp_path / "run.jsonl"
    run(path, cases, misbehaving, expression="right")
    kinds = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["name"] for line in kinds if line["kind"] == "operation"] == ["sigmoid"]
    assert run_file.read(path).operations["sigmoid"].formula.startswith(r"\sigma(x)")


def test_a_last_line_that_a_kill_cut_off_counts_as_missing(tmp_path, cases, misbehaving):
    path = tmp_path / "run.jsonl"
    run(path, cases, misbehaving, expression="right")
    path.write_text(path.read_text().rsplit("\n", 2)[0][:-20])
    assert run_file.read(path, allow_incomplete=True).end is None


def test_a_file_that_is_no_run_is_refused_with_its_name(tmp_path):
    path = tmp_path / "other.jsonl"
    path.write_text('{"kind": "check"}\n')
    with pytest.raises(UsageError, match=r"other\.jsonl"):
        run_file.read(path)


def test_an_environment_that_does_not_start_is_said_and_counts_as_no_check(tmp_path, cases, misbehaving):
    file = io.StringIO()
    settings = Settings(pythons={"": "/no/such/python"})
    summary = execute(file, load([cases]), [misbehaving], Selection(), settings, lambda _: Records([]))
    assert summary.checks == 0
    assert "/no/such/python" in summary.not_started[0].reason
    lines = [json.loads(line) for line in file.getvalue().splitlines()]
    assert [line["started"] for line in lines if line["kind"] == "environment"] == [False]
    assert lines[-1]["complete"] is False


def test_a_check_whose_bits_vary_is_marked_and_no_other_is(tmp_path, cases, misbehaving):
    """Two calls differ by one bit here: the one that does so, and one that fails every other time."""
    path = tmp_path / "run.jsonl"
    summary = run(
        path, cases, misbehaving, repeat=3, expression="sigmoid: and (right or varies or fails_at_times or raises)"
    )
    found = {c.implementation: (c.varying, c.distinct) for c in run_file.read(path).checks}
    assert found == {"right": (False, 1), "varies": (True, 3), "fails_at_times": (True, 2), "raises": (False, 1)}
    assert summary.varying == {"misbehaving/varies": 1, "misbehaving/fails_at_times": 1}


def test_every_verdict_of_a_check_that_varies_is_kept(tmp_path, cases, misbehaving):
    path = tmp_path / "run.jsonl"
    run(path, cases, misbehaving, repeat=2, expression="sigmoid: and (right or varies or fails_at_times)")
    found = {c.implementation: c.varying_verdicts for c in run_file.read(path).checks}
    assert found == {"right": (), "varies": ("conforms",), "fails_at_times": ("conforms", "rejects")}


def test_the_first_answer_is_the_one_that_is_judged(tmp_path, cases, misbehaving):
    verdicts = []
    for repeat in (1, 3):
        path = tmp_path / f"{repeat}.jsonl"
        run(path, cases, misbehaving, repeat=repeat, expression="sigmoid: and (right or wrong or fails)")
        verdicts.append({c.id: (c.verdict, c.outcome) for c in run_file.read(path).checks})
    assert verdicts[0] == verdicts[1]


def test_what_crashes_or_hangs_is_not_asked_again(tmp_path, cases, misbehaving):
    """Each time would cost a new process or the whole deadline."""
    path = tmp_path / "run.jsonl"
    summary = run(path, cases, misbehaving, repeat=20, expression="sigmoid: and (hangs or aborts or right)")
    checks = {c.implementation: c for c in run_file.read(path).checks}
    assert {name: c.verdict for name, c in checks.items()} == {
        "right": "conforms", "aborts": "crashes", "hangs": "hangs",
    }  # fmt: skip
    assert not summary.varying


def test_without_repeat_nothing_is_said_to_vary(checks):
    assert not any(check.varying for check in checks.values())


def test_each_case_that_was_asked_stands_in_the_run_file_once_with_its_line(tmp_path, cases, misbehaving):
    path = tmp_path / "run.jsonl"
    run(path, cases, misbehaving, expression="right or wrong")
    kinds = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["id"], line["line"]) for line in kinds if line["kind"] == "case"] == [
        ("test/sigmoid", 5), ("test/sigmoid-refused", 10),
    ]  # fmt: skip
    places = run_file.read(path).cases
    assert (path.parent / places["test/sigmoid"].file).name == "sigmoid.yaml"


def test_a_run_file_of_an_older_version_has_no_places_and_is_read(tmp_path, cases, misbehaving):
    path = tmp_path / "run.jsonl"
    run(path, cases, misbehaving, expression="right")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    older = [{k: v for k, v in line.items() if k != "repeat"} for line in lines if line["kind"] != "case"]
    path.write_text("".join(json.dumps(line) + "\n" for line in older))
    read = run_file.read(path)
    assert (read.cases, read.header.repeat) == ({}, 1)
    assert read.complete
