"""`conformance accept` writes what a second run or gate then finds explained, once a person has said why."""

import datetime
from dataclasses import replace

import pytest
from click.testing import CliRunner

from conformance import run_file
from conformance.commands import cli
from conformance.errors import ConformanceError
from conformance.judge.divergence import Records
from conformance.judge.record_files import load_records
from conformance.loading import load
from conformance.policy import Where
from conformance.policy_file import read_policy
from conformance.run import Settings, execute
from conformance.run_file import Check, End, Environment, Header, Run, write_all
from conformance.selection import Selection

CASES = """
about: A sigmoid, for an adapter that does every wrong thing.
operation: sigmoid
cases:
  - {id: test/sigmoid, says: Ordinary numbers., inputs: {x: [-1.0, 0.0, 2.0]}, dtypes: [float32], orders: [0, 1]}
  - {id: test/refused, says: Must be refused., inputs: {x: [1.0]}, dtypes: [float32], outcome: raises}
"""
SELECTED = "right or wrong or nan or raises or aborts"


def invoke(*arguments):
    """(exit status, output) of `conformance ...`."""
    result = CliRunner().invoke(cli, list(map(str, arguments)))
    if isinstance(result.exception, ConformanceError):
        return result.exception.status, str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def misbehaved(tmp_path_factory, misbehaving):
    """Runs the adapter that does everything wrong, with records; the run file as read."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "cases.yaml").write_text(CASES)

    def run(name, records=()):
        path = folder / f"{name}.jsonl"
        selection = Selection(adapters=("misbehaving",), expression=SELECTED)
        with path.open("w") as file:
            execute(
                file, load([folder / "cases.yaml"]), [misbehaving], selection, Settings(), lambda _: Records(records)
            )
        return run_file.read(path)

    return run


@pytest.fixture(scope="module")
def first(misbehaved):
    """The run that knows no record."""
    return misbehaved("first")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_records_of_a_run_explain_all_of_the_next_one(misbehaved, first, here):
    assert {check.expectation for check in first.checks} == {"expected", "unexpected"}
    assert invoke("accept", first.path)[0] == 0
    records = load_records([here / "divergences"])
    assert {record.adapters for record in records} == {("misbehaving",)}
    again = misbehaved("again", records)
    assert {check.expectation for check in again.checks} == {"expected"}
    assert all(record.used for record in again.records)


def test_a_record_is_one_for_each_cause_and_names_what_was_seen(first, here):
    invoke("accept", first.path)
    by_id = {record.id: record for record in load_records([here / "divergences"])}
    accepts = by_id["misbehaving/sigmoid-accepts"]
    assert accepts.implementations == ("right", "wrong_shape", "wrong_dtype", "wrong_value", "nan")
    assert accepts.cases == ("test/refused",)
    assert accepts.why.startswith("TODO: test/refused:misbehaving/right:float32:eager:cpu:value gives")


def test_what_was_accepted_is_not_written_twice(first, here):
    path = first.path
    invoke("accept", path)
    before = (here / "divergences/misbehaving.yaml").read_text()
    assert "nothing is unexplained" in invoke("accept", path)[1]
    assert (here / "divergences/misbehaving.yaml").read_text() == before


def test_records_are_appended_to_what_a_file_holds(first, here):
    (here / "mine").mkdir()
    own = "# ours\n- {id: misbehaving/mine, implementations: [x], verdicts: [hangs], why: Slow., upstream: none found}"
    (here / "mine/misbehaving.yaml").write_text(own)
    invoke("accept", first.path, "-o", "mine")
    assert (here / "mine/misbehaving.yaml").read_text().startswith(own)
    assert load_records([here / "mine"])[0].id == "misbehaving/mine"


def test_an_unwritten_reason_is_refused_by_lint_and_run_with_its_place(first, here):
    invoke("accept", first.path)
    lines = (here / "divergences/misbehaving.yaml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("  why: "))
    for verb in (("lint", "divergences"), ("run", "-a", "published", "-O", "sigmoid", "--records", "divergences")):
        status, output = invoke(*verb)
        assert status == 2
        assert f"divergences/misbehaving.yaml:{line}:8: 'why' is still to be written" in output


RECORD = """\
- id: published/mine
  implementations: ["*"]
  operations: [binary_cross_entropy]
  cases: ["*"]
  orders: [value]
  verdicts: [hangs]
  why: It never does.
  upstream: none found
