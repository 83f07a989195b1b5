"""`conformance bench` from the outside: its statuses, what it prints, what it leaves behind, and who can read that."""

import json
import subprocess
import sys

import pytest

from conformance import run_file
from conformance.bench.exports import parse
from conformance.errors import UsageError

SHORT = ("--size", "1000", "--rounds", "6", "--seconds", "0.1")


def conformance(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-c", "from conformance.commands import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        **more,
    )


@pytest.fixture(scope="module")
def benched(tmp_path_factory):
    """One small bench, with all that it can leave behind."""
    folder = tmp_path_factory.mktemp("bench")
    done = conformance(
        "bench", "-a", "published", "-O", "softmax_cross_entropy", "-O", "sigmoid_focal_loss", *SHORT,
        "-o", folder / "bench.jsonl", "--export", f"pytest-benchmark={folder / 'pb.json'}",
        "--export", f"github-action-benchmark={folder / 'gh.json'}",
    )  # fmt: skip
    return done, folder


def test_it_prints_a_table_for_each_group_and_the_ceilings_before(benched):
    done, _ = benched
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "5 calls in 4 groups; what the machine reaches is measured first"
    assert lines[1].split()[:5] == ["adapter", "mode", "device", "copy", "cheapest"]
    title = "softmax_cross_entropy, forward, 1,000 entries of float32 on cpu"
    header = lines[lines.index(f"{title}, at least 8 kB to move, 0.65 operations a byte") + 1].split()
    assert header[:3] == ["call", "mode", "median"]
    assert "softmax_cross_entropy, forward and backward, 1,000 entries" in done.stdout


def test_a_log_says_how_far_the_first_lap_is(benched):
    done, _ = benched
    assert done.stderr.splitlines()[-1] == "first of two laps: 4 of 4 groups"


def test_a_wrong_formula_has_no_time_and_the_record_that_knows_it_is_named(benched):
    done, folder = benched
    assert "no time: published/binary_multiclass_loss.focal_loss_sigmoid: diverges (record " in done.stdout
    focal = [t for t in run_file.read(folder / "bench.jsonl").timings if t.operation == "sigmoid_focal_loss"]
    assert {t.timed for t in focal} == {False}


def test_pytest_benchmarks_own_loader_and_table_read_the_export(benched):
    _, folder = benched
    command = [sys.executable, "-m", "pytest_benchmark", "compare", str(folder / "pb.json")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "benchmark 'softmax_cross_entropy@1000:float32:cpu:value': 1 tests" in done.stdout
    kept = json.loads((folder / "pb.json").read_text())
    timings = {t.id: t for t in run_file.read(folder / "bench.jsonl").timings if t.timed}
    assert {b["fullname"] for b in kept["benchmarks"]} == set(timings)
    for benchmark in kept["benchmarks"]:
        timing = timings[benchmark["fullname"]]
        assert benchmark["stats"]["median"] == pytest.approx(timing.median * 1e-9, rel=1e-3)
        assert benchmark["stats"]["iterations"] == timing.calls
        assert len(benchmark["stats"]["data"]) == sum(map(len, timing.samples))


def test_the_export_for_github_action_benchmark_has_the_fields_that_the_action_takes(benched):
    """Its tool customSmallerIsBetter: name, unit and value, and range and extra as text."""
    _, folder = benched
    entries = json.loads((folder / "gh.json").read_text("utf-8"))
    assert len(entries) == 2
    for entry in entries:
        assert set(entry) == {"name", "unit", "value", "range", "extra"}
        assert (type(entry["value"]), entry["unit"]) == (float, "ns")
        assert entry["range"].startswith("± ")


def test_json_is_the_lines_of_the_run_file(tmp_path):
    done = conformance(
        "bench", "-a", "published", "-O", "categorical_accuracy", *SHORT, "-o", tmp_path / "b.jsonl", "--json"
    )
    said = json.loads(done.stdout)
    lines = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text().splitlines()]
    assert [t["median"] for t in said["timings"]] == [line["median"] for line in lines if line["kind"] == "timing"]
    assert len(said["ceilings"]) == 1


@pytest.fixture
def stopped(benched, tmp_path):
    """The file of a bench that a kill has cut in the middle of a line: two of four groups, and some of the third."""
    _, folder = benched
    lines = (folder / "bench.jsonl").read_text("utf-8").splitlines(keepends=True)
    at = [i for i, line in enumerate(lines) if '"kind":"timing"' in line]
    path = tmp_path / "stopped.jsonl"
    path.write_text("".join(lines[: at[3] + 1]) + lines[at[4]][:100], "utf-8")
    return path


