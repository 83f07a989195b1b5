"""`conformance gate` says what changed and ends with the status that says how bad it is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.commands import cli
from conformance.errors import ConformanceError
from conformance.run_file import Check, End, Environment, Header, Record, Run, Worst, read, write_all

ROW = {
    "name": "losses.BinaryCrossentropy", "operation": "binary_cross_entropy",
    "inputs": ["probabilities", "targets"],
    "contract": {"float32": {"clip": [1e-7, 0.9999999]}},
}  # fmt: skip
BEFORE = Check(
    id="bce/saturated:tf-keras/losses.BinaryCrossentropy:float32:eager:cpu:value", case="bce/saturated",
    variant="bce/saturated", says="Certain and wrong.", operation="binary_cross_entropy", adapter="tf-keras",
    implementation="losses.BinaryCrossentropy", dtype="float32", mode="eager", device="cpu", order="value",
    verdict="documented", expectation="expected", flags=("saturated",), outcome="11.522857", right="inf",
    worst=Worst("value", (), "11.522857", "", "inf", "inf", "1e-06"), digest="a", shape=(),
)  # fmt: skip
AFTER = replace(
    BEFORE, id=BEFORE.id.replace("tf-keras", "keras-tensorflow"), adapter="keras-tensorflow",
    outcome="12.000716", digest="b", worst=Worst("value", (), "12.000716", "", "inf", "inf", "1e-06"),
)  # fmt: skip


@pytest.fixture
def write(tmp_path):
    """Writes a run file of some checks of one adapter and gives its path."""

    def written(name, *checks, started=True, contract=None, complete=True, end=True):
        environment = Environment(
            checks[0].adapter, "cpu", started, version="2.21", versions={"python": "3.11"},
            implementations=({**ROW, "contract": contract or ROW["contract"]},),
            reason="" if started else "no module",
        )  # fmt: skip
        path = tmp_path / f"{name}.jsonl"
        ended = End("later", 1.0, len(checks), {}, {}, complete) if end else None
        header = Header("0.1.0", "c0ffee", "2026-01-01T00:00:00Z", {}, {})
        write_all(path, Run(str(path), header, [environment], list(checks), end=ended))
        return str(path)

    return written


def invoke(*arguments):
    """(exit status, output) of `conformance gate ...`."""
    result = CliRunner().invoke(cli, ["gate", *arguments])
    if isinstance(result.exception, ConformanceError):
        return result.exception.status, str(result.exception)
    return result.exit_code, result.output


def test_equal_runs_open_the_gate(write):
    status, output = invoke(write("old", BEFORE), write("new", BEFORE))
    assert status == 0
    assert "1 check compared: 1 same" in output


def test_the_change_of_keras_3_is_named_in_words(write):
    old = write("old", BEFORE, contract={"float32": {"clip": [1e-7, 0.9999999], "shift": 1e-7}})
    status, output = invoke(old, write("new", AFTER), "--map", "tf-keras=keras-tensorflow")
    assert status == 1
    words = "binary_cross_entropy of saturated probabilities: 11.522857 became 12.000716; right: inf (both documented)"
    assert words in output


def test_the_oracle_stands_beside_old_and_new(write):
    old = write("old", BEFORE, contract={"float32": {"shift": 1e-7}})
    _, output = invoke(old, write("new", AFTER))
    assert ["11.522857", "12.000716", "inf", AFTER.id] in [line.split() for line in output.splitlines()]


def test_an_allowed_change_opens_the_gate(write):
    old = write("old", BEFORE, contract={"float32": {"shift": 1e-7}})
    assert invoke(old, write("new", AFTER), "--allow", "changed")[0] == 0
    assert invoke(old, write("new", AFTER), "--allow", "newly-unsupported,removed")[0] == 1


def test_a_regression_ends_with_1(write):
    broken = replace(BEFORE, verdict="diverges", outcome="3", digest="c")
    status, output = invoke(write("old", BEFORE), write("new", broken))
    assert status == 1
    assert "broken: 1 check" in output


def test_an_environment_that_did_not_start_is_said_and_ends_with_3(write):
    status, output = invoke(write("old", BEFORE), write("new", BEFORE, started=False))
    assert status == 3
    assert output.startswith("INCOMPLETE: candidate: tf-keras on cpu did not start: no module")


def test_a_run_without_an_end_ends_with_3(write):
    assert invoke(write("old", BEFORE), write("new", BEFORE, end=False))[0] == 3
    assert invoke(write("old", BEFORE, complete=False), write("new", BEFORE))[0] == 3


@pytest.mark.parametrize("options", [["--map", "nonsense"], ["--map", "a=b"], ["--allow", "sameness"], ["--nonsense"]])
def test_bad_usage_ends_with_2(write, options):
    assert invoke(write("old", BEFORE), write("new", BEFORE), *options)[0] == 2


def test_a_file_that_is_no_run_file_ends_with_2(write, tmp_path):
    (tmp_path / "other").write_text("hello\n")
    status, output = invoke(write("old", BEFORE), str(tmp_path / "other"))
    assert status == 2
    assert "not a line of a run file" in output


def test_json_has_the_documented_shape(write):
    old = write("old", BEFORE, contract={"float32": {"shift": 1e-7}})
    status, output = invoke(old, write("new", AFTER), "--json")
    said = json.loads(output)
    assert said["status"] == status == 1
    assert set(said) == {
        "baseline", "candidate", "mapping", "differences", "notes", "problems", "counts", "varying", "records",
        "policy", "causes", "timings", "status",
    }  # fmt: skip
    assert said["mapping"] == {"tf-keras": "keras-tensorflow"}
    assert said["counts"]["changed"] == 1
    (cause,) = said["causes"]
    assert cause["checks"] == [
        {
            "id": AFTER.id, "old_id": BEFORE.id, "old": "11.522857", "new": "12.000716", "right": "inf",
            "old_verdict": "documented", "new_verdict": "documented",
        }
    ]  # fmt: skip


def test_formats_are_written_beside_the_words(write, tmp_path):
    broken = replace(BEFORE, verdict="diverges", outcome="3", digest="c")
    files = {name: tmp_path / "out" / name for name in ("markdown", "junit", "github", "gitlab", "json")}
    outputs = [argument for name, path in files.items() for argument in ("-o", f"{name}={path}")]
    status, output = invoke(write("old", BEFORE), write("new", broken), *outputs)
    assert status == 1
    assert "The gate is closed: broken." in output
    beginnings = {name: path.read_text()[:12] for name, path in files.items()}
    assert beginnings == {
        "markdown": "# The gate i", "junit": "<testsuites ", "github": "::error titl", "gitlab": '[\n  {\n    "d',
        "json": '{\n  "baselin',
    }  # fmt: skip


def test_one_format_is_printed_in_place_of_words(write):
    status, output = invoke(write("old", BEFORE), write("new", BEFORE), "--format", "markdown")
    assert status == 0
    assert output.startswith("# The gate is open")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--format", "markdwon"], "unknown format of a gate 'markdwon'\n  expected one of: "),
        (["-o", "summary.md"], "-o summary.md: expected FORMAT=FILE, say markdown=summary.md"),
        (["-o", "markdown=/proc/no/such/place.md"], "/proc/no/such/place.md: cannot be written"),
    ],
)
def test_a_format_that_is_not_there_is_named(write, options, message):
    status, output = invoke(write("old", BEFORE), write("new", BEFORE), *options)
    assert status == 2
    assert message in output


@pytest.fixture
def broken(write, tmp_path, monkeypatch):
    """Two run files between which a check broke, below the working directory's parent."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    changed = replace(BEFORE, verdict="diverges", outcome="3", right="2", digest="c")
    return write("old", BEFORE), write("new", changed)


