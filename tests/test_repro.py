"""Scripts are made from a check, its case and the adapter's source; they run with the framework alone."""

import contextlib
import io
from dataclasses import replace

import numpy as np
import pytest

from conformance.adapter_source import read_source
from conformance.errors import UsageError
from conformance.loading import load_cases
from conformance.reference import Reference
from conformance.repro import LARGEST, repro
from conformance.run_file import Check, Environment, Header, Record, Run, Worst

# An adapter whose framework is NumPy; what it compiles counts its calls.
TABLE = '''
import numpy as np

from conformance.worker.adapter import Unsupported

SCRIPT = {
    "imports": "import numpy as np",
    "array": "np.array({literal}, np.{dtype})",
    "labels": "np.array({literal}, np.int64)",
    "value": "print({function}({arguments}))",
    "gradient": "{wrt} = +{wrt}\\nprint({function}({arguments}) * {cotangent})",
    "cotangent": "cotangent.astype(np.float64)",
    "modes": {"loud": "print('compiling'); {function} = (lambda known: lambda *given: known(*given))({function})"},
    "whole": True,
}


def halved(x):
    return x / 2


def sigmoid(x):
    """Not quite a sigmoid."""
    return halved(x)


def scaled(x, *, beta=1.0):
    return x * beta
'''
ROWS = (
    {"name": "sigmoid", "operation": "sigmoid", "call": "framework.sigmoid", "function": "sigmoid", "inputs": ["x"],
     "keywords": {}, "contract": {}, "documented": None, "differentiable": True},
    {"name": "scaled", "operation": "softplus", "call": "framework.scaled", "function": "scaled", "inputs": ["x"],
     "keywords": {"beta": 1.0}, "contract": {}, "documented": None, "differentiable": True},
)  # fmt: skip


@pytest.fixture
def source(request, tmp_path):
    (tmp_path / "table.py").write_text(getattr(request, "param", TABLE))
    return read_source(tmp_path / "table.py", "third_party.table")


@pytest.fixture
def made(tmp_path, source):
    """Gives the script of one check; keyword arguments change the check."""

    def script(inputs="{x: [1.0, 4.0]}", operation="sigmoid", parameters="{}", records=(), full=False, **changes):
        (tmp_path / "case.yaml").write_text(
            f"about: One case.\noperation: {operation}\nflags:\n  odd: {{why: It is., effect: It is odd.}}\n"
            f"cases:\n  - id: repro/one\n    says: A case.\n    flags: [odd]\n    inputs: {inputs}\n"
            f"    parameters: {parameters}\n    dtypes: [float64, float32]\n"
        )
        cases = load_cases([tmp_path / "case.yaml"])
        name = {"sigmoid": "sigmoid", "softplus": "scaled"}[operation]
        check = Check(
            "", "repro/one", "repro/one", "A case.", operation, "framework", name, "float32", "eager", "cpu", "value",
            "diverges", "expected", outcome="[0.5, 2]", right="[0.73105858, 0.98201379]",
        )  # fmt: skip
        check = replace(check, **changes)
        check = replace(
            check,
            id=f"repro/one:framework/{name}:{check.dtype}:{check.mode}:cpu:{check.order}",
            inputs_digest=Reference(next(cases[0].variants()), check.dtype).digest,
        )
        environment = Environment(
            "framework", "cpu", True, "framework", "9.9", {"python": "3.11"}, implementations=ROWS
        )
        run = Run("run.jsonl", Header("0", "0", "", {}, {}), [environment], [check], list(records))
        return repro(run, check, cases, source, full=full)

    return script


def printed(script):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(script, "script", "exec"), {"__name__": "script"})
    return said.getvalue().strip()


def test_a_script_runs_and_prints_the_value(made):
    assert printed(made()) == "[0.5 2. ]"


def test_helpers_stand_before_the_function(made):
    script = made()
    assert script.index("def halved(x):") < script.index("def sigmoid(x):") < script.index("print(sigmoid(x))")


def test_parameters_are_written_into_the_call(made):
    script = made(operation="softplus", parameters="{beta: 0.25}")
    assert "print(scaled(x, beta=0.25))" in script
    assert printed(script) == "[0.25 1.  ]"