"""


def test_a_run_goes_by_records_of_ones_own(here):
    (here / "divergences").mkdir()
    (here / "divergences/published.yaml").write_text(RECORD)
    arguments = ("run", "-a", "published", "-O", "binary_cross_entropy", "--profile", "smoke", "-o", "run.jsonl")
    assert invoke(*arguments)[0] == 0
    status, output = invoke(*arguments, "--records", "divergences")
    assert status == 1
    assert "(record published/mine)" in output
    assert "published/mine" in {record.id for record in run_file.read("run.jsonl").records}


def test_an_id_of_a_shipped_record_is_refused(here):
    shipped = next(record.id for record in load_records() if record.id.startswith("published/"))
    (here / "published.yaml").write_text(RECORD.replace("published/mine", shipped))
    status, output = invoke("run", "-a", "published", "--records", "published.yaml")
    assert status == 2
    assert f"published.yaml:1: the id '{shipped}' is that of a record that is shipped" in output


CHECK = Check(
    id="bce/saturated:keras-torch/losses.X:float32:eager:cpu:value", case="bce/saturated", variant="bce/saturated",
    says="Certain and wrong.", operation="binary_cross_entropy", adapter="keras-torch", implementation="losses.X",
    dtype="float32", mode="eager", device="cpu", order="value", verdict="conforms", expectation="expected",
    flags=("saturated",), outcome="0.5", right="0.5", digest="a", shape=(),
)  # fmt: skip
BROKEN = replace(CHECK, verdict="diverges", outcome="0.7", digest="b")


@pytest.fixture
def pair(here):
    """Two run files between which a check broke."""
    for name, check, version in (("old", CHECK, "3.12.0"), ("new", BROKEN, "3.13.2")):
        environment = Environment("keras-torch", "cpu", True, framework="keras", version=version)
        header = Header("0.1.0", "c0ffee", "2026-01-01T00:00:00Z", {}, {})
        end = End("later", 1.0, 1, {}, {}, True)
        write_all(here / f"{name}.jsonl", Run(name, header, [environment], [check], end=end))
    return "old.jsonl", "new.jsonl"


def test_a_change_is_accepted_only_once_a_person_says_why(pair, here):
    assert invoke("gate", *pair)[0] == 1
    assert invoke("accept", *pair, "--days", "30")[0] == 0
    status, output = invoke("gate", *pair)
    assert status == 2
    policy = here / "conformance.toml"
    lines = policy.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("reason = "))
    assert output.startswith(f"conformance.toml:{line}:10: 'reason' is still to be written")
    policy.write_text(policy.read_text().replace("TODO: ", "We looked: "))
    status, output = invoke("gate", *pair)
    assert status == 0
    until = datetime.date.today() + datetime.timedelta(days=30)
    assert f"accepted until {until}: 1 check, We looked: binary_cross_entropy of saturated" in output


def test_an_entry_is_as_narrow_as_what_was_seen(pair, here):
    invoke("accept", *pair)
    (entry,) = read_policy(here / "conformance.toml", finished=False).accepted
    assert entry.reason.startswith("TODO: binary_cross_entropy of saturated")
    assert entry.where == Where(
        adapters=("keras-torch",), implementations=("losses.X",), operations=("binary_cross_entropy",),
        cases=("bce/saturated",), dtypes=("float32",), modes=("eager",), orders=("value",),
    )  # fmt: skip
    assert (entry.transition, entry.old, entry.new, entry.versions) == ("broken", ("0.5",), ("0.7",), "==3.13.2")


def test_entries_go_into_the_policy_that_is_there_and_keep_it(pair, here):
    (here / "pyproject.toml").write_text('[tool.conformance]\nfail = ["broken"] # ours\n')
    assert invoke("accept", *pair)[0] == 0
    assert (here / "pyproject.toml").read_text().startswith('[tool.conformance]\nfail = ["broken"] # ours\n')
    policy = read_policy(here / "pyproject.toml", finished=False)
    assert (policy.fail, len(policy.accepted)) == (("broken",), 1)
    assert "the gate is open: no entry is written" in invoke("accept", *pair)[1]


def test_a_policy_to_which_nothing_can_be_appended_is_left_alone(pair, here):
    (here / "conformance.toml").write_text("accepted = []\n")
    status, output = invoke("accept", *pair)
    assert status == 2
    assert "write it as [[accepted]] tables" in output
    assert (here / "conformance.toml").read_text() == "accepted = []\n"


def test_an_open_gate_needs_no_entry(pair, here):
    assert "no entry is written" in invoke("accept", "old.jsonl", "old.jsonl")[1]
    assert not (here / "conformance.toml").exists()


def test_three_runs_are_one_too_many(pair):
    assert invoke("accept", *pair, "old.jsonl")[0] == 2
