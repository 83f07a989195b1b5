"""Certify proves the oracle, and sees every kind of error that is planted in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from conformance import certify as certifying
from conformance.case import Case, Published
from conformance.certify import BOUND, certify, compare, examine, in_dtype, scale_of, summarise, worst_of
from conformance.inputs import ArraySpec
from conformance.oracle import exact
from conformance.oracle.exact import ExactArray
from conformance.oracle.operation import OPERATIONS, Exact, Operation, cotangent_for, evaluate

ULP = np.spacing(1.0)
RANDOM = np.random.default_rng(11)


def truth(*values: float, undefined: Any = False, scale: Any = None) -> ExactArray:
    """Exact results as given, to the last bit."""
    high = np.array(values)
    mask = np.broadcast_to(undefined, high.shape)
    high = np.where(mask, np.nan, high)
    size = None if scale is None else np.broadcast_to(np.asarray(scale, float), high.shape)
    return ExactArray(high, np.zeros(high.shape), mask, np.zeros(high.shape, bool), size)


def oracle(*values: float, **more: Any) -> Exact:
    value = np.array(values)
    return Exact(value, np.abs(value), np.abs(value), **{name: np.array(given) for name, given in more.items()})


def test_an_equal_result_passes_with_no_error():
    found = compare(oracle(1.0, -2.0, np.inf, np.nan), truth(1.0, -2.0, np.inf, np.nan))
    assert found.passed
    assert (found.elements, found.ulp, found.ruling, found.place) == (4, 0.0, 0.0, None)


def test_four_ulp_pass_and_five_do_not():
    assert compare(oracle(1 + 4 * ULP), truth(1.0)).passed
    found = compare(oracle(1.0, 1 + 5 * ULP), truth(1.0, 1.0))
    assert not found.passed
    assert found.ulp == 5
    assert found.place == (1,)


def test_the_low_part_counts():
    exactly = replace(truth(1.0), low=np.array([0.25 * ULP]))
    assert compare(oracle(1.0), exactly).ulp == 0.25
    assert compare(oracle(1 + ULP), exactly).ulp == 0.75


def test_a_scale_excuses_an_error_and_both_numbers_are_kept():
    found = compare(oracle(1e-8 + 4 * ULP), truth(1e-8), scale=np.array([4.0]))
    assert found.passed
    assert found.ulp > 1e6
    assert found.ruling == found.scaled < BOUND
    assert not compare(oracle(1e-8 + 20 * ULP), truth(1e-8), scale=np.array([4.0])).passed


@pytest.mark.parametrize(
    ("got", "right"), [(0.0, np.nan), (np.nan, 0.0), (np.inf, 1.0), (1.0, np.inf), (np.inf, -np.inf), (np.nan, np.inf)]
)
def test_another_class_is_a_fault(got, right):
    found = compare(oracle(1.0, got), truth(1.0, right))
    assert not found.passed
    assert "another class" in found.faults[0]
    assert found.place == (1,)


def test_another_shape_is_a_fault():
    found = compare(oracle(1.0, 1.0), truth(1.0))
    assert not found.passed
    assert found.faults == ("shape (2,), exact (1,)",)


def test_a_number_where_no_right_value_exists_is_a_fault_unless_it_is_left_open():
    assert not compare(oracle(1.0), truth(1.0, undefined=True)).passed
    assert compare(oracle(np.nan), truth(1.0, undefined=True)).passed
    assert compare(oracle(1.0, free=[True]), truth(1.0, undefined=True)).passed
    assert compare(oracle(1.0, low=[0.0], high=[1.0]), truth(1.0, undefined=True)).passed


def test_leaving_a_right_value_open_is_a_fault_where_all_inputs_are_finite():
    assert not compare(oracle(1.0, free=[True]), truth(1.0)).passed
    found = compare(oracle(1.0, free=[True]), truth(1.0), finite_inputs=False)
    assert found.passed
    assert found.freed == 1


def test_the_bounds_at_a_kink_must_hold_the_exact_value():
    assert compare(oracle(0.0, low=[-1.0], high=[0.0]), truth(-0.5)).passed
    assert not compare(oracle(0.0, low=[-1.0], high=[0.0]), truth(0.5)).passed


def test_what_is_undecided_is_never_passed():
    undecided = replace(truth(np.nan), undecided=np.array([True]))
    assert not compare(oracle(np.nan), undecided).passed


def test_an_empty_array_passes():
    found = compare(oracle(), truth())
    assert found.passed
    assert found.elements == 0


# Cases made by hand.


@dataclass(frozen=True)
class Given:
    """An array as a case holds it."""

    values: Any
    labels: bool = False

    def make(self, dtype: str = "float64") -> Any:
        return np.array(self.values, np.int64 if self.labels else np.float64)


@dataclass(frozen=True)
class CaseOf:
    operation: str
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def case(self, **more: Any) -> Case:
        inputs: dict[str, ArraySpec] = {
            name: Given(values, labels=name == "labels")  # type: ignore[misc]
            for name, values in self.inputs.items()
        }
        settings = {"dtypes": ("float64", "float32"), **more}
        return Case(
            f"hand/{self.operation}", "By hand.", self.operation, inputs, self.parameters, "hand.yaml", 1, **settings
        )


LOGITS = np.concatenate([np.linspace(-50, 50, 21), [-745.0, -100.0, 100.0, 745.0, 3e38, -3e38, np.inf, -np.inf]])
ROWS = np.concatenate(
    [RANDOM.normal(size=(12, 4)) * 8, [[40, 0, 0, 0], [0, 0, 0, 0], [-np.inf, 0, 1, 2], [1000, 0, -1000, 5]]]
)
TARGETS = np.eye(4)[RANDOM.integers(0, 4, len(ROWS))]
LABELS = RANDOM.integers(0, 4, len(ROWS))
SIMPLEX = np.concatenate([RANDOM.dirichlet(np.ones(4), 12), [[0, 1, 0, 0], [0.5, 0.5, 0, 0], [1, 0, 0, 0], [0.25] * 4]])
PROBABILITIES = np.array([0.0, 1.0, 0.5, 0.3, 1e-300, 1e-7, 1 - 2.0**-53, 0.999])
PAIRS = {"probabilities": np.repeat(PROBABILITIES, 4), "targets": np.tile([0.0, 1.0, 0.3, 0.5], len(PROBABILITIES))}
PAIRED_LOGITS = {"logits": np.repeat(LOGITS, 3), "targets": np.tile([0.0, 1.0, 0.3], len(LOGITS))}
WEIGHTS = np.array([0.5, 2.0, 0.0, 1.0])
CLIP = (1e-7, 1 - 1e-7)

HAND_MADE = [
    *(CaseOf(name, {"x": LOGITS}) for name in ("sigmoid", "log_sigmoid", "softplus")),
    CaseOf("softplus", {"x": LOGITS}, {"beta": 0.5, "threshold": 20.0}),
    *(
        CaseOf(name, {"x": ROWS}, {"axis": axis})
        for name in ("softmax", "log_softmax", "logsumexp")
        for axis in (-1, 0)
    ),
    CaseOf("one_hot", {"labels": [0, 2, 1]}, {"classes": 3}),
    CaseOf("smooth_labels", {"targets": SIMPLEX}, {"alpha": 0.1}),
    CaseOf("binary_cross_entropy_with_logits", PAIRED_LOGITS, {"pos_weight": 3.0}),
    CaseOf("binary_cross_entropy_with_logits", PAIRED_LOGITS, {"label_smoothing": 0.1}),
    CaseOf("binary_cross_entropy", PAIRS, {}),
    CaseOf("binary_cross_entropy", PAIRS, {"clip": CLIP, "shift": 1e-7}),
    CaseOf("binary_cross_entropy", PAIRS, {"log_floor": -100.0, "backward_floor": 1e-12}),
    CaseOf("binary_focal_cross_entropy", PAIRS, {"alpha": 0.25}),
    CaseOf("binary_focal_cross_entropy", PAIRS, {"gamma": 3.0, "clip": CLIP}),
    CaseOf("sigmoid_focal_loss", PAIRED_LOGITS, {"alpha": 0.25}),
    CaseOf("sigmoid_focal_loss", PAIRED_LOGITS, {"gamma": 0.5}),
    CaseOf("softmax_focal_loss", {"logits": ROWS, "labels": LABELS}, {}),
    CaseOf("softmax_cross_entropy", {"logits": ROWS, "targets": TARGETS, "class_weights": WEIGHTS}, {}),
    CaseOf("softmax_cross_entropy", {"logits": ROWS, "targets": 2 * TARGETS}, {"unnormalised_gradient": True}),
    CaseOf(
        "sparse_softmax_cross_entropy", {"logits": ROWS, "labels": LABELS}, {"ignore_index": 1, "reduction": "mean"}
    ),
    CaseOf(
        "sparse_softmax_cross_entropy",
        {"logits": ROWS[:12], "labels": LABELS[:12], "class_weights": WEIGHTS, "weights": RANDOM.random(12)},
        {"label_smoothing": 0.1, "weights_inside_smoothing": True, "reduction": "weighted_mean"},
    ),
    CaseOf("categorical_cross_entropy", {"probabilities": SIMPLEX, "targets": TARGETS}, {"normalise": True}),
    CaseOf("categorical_cross_entropy", {"probabilities": SIMPLEX, "targets": TARGETS}, {"clip": CLIP}),
    CaseOf("sparse_categorical_cross_entropy", {"probabilities": SIMPLEX, "labels": LABELS}, {}),
    CaseOf(
        "sparse_categorical_cross_entropy",
        {"probabilities": SIMPLEX, "labels": LABELS},
        {"clip": CLIP, "renormalise": True},
    ),
    CaseOf(
        "categorical_focal_cross_entropy",
        {"probabilities": SIMPLEX, "targets": TARGETS},
        {"alpha": [0.1, 0.2, 0.3, 0.4], "normalise": True, "clip": CLIP},
    ),
    CaseOf(
        "class_weighted_pixelwise_cross_entropy",
        {"probabilities": SIMPLEX, "targets": TARGETS, "class_weights": WEIGHTS},
        {"clip": CLIP, "reduction": "sum"},
    ),
    CaseOf(
        "predicted_class_weighted_cross_entropy",
        {"logits": ROWS, "targets": TARGETS, "class_weights": WEIGHTS},
        {"reduction": "mean_last_axis"},
    ),
    CaseOf("binary_accuracy", PAIRS),
    CaseOf("categorical_accuracy", {"probabilities": SIMPLEX, "targets": TARGETS}),
    CaseOf("sparse_categorical_accuracy", {"probabilities": SIMPLEX, "labels": LABELS}, {"reduction": "mean"}),
]


def test_there_is_a_case_by_hand_for_every_cross_entropy():
    families = ("binary", "categorical", "focal", "segmentation")
    assert {n for n, of in OPERATIONS.items() if of.family in families} <= {made.operation for made in HAND_MADE}


@pytest.mark.parametrize("made", HAND_MADE, ids=lambda made: f"{made.operation}-{len(made.parameters)}")
def test_the_oracle_is_proven_with_contracts_at_the_edges(made):
    """Contract parameters are not for cases, so both definitions are called directly."""
    operation = OPERATIONS[made.operation]
    inputs = {name: Given(values, labels=name == "labels").make() for name, values in made.inputs.items()}
    evaluation = evaluate(operation, inputs, made.parameters)
    cotangent = cotangent_for(operation, evaluation.value.value.shape)
    wrt = [name for name in operation.differentiable if name in inputs]
    exactly = exact.evaluate(operation.name, inputs, made.parameters, cotangent=cotangent, wrt=wrt, scales=True)
    pairs = [("value", evaluation.value, exactly.value)]
    if wrt:
        gradients = evaluation.gradient(np.ones(()) if cotangent is None else cotangent)
        pairs += [("gradient", gradients[name], exactly.gradients[name]) for name in wrt]
    for order, ours, right in pairs:
        scale = scale_of(operation, made.parameters, order, right)
        found = compare(ours, right, scale=scale, finite_inputs=False)
        assert found.passed, f"{order}: {found}"


def test_every_variant_dtype_and_order_has_a_certificate():
    made = CaseOf("binary_cross_entropy_with_logits", {"logits": [-20.0, 1.5], "targets": [0.0, 1.0]})
    seen = []
    found = certify([made.case(each={"reduction": ("none", "mean")})], progress=seen.append)
    assert seen == found
    assert [(c.variant, c.dtype, c.order, c.output) for c in found] == [
        (f"hand/{made.operation}[reduction={reduction}]", dtype, order, output)
        for reduction in ("none", "mean")
        for dtype in ("float64", "float32")
        for order, output in (("value", "value"), ("gradient", "logits"))
    ]
    assert all(c.passed for c in found)


def test_only_what_matches_is_examined():
    made = CaseOf("sigmoid", {"x": [1.0]})
    assert certify([made.case()], match=lambda _: False) == []


def test_an_invalid_case_has_nothing_to_prove():
    made = CaseOf("sparse_softmax_cross_entropy", {"logits": [[0.0, 1.0]], "labels": [5]})
    assert certify([made.case(outcome="raises")]) == []


def test_what_a_publication_documents_is_proven_too():
    made = CaseOf("binary_cross_entropy", {"probabilities": [0.0, 1.0], "targets": [1.0, 1.0]})
    published = Published("16.118", "a page", under={"clip": CLIP})
    found = certify([made.case(published=published, dtypes=("float32",))])
    assert [(c.order, dict(c.under)) for c in found] == [
        ("value", {}), ("gradient", {}), ("value", {"clip": CLIP}), ("gradient", {"clip": CLIP}),
    ]  # fmt: skip
    assert all(c.passed for c in found)


def test_contract_constants_are_those_of_the_dtype():
    assert in_dtype(CLIP, "float32") == (float(np.float32(1e-7)), float(np.float32(1 - 1e-7)))
    assert in_dtype(True, "float16") is True


def plant(monkeypatch: pytest.MonkeyPatch, name: str, define: Any) -> None:
    """Puts a wrong formula into the oracle."""
    wrong = replace(OPERATIONS[name], define=define(OPERATIONS[name].define))
    monkeypatch.setitem(OPERATIONS, name, wrong)


def changed(change: Any) -> Any:
    """A definition whose value is changed."""

    def planted(define: Any) -> Any:
        def wrong(*arguments: Any, **keywords: Any) -> Any:
            terms = define(*arguments, **keywords)
            return replace(terms, value=replace(terms.value, value=change(terms.value.value)))

        return wrong

    return planted


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        (lambda value: value * (1 + 8 * ULP), "ruling"),
        (lambda value: np.where(value < 1e-6, 0.0, value), "ruling"),
        (lambda value: np.where(value < 1e-6, np.nan, value), "fault"),
        (lambda value: value[..., None], "fault"),
        (lambda value: np.where(np.isnan(value), 0.0, value), "fault"),
        (lambda value: np.where(np.isinf(value), 1e300, value), "fault"),
    ],
    ids=["eight ULP", "underflow", "nan", "shape", "nan lost", "inf lost"],
)
def test_a_wrong_formula_is_seen(monkeypatch, change, sign):
    made = CaseOf(
        "binary_cross_entropy_with_logits",
        {"logits": [-20.0, 2.0, np.nan, np.inf], "targets": [0.0, 1.0, 0.0, 0.0]},
    )
    case = made.case(orders=(0,), dtypes=("float64",))
    assert certify([case])[0].passed
    plant(monkeypatch, made.operation, changed(change))
    [found] = certify([case])
    assert not found.passed
    assert bool(found.comparison.faults) == (sign == "fault")


def test_a_wrong_gradient_is_seen(monkeypatch):
    made = CaseOf("softmax_cross_entropy", {"logits": [[1.0, 2.0, 3.0]], "targets": [[2.0, 1.0, 0.0]]})
    assert all(c.passed for c in certify([made.case()]))

    def planted(define: Any) -> Any:
        return lambda *arguments, **keywords: define(*arguments, **{**keywords, "unnormalised_gradient": True})

    plant(monkeypatch, made.operation, planted)
    found = certify([made.case()])
    assert {(c.order, c.passed) for c in found} == {("value", True), ("gradient", False)}


def test_the_worst_element_is_shown_with_its_inputs(monkeypatch):
    made = CaseOf("sigmoid", {"x": [1.0, -0.5, 2.0]})
    plant(monkeypatch, "sigmoid", changed(lambda value: np.where(value < 0.5, 2 * value, value)))
    worst = certify([made.case(orders=(0,), dtypes=("float64",))])[0].worst
    assert worst is not None
    assert worst.index == (1,)
    assert worst.inputs == {"x": (-0.5).hex()}
    assert worst.exact.startswith("0.37754066879814546 + ")
    assert worst.oracle == "0.7550813375962909"


def test_a_case_that_cannot_be_evaluated_is_a_failed_certificate():
    made = CaseOf("softmax_cross_entropy", {"logits": [[1.0, 2.0]], "targets": [[1.0, 0.0, 0.0]]})
    found = certify([made.case(dtypes=("float64",))])
    assert [c.passed for c in found] == [False]
    assert "cannot be evaluated" in found[0].comparison.faults[0]


def test_a_fault_comes_before_every_error(monkeypatch):
    good = certify([CaseOf("softmax", {"x": ROWS}).case()])
    plant(monkeypatch, "sigmoid", changed(lambda value: value * np.nan))
    bad = certify([CaseOf("sigmoid", {"x": [1.0]}).case()])
    assert worst_of([*good, *bad]) in bad
    summaries = summarise([*good, *bad])
    assert [(s.operation, bool(s.failed)) for s in summaries] == [("softmax", False), ("sigmoid", True)]


def test_every_conditioned_operation_exists_and_says_why():
    for name, reason in certifying.CONDITIONED.items():
        assert isinstance(OPERATIONS[name], Operation)
        assert len(reason) > 20


def test_examine_is_the_certificates_of_one_dtype():
    [variant] = CaseOf("sigmoid", {"x": [1.0]}).case().variants()
    assert {c.dtype for c in examine(variant, "bfloat16")} == {"bfloat16"}