def test_what_is_compiled_takes_arrays_alone(made):
    script = made(operation="softplus", parameters="{beta: 0.25}", mode="loud")
    assert "def compiled(x):\n    return scaled(x, beta=0.25)" in script
    assert printed(script) == "compiling\n[0.25 1.  ]"


def test_a_mode_that_the_adapter_does_not_tell_is_refused(made):
    with pytest.raises(UsageError, match="does not say how to compile for mode silent"):
        made(mode="silent")


def test_a_gradient_names_its_input_and_casts_its_cotangent(made):
    script = made(order="gradient", outcome="[0.5, 2]")
    assert "* cotangent.astype(np.float64)" in script
    assert script.index("x = +x") < script.index("print(sigmoid(x) * cotangent")
    assert printed(script) == "[0.5 2. ]"


def test_a_derivative_is_compiled_whole_where_the_adapter_does_so(made):
    script = made(order="gradient", mode="loud")
    assert "def compiled(x, cotangent):\n    x = +x\n    return sigmoid(x) * cotangent" in script
    assert printed(script) == "compiling\n[0.5 2. ]"


@pytest.mark.parametrize("source", [TABLE.replace('"whole": True', '"whole": False')], indirect=True)
def test_a_derivative_of_what_is_compiled_is_taken_where_the_adapter_does_so(made):
    script = made(order="gradient", mode="loud")
    assert "def compiled(x):\n    return sigmoid(x)\n" in script
    assert "x = +x\nprint(compiled(x) * cotangent" in script
    assert printed(script) == "compiling\n[0.5 2. ]"


def test_a_gradient_of_a_scalar_has_no_cotangent(made):
    assert "* None)" in made(inputs="{x: 1.0}", order="gradient")


def test_the_comments_say_what_where_and_why(made):
    why = Record("framework/half", "framework", "diverges", "It halves.", "framework#7", ">=9", 1, True)
    script = made(records=[why], record="framework/half")
    for line in (
        "# framework.sigmoid: value in float32, eager mode, on cpu",
        "# A case.",
        "# Versions: framework 9.9, python 3.11",
        "# Why: It halves.",
        "# Upstream: framework#7",
        "# printed:  [0.5, 2]",
        "# expected: [0.73105858, 0.98201379]",
    ):
        assert line in script.splitlines()


def test_an_exception_is_told_with_its_message(made):
    assert "# printed:  raises ValueError: no" in made(verdict="rejects", outcome="raises ValueError", message="no")


def test_of_many_inputs_the_worst_one_is_written(made):
    worst = Worst("value", (70,), "35.0", "", "1.0", "", "1e-06")
    script = made(inputs="{x: {linspace: [0, 99, 100]}}", shape=(100,), worst=worst)
    assert "x = np.array([70.0], np.float32)" in script
    assert "of 100 in all" in " ".join(script.replace("#", "").split())
    assert "# expected: 1.0 (exact; an error of 1e-06 is allowed)" in script
    assert printed(script) == "[35.]"


def test_all_inputs_are_written_when_asked_for(made):
    worst = Worst("value", (70,), "35.0", "", "1.0", "", "1e-06")
    script = made(inputs="{x: {linspace: [0, 99, 100]}}", shape=(100,), worst=worst, full=True)
    assert printed(script.replace("print(sigmoid(x))", "print(len(sigmoid(x)))")) == "100"


def test_too_many_inputs_are_refused(made):
    with pytest.raises(UsageError, match="too many for a script"):
        made(inputs=f"{{x: {{linspace: [0, 1, {LARGEST + 1}]}}}}", full=True)


def test_an_input_without_elements_keeps_its_shape(made):
    script = made(inputs="{x: {full: 0.0, shape: [0, 3]}}", outcome="empty")
    assert "np.zeros((0, 3))" in script
    assert printed(script) == str(np.zeros((0, 3)))


def test_every_line_of_a_comment_is_one(made):
    script = made(says="A long sentence. " * 20)
    assert all(line.startswith("# ") for line in script.split("\n\n")[0].splitlines())