ACCEPTED = """
[[accepted]]
transition = "{}"
operations = ["binary_cross_entropy"]
reason = "We looked."
expires = {}
"""


def test_the_nearest_policy_is_found_and_named(broken, tmp_path):
    (tmp_path / "conformance.toml").write_text("fail = []\n")
    status, output = invoke(*broken)
    assert status == 0
    assert f"policy: {tmp_path}/conformance.toml" in output
    assert "allowed" in output


def test_a_policy_that_is_named_goes_before_the_nearest(broken, tmp_path):
    (tmp_path / "conformance.toml").write_text("fail = []\n")
    (tmp_path / "strict.toml").write_text("")
    assert invoke(*broken, "--policy", str(tmp_path / "strict.toml"))[0] == 1


def test_a_faulty_policy_ends_with_2_and_its_place(broken, tmp_path):
    (tmp_path / "project/conformance.toml").write_text('\nfail = ["broke"]\n')
    status, output = invoke(*broken)
    assert status == 2
    assert output.startswith("conformance.toml:2:9: unknown transition 'broke'")
    assert "did you mean 'broken'?" in output


def test_an_accepted_change_is_shown_with_its_reason_and_its_last_day(broken):
    Path("conformance.toml").write_text(ACCEPTED.format("broken", "2999-12-31"))
    status, output = invoke(*broken)
    assert status == 0
    assert "accepted until 2999-12-31: 1 check, We looked. (conformance.toml:2)" in output


