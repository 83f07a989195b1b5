"""pytest collects case files: the same checks as `conformance run`, as items that a reader understands."""

import json

import pytest

import conformance.asking_session
import conformance.bench.pytest_items

pytest_plugins = ["pytester"]

CASES = """
about: A sigmoid.
operation: sigmoid
cases:
  - id: test/sigmoid
    says: Ordinary numbers.
    inputs: {x: [-1.0, 0.0, 2.0]}
    dtypes: [float32]
    orders: [0]
"""

RANDOM = """
  - id: test/random
    says: A random batch.
    inputs: {x: {normal: {mean: 0, std: 2}, shape: [5, 10], seed: 1}}
"""


@pytest.fixture
def collected(pytester, monkeypatch, misbehaving):
    for module in (conformance.asking_session, conformance.bench.pytest_items):
        monkeypatch.setattr(module, "adapters", lambda: {"misbehaving": misbehaving})
    # pytest-benchmark times nothing where it sees this; the inner session is nobody's worker
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makefile(".yaml", sigmoid=CASES)
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\naddopts = '--strict-markers'\n")

    def run(*arguments):
        return pytester.runpytest_inprocess(
            "sigmoid.yaml", "--adapter", "misbehaving", "-p", "no:cacheprovider", *arguments
        )

    return run


def test_a_check_that_conforms_passes_and_its_item_is_named_by_its_id(collected):
    result = collected("-k", "right", "-v")
    result.assert_outcomes(passed=1)
    assert "test/sigmoid:misbehaving/right:float32:eager:cpu:value" in result.stdout.str()


def test_a_check_without_a_record_fails_with_the_suites_own_explanation(collected):
    result = collected("-k", "wrong_value")
    result.assert_outcomes(failed=1)
    said = result.stdout.str()
    assert "unexpected: diverges: Ordinary numbers." in said
    assert "exact 0.5" in said
    assert "Traceback" not in said


def test_a_call_that_is_lacking_is_skipped_with_its_reason(collected):
    result = collected("-k", "lacks", "-rs")
    result.assert_outcomes(skipped=1)
    assert "this version has no sigmoid" in result.stdout.str()


def test_a_crash_fails_its_own_item_alone(collected):
    collected("-k", "aborts or right or raises").assert_outcomes(passed=1, failed=2)


def test_options_select_as_in_run(collected):
    collected("--dtype", "float16").assert_outcomes()
    collected("-k", "right", "--order", "value").assert_outcomes(passed=1)


def test_a_faulty_case_file_is_an_error_with_its_place(collected, pytester):
    (pytester.path / "sigmoid.yaml").write_text(CASES.replace("says:", "sais:"))
    result = collected()
    result.assert_outcomes(errors=1)
    assert "sigmoid.yaml:6:5: unknown key 'sais'" in result.stdout.str()


def test_with_benchmark_only_the_items_are_timings_and_pytest_benchmark_keeps_them(collected, pytester):
    kept = pytester.path / "kept.json"
    (pytester.path / "sigmoid.yaml").write_text(CASES + RANDOM)
    result = collected(
        "--benchmark-only", "--bench-size", "50", "-k", "right or lacks or wrong_value", "--order", "value",
        f"--benchmark-json={kept}", "-rs",
    )  # fmt: skip
    result.assert_outcomes(passed=1, skipped=1, failed=1)
    said = result.stdout.str()
    assert "no time: unsupported: this version has no sigmoid" in said
    assert "no time: diverges" in said
    assert "Traceback" not in said
    (benchmark,) = json.loads(kept.read_text())["benchmarks"]
    assert benchmark["name"] == "sigmoid@50:misbehaving/right:float32:eager:cpu:value"
    assert benchmark["group"] == "sigmoid@50:float32:cpu:value"
    info, stats = benchmark["extra_info"], benchmark["stats"]
    assert (info["call"], info["clock"], info["bytes"]) == ("misbehaving/right", "host", 400)
    assert (stats["iterations"], stats["rounds"] >= 20) == (info["calls"], True)
    assert stats["median"] > 0


def test_other_yaml_files_are_left_alone(pytester):
    pytester.makefile(".yaml", settings="a: 1\n")
    pytester.runpytest_inprocess("settings.yaml", "-p", "no:cacheprovider").assert_outcomes()
