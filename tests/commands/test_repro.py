"""`conformance repro` prints a script that shows the outcome with the framework alone; each one is run here."""

import re
import subprocess
import sys
from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from conformance.commands import cli
from conformance.errors import ConformanceError
from conformance.run_file import read

CASES = """
about: Two cases whose outcome is known for each framework.
flags:
  tail: {why: The right value is tiny., effect: It becomes 0.}
cases:
  - id: repro/tail
    operation: binary_cross_entropy_with_logits
    says: A confident true negative keeps its tiny loss.
    flags: [tail]
    orders: [0, 1, 2]
    inputs: {logits: [-20.0, 1.0], targets: [0.0, 1.0]}
  - id: repro/probabilities
    operation: categorical_cross_entropy
    says: The loss of the classes.
    flags: [tail]
    inputs: {probabilities: [[0.25, 0.75]], targets: [[0.0, 1.0]]}
"""
# adapter: (package, implementation, what the tail is there)
TAILS = {
    "torch": ("torch", "nn.functional.binary_cross_entropy_with_logits", "0"),
    "jax": ("optax", "optax.sigmoid_binary_cross_entropy", "2.06e-09"),
    "tensorflow": ("tensorflow", "nn.sigmoid_cross_entropy_with_logits", "2.06e-09"),
    "published": ("numpy", "cross_entropy_and_focal_loss.logistic_loss_collected", "0"),
}
COMPILED = [("jax", "jit"), ("tensorflow", "graph")]  # those that compile a derivative whole
INSTALLED = [name for name, (package, _, _) in TAILS.items() if find_spec(package)]


def invoke(*arguments):
    result = CliRunner().invoke(cli, arguments)
    if isinstance(result.exception, ConformanceError):
        return result.exception.status, str(result.exception)
    return result.exit_code, result.output


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Gives the run file of one adapter over CASES; each adapter is run once."""
    folder = tmp_path_factory.mktemp("repro")
    (folder / "cases.yaml").write_text(CASES)

    def run_of(adapter):
        path = folder / f"{adapter}.jsonl"
        if not path.exists():
            status, output = invoke(
                "run", str(folder / "cases.yaml"), "-a", adapter, "--dtype", "float32", "-o", str(path)
            )
            assert status in (0, 1), output
        return str(path)

    return run_of


@pytest.fixture(scope="session")
def printed(runs, tmp_path_factory):
    """Gives what the scripts of value and gradient print, run where the suite is not on the path."""

    def printed_by(adapter):
        folder = tmp_path_factory.mktemp("scripts")
        for order in ("value", "gradient"):
            status, script = invoke("repro", f"tail {adapter}/{TAILS[adapter][1]}: {order}", "--run", runs(adapter))
            (folder / f"{order}.py").write_text(script if status == 0 else "print('no gradient')")
        both = "import runpy; runpy.run_path('value.py'); print('---'); runpy.run_path('gradient.py')"
        done = subprocess.run(
            [sys.executable, "-c", both], cwd=folder, capture_output=True, text=True, timeout=300, check=True
        )
        return done.stdout.split("---")

    return printed_by


def numbers(text):
    """The numbers of an array's outcome or of what a framework prints of an array."""
    text = re.sub(r"shape=\([^)]*\)|dtype=\S+", "", text)
    return [float(number) for number in re.findall(r"(?<![\w.])-?\d[\d.]*(?:e[+-]?\d+)?(?!\w)", text)]


@pytest.mark.parametrize("adapter", INSTALLED)
def test_the_scripts_print_what_the_run_saw(runs, printed, adapter):
    prints = printed(adapter)
    for order, said in zip(("value", "gradient"), prints, strict=True):
        checks = [c for c in read(runs(adapter)).checks if c.case == "repro/tail" and c.order == order]
        (check,) = [c for c in checks if c.implementation == TAILS[adapter][1]]
        assert numbers(said) == pytest.approx(numbers(check.outcome), rel=1e-6) or "no gradient" in said, said
    first = re.search(r"\[\s*([0-9.e+-]+)", prints[0])
    assert first is not None
    assert float(first[1]) == pytest.approx(float(TAILS[adapter][2]), rel=1e-2)


@pytest.mark.parametrize(("adapter", "mode"), [pair for pair in COMPILED if pair[0] in INSTALLED])
def test_the_scripts_of_compiled_derivatives_print_what_the_run_saw(adapter, mode, tmp_path):
    (tmp_path / "cases.yaml").write_text(CASES)
    path = str(tmp_path / "run.jsonl")
    asked = ["-a", adapter, "--dtype", "float32", "--mode", mode, "-O", "binary_cross_entropy_with_logits"]
    status, output = invoke("run", str(tmp_path / "cases.yaml"), *asked, "-o", path)
    assert status in (0, 1), output
    checks = [c for c in read(path).checks if c.implementation == TAILS[adapter][1] and c.mode == mode]
    assert [check.order for check in checks] == ["value", "gradient", "jvp", "hvp", "hvp-reverse"]
    for check in checks:
        status, script = invoke("repro", check.id, "--run", path)
        assert status == 0, script
        (tmp_path / f"{check.order}.py").write_text(script)
    orders = [check.order for check in checks]
    every = f"import runpy\nfor order in {orders}:\n    print('---')\n    runpy.run_path(order + '.py')"
    done = subprocess.run([sys.executable, "-c", every], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for check, said in zip(checks, done.stdout.split("---\n")[1:], strict=True):
        assert numbers(said) == pytest.approx(numbers(check.outcome), rel=1e-6), (check.id, said)


@pytest.mark.parametrize("adapter", INSTALLED)
def test_the_script_knows_nothing_of_the_suite(runs, adapter):
    _, script = invoke("repro", f"tail {adapter}/{TAILS[adapter][1]}: value", "--run", runs(adapter))
    code = "\n".join(line for line in script.splitlines() if not line.startswith("#"))
    assert "conformance" not in code
    assert "implements" not in code


@pytest.mark.parametrize("adapter", INSTALLED)
def test_expected_value_and_versions_stand_in_comments(runs, adapter):
    _, script = invoke("repro", f"tail {adapter}/{TAILS[adapter][1]}: value", "--run", runs(adapter))
    assert "# Versions: " in script
    assert re.search(r"# expected: \[2\.0611536e-09", script)


def test_what_is_unsupported_has_nothing_to_show(runs):
    path = runs("published")
    unsupported = next(check for check in read(path).checks if check.verdict == "unsupported")
    status, message = invoke("repro", unsupported.id, "--run", path)
    assert status == 2
    assert "unsupported, so there is nothing to show" in message


def test_a_case_that_has_changed_since_the_run_is_refused(runs, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(CASES.replace("-20.0", "-21.0"))
    query = f"tail published/{TAILS['published'][1]}: value"
    status, message = invoke("repro", query, "--run", runs("published"), "--cases", str(other))
    assert status == 2
    assert "the inputs are not those of the run" in message


def test_a_case_that_is_not_there_is_named(runs, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(CASES.replace("repro/tail", "repro/elsewhere"))
    query = f"tail published/{TAILS['published'][1]}: value"
    status, message = invoke("repro", query, "--run", runs("published"), "--cases", str(other))
    assert status == 2
    assert "no case 'repro/tail' is loaded" in message