def test_an_expired_entry_is_said_and_accepts_nothing(broken):
    Path("conformance.toml").write_text(ACCEPTED.format("broken", "2020-12-31"))
    status, output = invoke(*broken)
    assert status == 1
    assert "expired on 2020-12-31, accepts nothing more: conformance.toml:2: broken, We looked." in output


def test_an_unused_entry_closes_the_gate_with_its_place(broken):
    Path("conformance.toml").write_text(ACCEPTED.format("broken", "2999-12-31"))
    status, output = invoke(broken[0], broken[0])
    assert status == 1
    assert "unused, nothing changed in this way: conformance.toml:2: broken, We looked." in output
    assert "The gate is closed: unused entries of the policy." in output


def test_json_tells_what_the_policy_says(broken):
    entries = ACCEPTED.format("broken", "2999-12-31") + ACCEPTED.format("changed", "2020-12-31")
    Path("conformance.toml").write_text(entries)
    said = json.loads(invoke(*broken, "--json")[1])
    (cause,) = said["causes"]
    assert (cause["refused"], said["status"]) == (0, 1)
    assert cause["accepted"] == [
        {"place": "conformance.toml:2", "reason": "We looked.", "expires": "2999-12-31", "checks": 1}
    ]
    assert [entry["place"] for entry in said["policy"]["unused"]] == ["conformance.toml:8"]


def test_a_run_judged_by_an_unwritten_record_is_refused(write, tmp_path):
    record = Record("tf-keras/x", "tf-keras", "diverges", "TODO: look", "TODO", "", 1, True)
    path = write("old", BEFORE)
    run = read(path)
    write_all(path, replace(run, records=[record]))
    status, output = invoke(path, path)
    assert status == 2
    assert "the record 'tf-keras/x' is still to be written" in output


def test_varying_checks_are_counted_and_not_blamed(write):
    varied = replace(BEFORE, varying=True, outcome="11.6", digest="b", worst=replace(BEFORE.worst, got="11.6"))
    status, output = invoke(write("old", BEFORE, contract={"float32": {"shift": 1e-7}}), write("new", varied))
    assert status == 0
    assert "1 check compared: 1 same (1 varying, not blamed)" in output


def test_a_cause_is_told_with_its_calls_its_kind_of_inputs_and_its_known_reason(write):
    old, new = write("old", BEFORE), write("new", replace(BEFORE, verdict="diverges", digest="c", record="tf-keras/x"))
    run = read(new)
    record = Record("tf-keras/x", "tf-keras", "diverges", "It is clipped twice.", "keras-team/keras#1", "", 1, True)
    write_all(new, replace(run, records=[record], flags={"saturated": {"why": "The model is certain."}}))
    lines = [line.strip() for line in invoke(old, new)[1].splitlines()]
    assert "losses.BinaryCrossentropy on tf-keras: 1 check, float32, eager, value" in lines
    assert "saturated: The model is certain." in lines
    assert "on record: It is clipped twice. (record tf-keras/x, upstream: keras-team/keras#1)" in lines
