"""`conformance report` finds a format by its entry point and says where it wrote."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from conformance.commands import cli
from conformance.errors import ConformanceError
from conformance.run_file import Check, End, Environment, Header, Run, write_all

CHECK = Check(
    "bce/mean:torch/bce:float32:eager:cpu:value", "bce/mean", "bce/mean", "The mean.", "binary_cross_entropy",
    "torch", "bce", "float32", "eager", "cpu", "value", "conforms", "expected", outcome="0.5", right="0.5",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder, with a complete run where `conformance run` leaves it and a stopped one beside it."""
    (tmp_path / "reports" / "out").mkdir(parents=True)
    header = Header("0.1.0", "c0ffee", "2026-01-01T00:00:00Z", {}, {"python": "3.11"})
    environment = Environment("torch", "cpu", True, "torch", "2.13.0")
    end = End("2026-01-01T00:01:00Z", 60.0, 1, {"conforms": 1}, {"expected": 1}, True)
    write_all(tmp_path / "reports/out/run.jsonl", Run("", header, [environment], [CHECK], end=end))
    write_all(tmp_path / "stopped.jsonl", Run("", header, [environment], [CHECK]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments):
    result = CliRunner().invoke(cli, ["report", *arguments])
    if isinstance(result.exception, ConformanceError):
        return result.exception.status, str(result.exception)
    return result.exit_code, result.output


def test_the_default_is_the_html_page_of_the_last_run(folder):
    assert invoke() == (0, "wrote reports/out/index.html\n")
    assert "<html" in (folder / "reports/out/index.html").read_text("utf-8")


@pytest.mark.parametrize(("name", "file"), [("markdown", "report.md"), ("junit", "junit.xml"), ("badge", "badge.svg")])
def test_each_format_has_a_file_of_its_own(folder, name, file):
    assert invoke("--format", name) == (0, f"wrote reports/out/{file}\n")
    assert (folder / "reports/out" / file).read_text("utf-8")


def test_the_file_can_be_chosen_and_its_folder_is_made(folder):
    assert invoke("reports/out/run.jsonl", "--format", "markdown", "-o", "new/summary.md")[0] == 0
    assert (folder / "new/summary.md").exists()


def test_a_dash_is_the_standard_output(folder):
    status, output = invoke("--format", "markdown", "-o", "-")
    assert status == 0
    assert "torch" in output
    assert not (folder / "reports/out/report.md").exists()


def test_a_stopped_run_ends_with_3_unless_allowed(folder):
    assert invoke("stopped.jsonl")[0] == 3
    assert invoke("stopped.jsonl", "--allow-incomplete")[0] == 0


@pytest.mark.usefixtures("folder")
def test_an_unknown_format_is_refused_with_a_hint():
    status, output = invoke("--format", "markdwon")
    assert status == 2
    assert "did you mean 'markdown'?" in output


@pytest.mark.usefixtures("folder")
def test_a_missing_run_file_ends_with_2():
    assert invoke("nowhere.jsonl")[0] == 2


def test_a_mapping_is_refused_by_a_format_that_compares_nothing(folder):
    status, said = invoke("--format", "markdown", "--map", "tf-keras=keras-tensorflow")
    assert status == 2
    assert "--format markdown compares nothing" in said


def test_a_policy_decides_what_the_page_says_of_a_change(folder):
    worse = replace(CHECK, verdict="diverges", outcome="0.75")
    new = Environment("torch", "cpu", True, "torch", "2.14.0")
    end = End("2026-01-02T00:01:00Z", 60.0, 1, {"diverges": 1}, {"expected": 1}, True)
    header = Header("0.1.0", "c0ffee", "2026-01-02T00:00:00Z", {}, {"python": "3.11"})
    write_all(folder / "new.jsonl", Run("", header, [new], [worse], end=end))
    (folder / "lax.toml").write_text('fail = ["changed"]\n', "utf-8")
    runs = ("reports/out/run.jsonl", "new.jsonl")
    assert invoke(*runs, "-o", "strict.html")[0] == 0
    assert invoke(*runs, "-o", "lax.html", "--policy", "lax.toml")[0] == 0
    assert "1 change of behaviour needs a decision" in (folder / "strict.html").read_text("utf-8")
    assert "No change of behaviour needs a decision" in (folder / "lax.html").read_text("utf-8")
