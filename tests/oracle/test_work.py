"""The operations counted by hand are those that the second definitions take when they are run on counted numbers.

A count holds if it is within a factor of two of that for a value, and of two and a half with the gradient: the tape
differentiates a formula as it stands, where the derivative of p·ln p by hand is ln p + 1.
"""

import heapq
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from conformance.bench.cases import case_to_time, enlarged
from conformance.bench.work import operations
from conformance.loading import load
from conformance.oracle import exact
from conformance.oracle.exact.number import exp, log, sqrt, total
from conformance.oracle.exact.similarity import inner
from conformance.oracle.formulas import all_formulas
from conformance.oracle.formulas.work import Call, Per, Work
from conformance.oracle.operation import OPERATIONS
from conformance.reference import Reference

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))
import counting

CASES = load(None).cases
VALUE, GRADIENT = 2.0, 2.5
# The second definition compares all pairs, looks at each cell of a matrix of counts for itself, or takes each norm anew
# for every pair; implementations do not, and the count is that of the faster algorithm, which stands here.
FASTER = {
    "argmax", "top_k_indices", "top_k_values", "mean_pairwise_squared_error", "confusion_matrix", "mean_iou",
    "cohen_kappa", "matthews_correlation", "ntxent",
}  # fmt: skip
# Inputs of which no case can be enlarged; lists of labels are closed by -1, half of the classes right.
WRITTEN = {
    **{
        name: {"embeddings": (6, 16), "labels": np.array([0, 1, 2, 0, 1, 2])}
        for name in ("circle", "triplet_hard", "triplet_semihard")
    },
    "multilabel_margin": {"scores": (2, 6), "labels": np.array([[0, 1, 5, -1, 0, 0], [4, 2, 3, -1, 0, 0]])},
}
# Parameters whose default switches off what is counted.
SWITCHED_ON = {"smooth_labels": {"alpha": 0.3}}


def call_of(operation):
    """(inputs, parameters) of the case that is timed, with two or three rows; masks keep all, metrics have weights."""
    rng = np.random.default_rng(3)
    if operation in WRITTEN:
        inputs = {n: i if isinstance(i, np.ndarray) else rng.normal(0, 0.2, i) for n, i in WRITTEN[operation].items()}
        return inputs, {"reduction": "mean"} if OPERATIONS[operation].reduces else {}
    case = case_to_time(OPERATIONS[operation], CASES)
    row = math.prod(next(iter(case.inputs.values())).shape[1:])
    made = Reference(next(enlarged(case, 3 * row if row > 1 else 12).variants()), "float64")
    inputs = {name: np.array(array) for name, array in made.values.items()}
    if "mask" in inputs:
        inputs["mask"] = np.ones_like(inputs["mask"])
    first = next(iter(inputs.values()))
    asked = OPERATIONS[operation]
    if not asked.reduces and any(i.name == "weights" for i in asked.inputs):
        inputs["weights"] = rng.uniform(0.5, 2.0, first.shape[:1] if operation == "r2_score" else first.shape)
    return inputs, {**made.variant.parameters, **SWITCHED_ON.get(operation, {})}


def by_hand(operation, order, inputs, parameters):
    return operations(operation, order, {name: array.shape for name, array in inputs.items()}, parameters)


def test_every_operation_is_counted_and_gradients_where_there_are_some():
    works = {name: formula.work for name, formula in all_formulas().items()}
    assert set(works) == set(OPERATIONS)
    assert {n for n, work in works.items() if work.gradient} == {n for n, o in OPERATIONS.items() if o.differentiable}


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - FASTER))
def test_a_count_by_hand_is_what_the_second_definition_takes(operation):
    inputs, parameters = call_of(operation)
    value, gradient = counting.operations(operation, inputs, parameters)
    assert value / VALUE <= by_hand(operation, "value", inputs, parameters) <= value * VALUE
    if OPERATIONS[operation].differentiable:
        assert gradient / GRADIENT <= by_hand(operation, "gradient", inputs, parameters) <= gradient * GRADIENT


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("pairwise_distance", {"p": 1}),
        ("pairwise_distance", {"p": 3.0}),
        ("triplet_margin", {"swap": True}),
        ("multi_margin", {"p": 2}),
        ("poisson_nll", {"full": True}),
        ("gaussian_nll", {"full": True}),
        ("sigmoid_focal_loss", {"alpha": None}),
    ],
)
def test_a_parameter_that_changes_the_work_changes_the_count(operation, parameters):
    inputs, ordinary = call_of(operation)
    changed = {**ordinary, **parameters}
    value, gradient = counting.operations(operation, inputs, changed)
    assert value / VALUE <= by_hand(operation, "value", inputs, changed) <= value * VALUE
    assert gradient / GRADIENT <= by_hand(operation, "gradient", inputs, changed) <= gradient * GRADIENT
    assert by_hand(operation, "value", inputs, changed) != by_hand(operation, "value", inputs, ordinary)


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("operation", ["top_k_indices", "top_k_values"])
def test_the_largest_of_a_row_take_as_many_comparisons_as_a_heap(operation, k):
    trace = counting.Trace()
    row = [counting.CountedKey(trace, x) for x in np.random.default_rng(0).permutation(100).tolist()]
    heapq.nlargest(k, row)
    assert trace.by_python <= by_hand(operation, "value", {"x": np.zeros((1, 100))}, {"k": k}) <= 4 * trace.by_python


def test_the_largest_of_a_row_takes_a_comparison_for_each_entry():
    trace = counting.Trace()
    max(counting.CountedKey(trace, x) for x in range(100))
    assert trace.by_python == 99
    assert by_hand("argmax", "value", {"x": np.zeros((1, 100))}, {}) == 100