ASKED = ("-a", "published", "-O", "softmax_cross_entropy", "-O", "sigmoid_focal_loss", *SHORT)


def test_a_bench_that_was_stopped_goes_on_and_keeps_what_it_has(benched, stopped):
    whole = run_file.read(benched[1] / "bench.jsonl")
    done = conformance("bench", *ASKED[:6], *SHORT[2:], "--resume", stopped)  # sizes are those of the file
    assert done.returncode == 0, done.stdout + done.stderr
    found = run_file.read(stopped)
    assert found.complete
    assert [t.id for t in found.timings] == [t.id for t in whole.timings]
    kept = [t.group for t in whole.timings].index(whole.timings[3].group)
    assert found.timings[:kept] == whole.timings[:kept]
    assert (found.ceilings, list(found.cases)) == (whole.ceilings, list(whole.cases))
    assert len(found.environments) == 1


def test_a_bench_that_is_complete_or_another_one_is_not_resumed(benched, stopped):
    complete = conformance("bench", *ASKED, "--resume", benched[1] / "bench.jsonl")
    assert (complete.returncode, "is complete; there is nothing to resume" in complete.stderr) == (2, True)
    before = stopped.read_bytes()
    other = conformance("bench", *ASKED, "--rounds", "7", "--resume", stopped)
    assert (other.returncode, "cannot be resumed: its timed was" in other.stderr) == (2, True)
    assert stopped.read_bytes() == before
    stopped.write_text(stopped.read_text("utf-8").replace('"processor":"', '"processor":"another '), "utf-8")
    moved = conformance("bench", *ASKED, "--resume", stopped)
    assert (moved.returncode, "cannot be resumed on another machine: processor was" in moved.stderr) == (2, True)
    assert len(run_file.read(stopped, allow_incomplete=True).timings) == 4


def test_sizes_are_added_to_a_bench(benched, tmp_path):
    whole = run_file.read(benched[1] / "bench.jsonl")
    path = tmp_path / "more.jsonl"
    path.write_bytes((benched[1] / "bench.jsonl").read_bytes())
    done = conformance("bench", *ASKED, "--size", "500", "--resume", path)
    assert done.returncode == 0, done.stdout + done.stderr
    found = run_file.read(path)
    assert found.header.timed == {**whole.header.timed, "sizes": [500, 1000]}
    assert found.timings[: len(whole.timings)] == whole.timings
    assert [t.size for t in found.timings[len(whole.timings) :]] == [500] * len(whole.timings)
    assert found.ceilings == whole.ceilings
    assert found.end.seconds > whole.end.seconds
    assert found.end.verdicts == {verdict: 2 * count for verdict, count in whole.end.verdicts.items()}


def test_a_bench_that_gets_more_sizes_finishes_those_that_it_had(benched, stopped):
    whole = run_file.read(benched[1] / "bench.jsonl")
    done = conformance("bench", *ASKED[:6], "--size", "500", *SHORT[2:], "--resume", stopped)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {t.id for t in run_file.read(stopped).timings if t.size == 1000} == {t.id for t in whole.timings}


def test_a_bench_of_other_versions_is_not_resumed(stopped):
    stopped.write_text(stopped.read_text("utf-8").replace('"numpy":"', '"numpy":"0.'), "utf-8")
    done = conformance("bench", *ASKED, "--resume", stopped)
    assert done.returncode == 2
    assert "cannot be resumed: the environment of published is another one" in done.stderr


def test_what_cannot_be_timed_is_said_and_is_status_2(tmp_path):
    done = conformance("bench", "-a", "published", "-O", "ctc", *SHORT, "-o", tmp_path / "b.jsonl")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "nothing is selected")


def test_a_format_that_is_not_known_is_refused_before_anything_is_timed(tmp_path):
    done = conformance("bench", "--export", f"csv={tmp_path / 'x'}", "-o", tmp_path / "b.jsonl")
    assert done.returncode == 2
    assert "expected FORMAT=FILE\n  formats: pytest-benchmark, github-action-benchmark" in done.stderr
    assert not (tmp_path / "b.jsonl").exists()


@pytest.mark.parametrize("value", ["pytest-benchmark", "pytest-benchmark=", "=file"])
def test_an_export_names_a_format_and_a_file(value):
    with pytest.raises(UsageError, match="expected FORMAT=FILE"):
        parse(value)


def test_an_environment_that_does_not_start_is_status_3(tmp_path):
    done = conformance(
        "bench", "-a", "published", "-O", "sigmoid", *SHORT, "--python", "/does/not/exist", "-o", tmp_path / "b.jsonl"
    )
    assert done.returncode == 3
    assert "NOT TIMED  published on cpu: /does/not/exist: No such file or directory" in done.stdout
