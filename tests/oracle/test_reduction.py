"""Each divisor has a name; ignored rows are gone; a divisor of zero leaves the result open."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from conformance.oracle.operation import OPERATIONS, evaluate
from conformance.oracle.reduction import sum_exactly

INF, NAN = np.inf, np.nan
# -ln p is 1, 2, 3 and 4: losses that one can add in one's head
LOSSES = {"probabilities": np.exp(-np.array([[1.0, 2], [3, 4]])), "targets": np.ones((2, 2))}


def ask(operation, inputs, **parameters):
    values = {name: np.asarray(array) for name, array in inputs.items()}
    return evaluate(OPERATIONS[operation], values, parameters)


@pytest.mark.parametrize(
    ("how", "plain", "weighted"),
    [
        ("none", [[1, 2], [3, 4]], [[0, 2], [0, 8]]),
        ("sum", 10, 10),
        ("mean", 2.5, 2.5),
        ("mean_with_ignored", 2.5, 2.5),
        ("mean_last_axis", [1.5, 3.5], [1, 4]),
        ("batch_mean", 5, 5),
        ("weighted_mean", 2.5, 10 / 3),
        ("nonzero_weight_mean", 2.5, 5),
    ],
)
def test_a_reduction_divides_by_what_its_name_says(how, plain, weighted):
    weights = [[0, 1], [0, 2]]
    np.testing.assert_allclose(ask("binary_cross_entropy", LOSSES, reduction=how).value.value, plain, rtol=1e-15)
    found = ask("binary_cross_entropy", {**LOSSES, "weights": weights}, reduction=how)
    np.testing.assert_allclose(found.value.value, weighted, rtol=1e-15)


@pytest.mark.parametrize("how", ["sum", "mean", "batch_mean", "weighted_mean", "nonzero_weight_mean", "mean_last_axis"])
def test_the_gradient_is_that_of_each_loss_over_the_divisor(how):
    inputs = {**LOSSES, "weights": np.array([[0.5, 1], [0, 2]])}
    reduced = ask("binary_cross_entropy", inputs, reduction=how)
    each = ask("binary_cross_entropy", inputs)
    ones = np.ones((2, 2))
    share = reduced.value.value.sum() / each.value.value.sum()
    found = reduced.gradient(np.ones(reduced.value.value.shape))["probabilities"].value
    np.testing.assert_allclose(found, share * each.gradient(ones)["probabilities"].value, rtol=1e-14)


def test_the_class_weight_of_the_label_counts_in_a_weighted_mean():
    rows = {"logits": np.zeros((3, 2)), "labels": [0, 1, 1], "class_weights": [1.0, 3.0]}
    found = ask("sparse_softmax_cross_entropy", rows, reduction="weighted_mean").value.value
    np.testing.assert_allclose(found, np.log(2), rtol=1e-15)
    found = ask("sparse_softmax_cross_entropy", rows, reduction="mean").value.value
    np.testing.assert_allclose(found, np.log(2) * 7 / 3, rtol=1e-15)


def test_the_class_weight_of_dense_targets_is_their_mixture():
    rows = {"logits": np.zeros((2, 2)), "targets": [[1.0, 0], [0.5, 0.5]], "class_weights": [1.0, 3.0]}
    found = ask("softmax_cross_entropy", rows, reduction="weighted_mean").value.value
    np.testing.assert_allclose(found, np.log(2), rtol=1e-15)


@pytest.mark.parametrize("held", [NAN, INF, -INF, 7.0])
@pytest.mark.parametrize("operation", ["sparse_softmax_cross_entropy", "sparse_categorical_cross_entropy"])
def test_an_ignored_row_is_gone_whatever_it_holds(operation, held):
    given_as = OPERATIONS[operation].inputs[0].name
    rows = {given_as: [[held, 0.5], [0.25, 0.75]], "labels": [-100, 1], "weights": [held, 1.0]}
    kept = {given_as: [[0.25, 0.75]], "labels": [1]}
    for how in ("none", "sum", "mean", "weighted_mean", "nonzero_weight_mean", "mean_with_ignored"):
        found = ask(operation, rows, ignore_index=-100, reduction=how)
        alone = ask(operation, kept, reduction=how)
        if how == "mean_with_ignored":
            np.testing.assert_array_equal(found.value.value, alone.value.value / 2)
        else:
            np.testing.assert_array_equal(np.sum(found.value.value), np.sum(alone.value.value))
        gradient = found.gradient(np.ones(found.value.value.shape))[given_as].value
        np.testing.assert_array_equal(gradient[0], [0, 0])
        assert np.isfinite(gradient[1]).all()


def test_an_in_range_class_may_be_ignored():
    rows = {"logits": np.zeros((3, 2)), "labels": [0, 1, 1]}
    found = ask("sparse_softmax_cross_entropy", rows, ignore_index=0)
    np.testing.assert_allclose(found.value.value, [0, np.log(2), np.log(2)], rtol=1e-15)


def test_ignored_pixels_with_the_classes_on_another_axis():
    """Logits (N, C, H): the mask of (N, H) belongs between, not behind."""
    logits = np.arange(24.0).reshape(2, 3, 4)
    labels = np.array([[0, -1, 2, 1], [-1, 1, 0, 2]])
    logits[0, :, 1] = NAN
    found = ask("sparse_softmax_cross_entropy", {"logits": logits, "labels": labels}, axis=1, ignore_index=-1)
    last = ask(
        "sparse_softmax_cross_entropy", {"logits": np.moveaxis(logits, 1, -1), "labels": labels}, ignore_index=-1
    )
    np.testing.assert_array_equal(found.value.value, last.value.value)
    cotangent = np.arange(1.0, 9).reshape(2, 4)
    gradient = found.gradient(cotangent)["logits"].value
    np.testing.assert_array_equal(np.moveaxis(gradient, 1, -1), last.gradient(cotangent)["logits"].value)
    np.testing.assert_array_equal(gradient[0, :, 1], 0)


@pytest.mark.parametrize(
    ("inputs", "how", "parameters"),
    [
        ({"logits": np.zeros((0, 3)), "labels": np.zeros(0, int)}, "mean", {}),
        ({"logits": np.zeros((0, 3)), "labels": np.zeros(0, int)}, "batch_mean", {}),
        ({"logits": np.zeros((2, 3)), "labels": [-1, -1]}, "mean", {"ignore_index": -1}),
        ({"logits": np.zeros((2, 3)), "labels": [0, 1], "weights": [0.0, 0.0]}, "weighted_mean", {}),
        ({"logits": np.zeros((2, 3)), "labels": [0, 1], "weights": [0.0, 0.0]}, "nonzero_weight_mean", {}),
        ({"logits": np.zeros((2, 3)), "labels": [0, 0], "class_weights": [0.0, 1, 1]}, "weighted_mean", {}),
    ],
)
def test_a_divisor_of_zero_leaves_value_and_gradient_open(inputs, how, parameters):
    found = ask("sparse_softmax_cross_entropy", inputs, reduction=how, **parameters)
    assert np.isnan(found.value.value)
    assert found.value.free
    gradient = found.gradient(np.ones(()))["logits"]
    assert gradient.value.shape == np.shape(inputs["logits"])
    assert np.all(gradient.free)


def test_the_sum_of_nothing_is_zero():
    nothing = {"logits": np.zeros((0, 3)), "labels": np.zeros(0, int)}
    assert ask("sparse_softmax_cross_entropy", nothing, reduction="sum").value.value == 0


@pytest.mark.parametrize("how", ["mean_last_axis", "batch_mean"])
def test_a_scalar_loss_has_no_axis_to_reduce(how):
    with pytest.raises(ValueError, match="needs an axis"):
        ask("binary_cross_entropy", {"probabilities": 0.5, "targets": 1.0}, reduction=how)


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ValueError, match="unknown reduction 'average'"):
        ask("binary_cross_entropy", LOSSES, reduction="average")


def test_weights_that_do_not_broadcast_are_refused():
    with pytest.raises(ValueError, match="broadcast"):
        ask("binary_cross_entropy", {**LOSSES, "weights": np.ones(3)}, reduction="sum")


def test_weights_broadcast_against_the_losses():
    found = ask("binary_cross_entropy", {**LOSSES, "weights": [[1.0], [10.0]]}, reduction="sum")
    np.testing.assert_allclose(found.value.value, 73, rtol=1e-15)


def test_a_mean_may_exist_where_the_sum_overflows():
    """Logits at the end of float64's range, whose losses are as large."""
    ends = {"logits": [1.5e308] * 4, "targets": [0.0] * 4}
    assert ask("binary_cross_entropy_with_logits", ends, reduction="mean").value.value == 1.5e308
    assert ask("binary_cross_entropy_with_logits", ends, reduction="sum").value.value == INF


@pytest.mark.parametrize(("values", "total"), [([INF, 1], INF), ([INF, -INF], NAN), ([NAN, INF], NAN), ([], 0.0)])
def test_sums_of_ends(values, total):
    np.testing.assert_array_equal(sum_exactly(np.array(values)), total)


@given(arrays(np.float64, st.integers(0, 40), elements=st.floats(-1e300, 1e300)), st.randoms())
def test_a_sum_does_not_depend_on_its_order(values, random):
    shuffled = values.tolist()
    random.shuffle(shuffled)
    assert sum_exactly(values) == sum_exactly(np.array(shuffled))


def test_the_number_of_summed_entries_is_told():
    rows = {"logits": np.zeros((4, 6, 3)), "labels": np.zeros((4, 6), int)}
    lengths = {
        how: ask("sparse_softmax_cross_entropy", rows, reduction=how).reduced_length
        for how in ("none", "mean_last_axis", "mean")
    }
    assert lengths == {"none": 3, "mean_last_axis": 18, "mean": 72}