def test_squares_of_all_differences_are_had_from_two_sums():
    """Σᵢⱼ(dᵢ - dⱼ)²/2 = n·Σd² - (Σd)², counted."""
    trace = counting.Trace()
    p, t = ([trace.leaf(x) for x in np.random.default_rng(seed).normal(size=10)] for seed in (1, 2))
    d = [a - b for a, b in zip(p, t, strict=True)]
    whole = sum(x * x for x in d) * 10 - sum(d) * sum(d)
    value = np.array([x.x for x in d])
    assert (whole / 45).x == pytest.approx(np.mean([(a - b) ** 2 for i, a in enumerate(value) for b in value[:i]]))
    inputs = {"predictions": np.zeros((1, 10)), "targets": np.zeros((1, 10))}
    counted = by_hand("mean_pairwise_squared_error", "value", inputs, {})
    assert counted == pytest.approx(trace.operations([whole / 45]), abs=3)


@pytest.mark.parametrize("operation", ["confusion_matrix", "mean_iou", "cohen_kappa", "matthews_correlation"])
def test_a_matrix_of_counts_takes_an_addition_for_each_sample(operation):
    """Filled sample by sample; what is made of it takes its sums of rows and columns at least."""
    trace = counting.Trace()
    one = trace.leaf(1)
    matrix = [[trace.leaf(0) for _ in range(4)] for _ in range(4)]
    for label, predicted in np.random.default_rng(0).integers(0, 4, (50, 2)).tolist():
        matrix[label][predicted] = matrix[label][predicted] + one
    results = [cell for row in matrix for cell in row]
    if operation != "confusion_matrix":
        results = [sum(row) for row in matrix] + [sum(column) for column in zip(*matrix, strict=True)]
    samples = {"predictions": np.zeros(50), "labels": np.zeros(50)}
    assert by_hand(operation, "value", samples, {"classes": 4}) == pytest.approx(trace.operations(results), abs=8)


@pytest.mark.parametrize(("count", "width"), [(6, 16), (10, 4)])
def test_cosines_of_all_pairs_are_had_from_vectors_of_length_one(count, width):
    """NT-Xent with every norm taken once, counted: two views of each sample, so each has one other of its label."""
    trace = counting.Trace()
    tape = counting.CountedTape(trace)
    embeddings = np.random.default_rng(0).normal(size=(count, width))
    flat = [tape.variable(trace.leaf(x)) for x in embeddings.ravel()]
    rows = [flat[i * width : (i + 1) * width] for i in range(count)]
    norms = [sqrt(inner(row, row)) for row in rows]
    units = [[x / norm for x in row] for row, norm in zip(rows, norms, strict=True)]
    power = {}
    for i in range(count):
        for j in range(i):
            power[i, j] = power[j, i] = exp(inner(units[i], units[j]) / trace.leaf(0.5))
    losses = []
    for i in range(count):
        other = (i + count // 2) % count
        losses.append(-log(power[i, other] / total([power[i, j] for j in range(count) if j != i])))
    mean = total(losses) / count
    slopes = tape.gradient([mean], [trace.leaf(1)])
    inputs = {"embeddings": embeddings, "labels": np.tile(np.arange(count // 2), 2)}
    definition = exact.evaluate("ntxent", inputs, {"temperature": 0.5})
    assert mean.value.x == pytest.approx(float(definition.value.high))
    counted = trace.operations([mean.value]), trace.operations([mean.value, *(slopes[x.place] for x in flat)])
    assert counted[0] / VALUE <= by_hand("ntxent", "value", inputs, {}) <= counted[0] * VALUE
    assert counted[1] / GRADIENT <= by_hand("ntxent", "gradient", inputs, {}) <= counted[1] * GRADIENT


@pytest.mark.parametrize("wrong", [Per(1.0), Per(30.0)])
def test_a_count_that_is_wrong_is_found(wrong, monkeypatch):
    """The comparison can fail: an operation that says one for an entry, or thirty."""
    monkeypatch.setitem(all_formulas(), "softmax", type(all_formulas()["softmax"])("s", work=Work(wrong, wrong)))
    with pytest.raises(AssertionError):
        test_a_count_by_hand_is_what_the_second_definition_takes("softmax")


def test_counts_can_be_checked_by_hand():
    """σ(x) = 1/(1 + e^(-x)): an exponential, an addition, a division; then p·(1 - p)·g."""
    assert operations("sigmoid", "value", {"x": (10, 10)}, {}) == 300
    assert operations("sigmoid", "gradient", {"x": (10, 10)}, {}) == 600
    pairs = {"embeddings": (100, 8), "labels": (100,)}
    assert operations("ntxent", "value", pairs, {}) > 100 * 99 / 2 * 2 * 8
    frames = {"logits": (4, 50, 20), "labels": (4, 10)}
    assert operations("ctc", "value", frames, {}) == 3 * 4 * 50 * 20 + 4 * 50 * 52 + 3 * 4
    assert operations("auc_roc", "value", {"probabilities": (1024,), "targets": (1024,)}, {}) == 1024 * 17


def test_a_metric_has_no_count_of_a_gradient():
    with pytest.raises(ValueError, match="without a gradient"):
        Work(Per(1)).operations(Call({"x": (3,)}, {}), "gradient")


def test_a_row_lies_along_the_axis_that_is_asked():
    shapes = {"x": (4, 10)}
    assert operations("logsumexp", "value", shapes, {"axis": -1}) == 2 * 40 + 4
    assert operations("logsumexp", "value", shapes, {"axis": 0}) == 2 * 40 + 10
