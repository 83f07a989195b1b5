"""Runs made up for the renderers: no framework runs here. Figures are of the size that real ones have."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import pytest

from conformance.run_facts import Curve, Definition, Script, WrittenCase
from conformance.run_file import Agreement, Check, End, Environment, Header, PublishedDigits, Record, Run, Worst

BCE = "binary_cross_entropy"
LOGITS = "binary_cross_entropy_with_logits"

FLAGS = {
    "saturated": {
        "why": "Confident logits have tiny losses.",
        "effect": "A loss that becomes 0 stops the training of confident examples.",
        "references": ["pytorch/pytorch#195529"],
    },
    "empty-batch": {
        "why": "The last batch may be empty.",
        "effect": "A nan spreads over all weights.",
        "references": [],
    },
    "label-out-of-range": {"why": "A label outside the classes.", "effect": "Silent garbage.", "references": []},
}


def _implementation(operation, name, call, *, family, contract=None, documented=None):
    dtypes = ["float64", "float32", "float16"]
    return {
        "name": name,
        "operation": operation,
        "call": call,
        "family": family,
        "inputs": ["logits", "targets"],
        "keywords": {"reduction": "mean"},
        "dtypes": dtypes,
        "contract": dict.fromkeys(dtypes, contract) if contract else {},
        "documented": documented,
    }


CALLS = {
    "torch": (
        _implementation(
            BCE,
            "nn.functional.binary_cross_entropy",
            "torch.nn.functional.binary_cross_entropy",
            family="binary cross-entropy",
            contract={"log_floor": -100.0},
            documented="log outputs are clamped to be at least -100",
        ),
        _implementation(
            LOGITS,
            "nn.functional.binary_cross_entropy_with_logits",
            "torch.nn.functional.binary_cross_entropy_with_logits",
            family="binary cross-entropy",
        ),
        _implementation("softmax", "nn.functional.softmax", "torch.nn.functional.softmax", family="primitives"),
        _implementation(
            "sparse_softmax_cross_entropy",
            "nn.functional.cross_entropy",
            "torch.nn.functional.cross_entropy",
            family="categorical cross-entropy",
        ),
    ),
    "jax": (
        _implementation(
            LOGITS,
            "optax.losses.sigmoid_binary_cross_entropy",
            "optax.losses.sigmoid_binary_cross_entropy",
            family="binary cross-entropy",
        ),
        _implementation("softmax", "nn.softmax", "jax.nn.softmax", family="primitives"),
        _implementation(
            "sparse_softmax_cross_entropy",
            "optax.losses.softmax_cross_entropy_with_integer_labels",
            "optax.losses.softmax_cross_entropy_with_integer_labels",
            family="categorical cross-entropy",
        ),
    ),
    "keras-tensorflow": (
        _implementation(
            BCE,
            "losses.BinaryCrossentropy",
            "keras.losses.BinaryCrossentropy",
            family="binary cross-entropy",
            contract={"clip": [1e-07, 0.9999999]},
            documented="probabilities are clipped to [epsilon, 1 - epsilon]",
        ),
        _implementation(
            LOGITS, "losses.BinaryCrossentropy", "keras.losses.BinaryCrossentropy", family="binary cross-entropy"
        ),
        _implementation("softmax", "activations.softmax", "keras.activations.softmax", family="primitives"),
        _implementation(
            "sparse_softmax_cross_entropy",
            "losses.SparseCategoricalCrossentropy",
            "keras.losses.SparseCategoricalCrossentropy",
            family="categorical cross-entropy",
        ),
    ),
}
CALLS["tf-keras"] = CALLS["keras-tensorflow"]
VERSIONS = {"torch": "2.13.0", "jax": "0.10.2", "keras-tensorflow": "3.15.1", "tf-keras": "2.21.0"}


def environment(adapter, **changes):
    """An environment that started."""
    started = Environment(
        adapter=adapter,
        device="cpu",
        started=True,
        framework=adapter,
        version=VERSIONS.get(adapter, "1.0"),
        versions={"python": "3.11.9", "numpy": "2.4.1", adapter: VERSIONS.get(adapter, "1.0")},
        devices=("cpu",),
        switches={"TF32": False, "JAX_ENABLE_X64": True} if adapter == "jax" else {"TF32": False},
        implementations=CALLS.get(adapter, ()),
        interpreter="python3.11",
    )
    return replace(started, **changes)


def check(
    case,
    operation,
    adapter,
    implementation,
    *,
    dtype="float32",
    mode="eager",
    order="value",
    variant=None,
    verdict="conforms",
    expectation="expected",
    **more,
):
    """One check; its id is made of its parts as the engine makes it."""
    variant = variant or case
    return Check(
        id=f"{variant}:{adapter}/{implementation}:{dtype}:{mode}:cpu:{order}",
        case=case,
        variant=variant,
        says=more.pop("says", f"The case {case}."),
        operation=operation,
        adapter=adapter,
        implementation=implementation,
        dtype=dtype,
        mode=mode,
        device="cpu",
        order=order,
        verdict=verdict,
        expectation=expectation,
        **more,
    )


def agreement(k=1.5, grade="B", **more):
    """The distance of a result: K and figures that go with it."""
    return Agreement(grade=grade, k=k, k_relative=2 * k, k_scale=k, abs=k * 6e-8, rel=k * 1.2e-7, ulp=k * 2, **more)


def tail(adapter="torch", implementation="nn.functional.binary_cross_entropy_with_logits", **more):
    """The tail of the logits form: 0 where 2.06e-09 is right."""
    said = {
        "verdict": "diverges",
        "expectation": "unexpected",
        "says": "A confident true negative keeps its tiny loss.",
        "flags": ("saturated",),
        "outcome": "0",
        "right": "2.06e-09",
        "agreement": agreement(1.7e7, "C"),
        "digest": "9af15b336e6a9619",
        "bits": "AAAAAA==",
        "shape": (1,),
        "seconds": 3e-5,
        "worst": Worst(
            "value",
            (0,),
            "0",
            "0x00000000",
            "2.0611536e-09",
            "0x1.1b48655f37267p-29",
            "[2.0611516e-09, 2.0611556e-09]",
            {"logits": "-20.0 (0xc1a00000)", "targets": "0.0 (0x00000000)"},
        ),
    }
    return check("bce-logits/saturated-negative", LOGITS, adapter, implementation, **{**said, **more})


def right_tail(adapter="torch", **more):
    """The same where it is computed as it should be."""
    said = {"outcome": "2.06e-09", "agreement": agreement(0.4, "A"), "digest": "1", "bits": None, "worst": None}
    return tail(adapter, verdict="conforms", expectation="expected", **{**said, **more})


def _implementations(adapter, operation):
    return [row["name"] for row in CALLS[adapter] if row["operation"] == operation]


def ordinary_checks(adapters, variants=6):
    """Conforming checks of every implementation over dtypes, modes, orders."""
    for adapter in adapters:
        modes = {"torch": ("eager", "inductor"), "jax": ("eager", "jit")}.get(adapter, ("eager", "graph"))
        for row in CALLS[adapter]:
            for number, dtype, mode, order in itertools.product(
                range(variants), ("float64", "float32", "float16"), modes, ("value", "gradient")
            ):
                value = f"0.{(number * 7919 + 2899) % 10000:04d}"
                yield check(
                    f"{row['operation']}/grid",
                    row["operation"],
                    adapter,
                    row["name"],
                    dtype=dtype,
                    mode=mode,
                    order=order,
                    variant=f"{row['operation']}/grid[reduction=r{number}]",
                    outcome=value,
                    right=value,
                    agreement=agreement((number * 37 % 97) / 16, "A"),
                    digest=f"{number:016x}",
                    shape=(),
                    seconds=2e-5,
                )


def edge_checks(adapters):
    """Saturated, empty and invalid inputs, as the frameworks treat them."""
    for adapter in adapters:
        for name in _implementations(adapter, LOGITS):
            for dtype in ("float32", "float16"):
                if adapter == "torch":
                    covered = {"expectation": "expected", "record": "torch/bce-logits-tail"}
                    yield tail(dtype=dtype, **(covered if dtype == "float32" else {}))
                else:
                    yield check(
                        "bce-logits/saturated-negative",
                        LOGITS,
                        adapter,
                        name,
                        dtype=dtype,
                        says="A confident true negative keeps its tiny loss.",
                        flags=("saturated",),
                        outcome="2.06e-09",
                        right="2.06e-09",
                        agreement=agreement(0.4, "A"),
                        shape=(1,),
                    )
                choice = "nan" if adapter == "torch" else "zero"
                yield check(
                    "bce-logits/empty-mean",
                    LOGITS,
                    adapter,
                    name,
                    dtype=dtype,
                    flags=("empty-batch",),
                    says="The mean of no losses has no right value.",
                    choice=choice,
                    outcome="nan" if choice == "nan" else "0",
                )
        for name in _implementations(adapter, BCE):
            for order in ("value", "gradient"):
                got = "100" if adapter == "torch" else "16.11809"
                yield check(
                    "bce/confident-wrong",
                    BCE,
                    adapter,
                    name,
                    order=order,
                    verdict="documented",
                    says="A confident wrong probability costs infinitely much.",
                    flags=("saturated",),
                    outcome=got if order == "value" else "0",
                    right="inf" if order == "value" else "-inf",
                    contract_agreement=agreement(0.2, "A"),
                )
            number = {"tf-keras": "11.522857", "torch": "75.000000"}.get(adapter, "12.000716")
            yield check(
                "documents/tensorflow-losses/saturated",
                BCE,
                adapter,
                name,
                verdict="documented",
                outcome=number,
                right="inf",
                says="The document prints 11.522857.",
                contract_agreement=agreement(0.7),
                published=PublishedDigits("11.522857", number, number == "11.522857", "003_d0919227b778dc91.txt"),
            )
        for name in _implementations(adapter, "sparse_softmax_cross_entropy"):
            more = {
                "torch": {"outcome": "raises IndexError", "message": "IndexError: Target 5 is out of bounds."},
                "jax": {
                    "verdict": "accepts",
                    "expectation": "unexpected",
                    "outcome": "nan",
                    "message": "returned a value for an input that is invalid",
                },
            }.get(adapter, {"verdict": "accepts", "record": "keras/label-range", "outcome": "nan"})
            yield check(
                "sparse-ce/label-out-of-range",
                "sparse_softmax_cross_entropy",
                adapter,
                name,
                says="A label outside the classes is an error.",
                flags=("label-out-of-range",),
                right="raises",
                **more,
            )


def rare_checks():
    """One of each outcome that is rare."""
    softmax = {"case": "softmax/huge", "operation": "softmax"}
    yield check(
        **softmax,
        adapter="torch",
        implementation="nn.functional.softmax",
        verdict="crashes",
        dtype="float16",
        expectation="unexpected",
        outcome="crashes",
        message="the process died: signal 11 (SIGSEGV)",
    )
    yield check(
        **softmax,
        adapter="jax",
        implementation="nn.softmax",
        verdict="hangs",
        expectation="unexpected",
        mode="jit",
        outcome="hangs",
        message="no answer within 30 s",
    )
    yield check(
        **softmax,
        adapter="keras-tensorflow",
        implementation="activations.softmax",
        verdict="unstable",
        expectation="changed",
        record="keras/softmax-overflow",
        outcome="inf",
        right="1",
        warnings=("RuntimeWarning: overflow encountered in exp",),
    )
    yield check(
        **softmax,
        adapter="tf-keras",
        implementation="activations.softmax",
        expectation="fixed",
        record="tf-keras/softmax-nan",
        outcome="1",
        right="1",
        agreement=agreement(0.1, "A"),
    )
    yield check(
        "softmax/scalar",
        "softmax",
        "torch",
        "nn.functional.softmax",
        verdict="unsupported",
        dtype="bfloat16",
        outcome="unsupported",
        message="torch has no softmax of bfloat16 here",
    )
    yield check(
        "softmax/long",
        "softmax",
        "jax",
        "nn.softmax",
        verdict="unjudged",
        dtype="float64",
        outcome="0.1",
        message="the oracle's own error is not far inside the bound",
    )
    yield check(
        "softmax/one",
        "softmax",
        "jax",
        "nn.softmax",
        verdict="misshapen",
        expectation="unexpected",
        outcome="shape (1,)",
        right="shape ()",
        message="shape (1,), expected ()",
    )
    yield check(
        "softmax/integers",
        "softmax",
        "keras-tensorflow",
        "activations.softmax",
        verdict="rejects",
        expectation="unexpected",
        outcome="raises ValueError",
        right="1",
        message="ValueError: Cannot apply softmax to a tensor of shape (1,).",
    )


RECORDS = (
    Record(
        "torch/bce-logits-tail",
        "torch",
        "diverges",
        "It computes log1p(exp(-|x|)) of the wrong sign's tail.",
        "pytorch/pytorch#195529",
        ">=2.0",
        1,
        True,
    ),
    Record(
        "keras/label-range",
        "keras-tensorflow",
        "accepts",
        "Labels are not validated on the CPU.",
        "by design: keras documentation",
        "",
        2,
        True,
    ),
    Record(
        "keras/softmax-overflow",
        "keras-tensorflow",
        "unstable",
        "The maximum is not subtracted.",
        "keras-team/keras#1",
        ">=3",
        0,
        True,
    ),
    Record("tf-keras/softmax-nan", "tf-keras", "unstable", "nan for huge logits.", "none found", "", 1, True),
    Record("torch/never-seen", "torch", "rejects", "An old refusal of float16.", "pytorch/pytorch#1", ">=1", 0, False),
)


def counted(run, *, complete=True):
    """The run with an end that counts its checks."""
    verdicts, expectations = {}, {}
    for each in run.checks:
        verdicts[each.verdict] = verdicts.get(each.verdict, 0) + 1
        expectations[each.expectation] = expectations.get(each.expectation, 0) + 1
    run.end = End("2026-07-03T09:01:12Z", 72.4, len(run.checks), verdicts, expectations, complete)
    return run


def header():
    return Header(
        "0.1.0",
        "5d6f5a1c9b0e",
        "2026-07-03T09:00:00Z",
        {"adapters": ["torch", "jax"], "dtypes": ["float32"]},
        {"system": "Linux 6.1", "processor": "x86-64, 2 cores", "memory": "8 GB"},
    )


def run_of(checks, *, environments=None, records=(), complete=True, path="run.jsonl"):
    """A run that ended, of given checks."""
    checks = list(checks)
    if environments is None:
        environments = [environment(name) for name in dict.fromkeys(c.adapter for c in checks)]
    run = Run(path, header(), list(environments), checks, list(records), dict(FLAGS))
    return counted(run, complete=complete)


def rich_run(variants=3):
    """A run with four adapters in which everything happens that can happen."""
    adapters = tuple(CALLS)
    checks = [*ordinary_checks(adapters, variants), *edge_checks(adapters), *rare_checks()]
    return told(run_of(checks, records=RECORDS))


def told(run):
    """The run with the lines that say what was asked: a definition, a case, an error curve, a script, a histogram."""
    asked = [check for check in run.checks if check.operation == LOGITS]
    torch, jax = (next(check for check in asked if check.adapter == name) for name in ("torch", "jax"))
    run.operations[LOGITS] = Definition(
        LOGITS, "binary cross-entropy", formula=r"\max(x, 0) - x y + \log(1 + e^{-|x|})",
        gradients={"logits": r"\sigma(x) - y"}, symbols=(("x", "logits", "a logit"), ("y", "targets", "0 or 1")),
        references=("pytorch/pytorch#1",), about="The loss of a logit.", grade="A", gradient_grade="B",
        proven={"elements": 1000, "value": 1.2, "gradient": 2.4},
    )  # fmt: skip
    run.cases["bce-logits/saturated-negative"] = WrittenCase(
        "bce-logits/saturated-negative", "A confident true negative keeps its tiny loss.", LOGITS,
        "cases/binary/logits.yaml", 14, inputs={"logits": "[-20]", "targets": "[0]"}, flags=("saturated",),
    )  # fmt: skip
    for check in (torch, jax):
        steps = tuple(float(x) for x in range(-100, 101, 10))
        errors = tuple(1e6 if x < -15 and check is torch else 0.5 for x in steps)
        run.curves.append(
            Curve(
                check.id, check.case, LOGITS, check.call, "float32", "value", "value", "logits", steps, errors, errors
            )
        )
    wrong = next(c for c in run.checks if c.verdict == "diverges")
    run.scripts[wrong.id] = Script(wrong.id, wrong.expectation, "import torch\nprint(torch.__version__)")
    run.checks[run.checks.index(wrong)] = replace(wrong, ulps=(0, 3, 2, 0, 1))
    return run


FAILED = Environment(
    "tensorflow-addons", "cpu", started=False, reason="ModuleNotFoundError: No module named 'tensorflow_addons'"
)


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: looks at the HTML report in Chromium")


@pytest.fixture(scope="session")
def run():
    """Everything that can happen, once."""
    return rich_run()


@pytest.fixture(scope="session")
def make():
    """The builders of this file, for tests that need a run of their own."""
    return SimpleNamespace(
        agreement=agreement,
        check=check,
        environment=environment,
        failed=FAILED,
        ordinary_checks=ordinary_checks,
        record=Record,
        rich_run=rich_run,
        right_tail=right_tail,
        run_of=run_of,
        tail=tail,
    )
