"""Similarities, distances and contrastive losses: worked values, corners, and what epsilons make of them."""

import numpy as np
import pytest

from conformance.oracle.operation import OPERATIONS, evaluate


def asked(operation, inputs, **parameters):
    """The oracle's answer to a question about arrays that are given as lists."""
    return evaluate(OPERATIONS[operation], {name: np.asarray(array) for name, array in inputs.items()}, parameters)


def gradient(answer, name):
    return answer.gradient(np.ones(answer.value.value.shape))[name]


EXAMPLES = {
    "cosine": (
        "cosine_similarity",
        {"predictions": [[1.0, 0], [1, 1], [3, 4]], "targets": [[0.0, 1], [2, 2], [-3, -4]]},
        {},
        [0.0, 1.0, -1.0],
    ),
    "cosine distances of the rows that a library tests": (
        "cosine_distance",
        {"predictions": [[10.0, 1, -2], [1, 4, 0.2]], "targets": [[0.0, 1.2, 0.2], [1, -0.3, 0]]},
        {},
        [0.9358252065184147, 1.0464068351535463],
    ),
    "cosine distance of vectors that are not of length 1 but taken to be": (
        "cosine_distance",
        {"predictions": [[2.0, 0]], "targets": [[3.0, 4]]},
        {"unit": True},
        [-5.0],
    ),
    "a pair that is alike and one that is not": (
        "cosine_embedding",
        {"first": [[1.0, 0], [3, 4]], "second": [[0.0, 1], [3, 4]], "targets": [1, -1]},
        {"margin": 0.25},
        [1.0, 0.75],
    ),
    "distance in three norms": ("pairwise_distance", {"first": [[3.0, -4]], "second": [[0.0, 0]]}, {"p": 1}, [7.0]),
    "distance of degree 3": (
        "pairwise_distance",
        {"first": [[3.0, -4]], "second": [[0.0, 0]]},
        {"p": 3},
        [91 ** (1 / 3)],
    ),
    "triplets of a library's documentation": (
        "triplet_margin",
        {"anchors": [[0.0, 0], [1, 1]], "positives": [[0.1, 0.1], [1.1, 1.1]], "negatives": [[1.0, 0], [0, 1]]},
        {"power_shift": 1e-6},
        [0.14142439172714738, 0.14142439172714738],
    ),
    "contrastive": (
        "contrastive",
        {"distances": [2.0, 0.25, 3.0], "targets": [1.0, 0.0, 0.0]},
        {},
        [4.0, 0.5625, 0.0],
    ),
    "circle": (
        "circle",
        {"embeddings": [[1.0, 0], [0.6, 0.8], [0, 1]], "labels": [0, 0, 1]},
        {},
        [np.log1p(np.exp(-12.8)), 38.4, 0.0],
    ),
}


@pytest.mark.parametrize(("operation", "inputs", "parameters", "expected"), EXAMPLES.values(), ids=EXAMPLES)
def test_values_are_those_of_the_formula(operation, inputs, parameters, expected):
    found = asked(operation, inputs, **parameters).value.value
    assert found == pytest.approx(expected, rel=1e-13 if operation == "circle" else 1e-15, abs=1e-15)


def test_two_pairs_at_right_angles_lose_what_two_opponents_take():
    embeddings = [[1.0, 0], [2, 0], [0, 1], [0, 3]]
    found = asked("ntxent", {"embeddings": embeddings, "labels": [0, 0, 1, 1]}, temperature=0.5)
    assert found.value.value == pytest.approx(np.log1p(2 * np.exp(-2.0)), rel=1e-15)


def test_the_distance_of_nearly_parallel_vectors_is_no_difference():
    """1 - cos is half the square of the angle, 2.5e-33 here, far below what 1 - 1 can show."""
    first, second = [[1.0, 1.0]], [[1.0, 1.0 + 2.0**-52]]
    found = asked("cosine_distance", {"predictions": first, "targets": second}).value.value[0]
    assert found == pytest.approx((2.0**-53) ** 2 / 2, rel=1e-15)


@pytest.mark.parametrize("size", [1e-300, 1e-8, 1e200])
def test_an_angle_does_not_depend_on_lengths(size):
    found = asked("cosine_similarity", {"predictions": [[size, 2 * size]], "targets": [[3.0, 4.0]]})
    assert found.value.value[0] == pytest.approx(11 / (5 * np.sqrt(5)), rel=1e-15)


def test_a_zero_vector_has_no_angle():
    found = asked("cosine_similarity", {"predictions": [[0.0, 0.0], [1, 2]], "targets": [[1.0, 2.0], [2, 1]]})
    assert found.value.free.tolist() == [True, False]
    assert gradient(found, "targets").free.tolist() == [[True, True], [False, False]]


def test_a_floor_under_the_lengths_gives_a_zero_vector_the_angle_0_and_a_steep_gradient():
    rows = {"predictions": [[0.0, 0.0]], "targets": [[3.0, 4.0]]}
    found = asked("cosine_similarity", rows, norm_floor=1e-7)
    assert found.value.value == 0
    assert gradient(found, "predictions").value == pytest.approx(np.array([[6e6, 8e6]]))


def test_the_derivative_of_a_length_may_not_know_of_its_floor():
    """(1e-8, 0) and itself under a floor of 1e-7: the bend of the length is subtracted although the length is fixed."""
    rows = {"predictions": [[1e-8, 0.0]], "targets": [[1.0, 0.0]]}
    known = asked("cosine_similarity", rows, norm_floor=1e-7)
    unknown = asked("cosine_similarity", rows, norm_floor=1e-7, straight_through=True)
    assert known.value.value == unknown.value.value == pytest.approx(0.1)
    assert gradient(known, "predictions").value[0, 0] == pytest.approx(1e7)
    assert gradient(unknown, "predictions").value[0, 0] == pytest.approx(0.9e7)


def test_at_a_distance_of_0_every_component_up_to_1_is_right():
    found = gradient(asked("pairwise_distance", {"first": [[1.0, 2.0]], "second": [[1.0, 2.0]]}), "first")
    assert (found.low.tolist(), found.high.tolist()) == ([[-1, -1]], [[1, 1]])


def test_a_norm_of_degree_1_has_a_corner_in_each_component():
    found = gradient(asked("pairwise_distance", {"first": [[1.0, 5.0]], "second": [[1.0, 2.0]]}, p=1), "first")
    assert (found.low.tolist(), found.high.tolist()) == ([[-1, 1]], [[1, 1]])


def test_a_triplet_that_is_satisfied_has_no_gradient_even_where_anchor_and_positive_coincide():
    points = {"anchors": [[1.0, 2.0]], "positives": [[1.0, 2.0]], "negatives": [[9.0, 2.0]]}
    found = asked("triplet_margin", points)
    assert found.value.value == 0
    for name in points:
        exact = gradient(found, name)
        assert not exact.value.any()
        assert exact.low is None


def test_a_triplet_exactly_at_the_margin_may_count_in_part():
    points = {"anchors": [[0.0, 0.0]], "positives": [[3.0, 4.0]], "negatives": [[6.0, 0.0]]}
    found = gradient(asked("triplet_margin", points), "negatives")
    assert (found.low.tolist(), found.high.tolist()) == ([[-1, 0]], [[0, 0]])


def test_a_swapped_negative_is_measured_from_the_positive():
    points = {"anchors": [[0.0, 0.0]], "positives": [[1.0, 0.0]], "negatives": [[3.0, 0.0]]}
    assert asked("triplet_margin", points, margin=3.0, swap=True).value.value == 2
    assert asked("triplet_margin", points, margin=3.0).value.value == 1


def test_a_degree_that_is_no_whole_number_is_refused():
    with pytest.raises(ValueError, match="degree of the norm"):
        asked("pairwise_distance", {"first": [[1.0]], "second": [[2.0]]}, p=1.5)


def test_without_a_pair_the_mean_over_pairs_is_open():
    found = asked("ntxent", {"embeddings": [[1.0, 0.0], [0.0, 1.0]], "labels": [0, 1]})
    assert bool(found.value.free)


def test_an_embedding_without_opponents_loses_nothing_and_pulls_nothing():
    found = asked("circle", {"embeddings": [[1.0, 0.0], [0.6, 0.8]], "labels": [0, 0]})
    assert not found.value.value.any()
    assert not gradient(found, "embeddings").value.any()


def test_a_mean_over_what_is_lost_leaves_out_the_others():
    rows = {"embeddings": [[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], "labels": [0, 0, 1]}
    losses = asked("circle", rows).value.value
    assert losses[2] == 0
    assert asked("circle", rows, reduction="mean").value.value == pytest.approx(losses.sum() / 3)
    assert asked("circle", rows, reduction="mean", lost_only=True).value.value == pytest.approx(losses.sum() / 2)


@pytest.mark.parametrize("name", ["embeddings"])
@pytest.mark.parametrize(
    ("operation", "parameters"), [("ntxent", {"temperature": 0.5}), ("circle", {"scale": 4.0, "margin": 0.25})]
)
def test_the_gradient_over_a_batch_is_that_of_its_value(operation, parameters, name):
    start = np.array([[0.6, 0.8], [0.8, 0.6], [0.28, 0.96], [0.96, -0.28]])
    rows = {name: start, "labels": [0, 1, 0, 1]}
    found = gradient(asked(operation, rows, **parameters), name).value
    step = 2.0**-13
    for place in np.ndindex(start.shape):
        ends = []
        for sign in (1, -1):
            moved = start.copy()
            moved[place] += sign * step
            ends.append(asked(operation, {**rows, name: moved}, **parameters).value.value.sum())
        assert found[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4, abs=1e-6)


# Distances from (0, 0): 5 to its pair, 1, 6 and 16 to the others; from (3, 4): 5 to its pair, √18, 5 and √153.
LINE = {"embeddings": [[0.0, 0.0], [3.0, 4.0], [0.0, 1.0], [6.0, 0.0], [0.0, 16.0]], "labels": [0, 0, 1, 2, 3]}


def test_a_semi_hard_negative_is_the_nearest_one_beyond_the_positive():
    # From (3, 4) the negative at 5 is not beyond the positive: the one at √153 counts.
    found = asked("triplet_semihard", LINE, margin=8.0)
    assert found.value.value == pytest.approx(((5 - 6 + 8) + max(0, 5 - np.sqrt(153) + 8)) / 2)


def test_where_no_negative_is_beyond_the_positive_the_furthest_counts():
    rows = {"embeddings": [[0.0, 0.0], [6.0, 8.0], [0.0, 1.0], [3.0, 4.0]], "labels": [0, 0, 1, 2]}
    first, second = 10 - 5 + 1, 10 - np.sqrt(36 + 49) + 1
    assert asked("triplet_semihard", rows).value.value == pytest.approx((first + second) / 2)


def test_hard_triplets_take_the_furthest_of_a_label_and_the_nearest_of_another():
    rows = {"embeddings": [[0.0], [1.0], [3.0], [5.0]], "labels": [0, 0, 1, 1]}
    excess = np.array([1 - 3, 1 - 2, 2 - 2, 2 - 4])
    assert asked("triplet_hard", rows).value.value == pytest.approx(np.maximum(excess + 1, 0).mean())
    assert asked("triplet_hard", rows, soft=True).value.value == pytest.approx(np.log1p(np.exp(excess)).mean())


@pytest.mark.parametrize("distance", ["euclidean", "squared", "cosine"])
@pytest.mark.parametrize(
    ("name", "more"), [("triplet_semihard", {}), ("triplet_hard", {}), ("triplet_hard", {"soft": True})]
)
def test_the_gradient_of_mined_triplets_is_that_of_a_difference_quotient(name, more, distance):
    rng = np.random.default_rng(5)
    rows, labels, step = rng.normal(size=(6, 3)), [0, 1, 0, 1, 0, 1], 1e-6
    found = gradient(asked(name, {"embeddings": rows, "labels": labels}, distance=distance, **more), "embeddings")
    for place in np.ndindex(rows.shape):
        ends = []
        for sign in (1, -1):
            moved = rows.copy()
            moved[place] += sign * step
            ends.append(
                float(asked(name, {"embeddings": moved, "labels": labels}, distance=distance, **more).value.value)
            )
        assert found.value[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)


@pytest.mark.parametrize(
    ("name", "labels"), [("triplet_semihard", [0, 0]), ("triplet_semihard", [0, 1]), ("triplet_hard", [0, 1])]
)
def test_without_a_triplet_there_is_no_right_loss(name, labels):
    found = asked(name, {"embeddings": [[0.0, 1.0], [1.0, 0.0]], "labels": labels})
    assert found.value.free.all()
    assert gradient(found, "embeddings").free.all()


def test_a_distance_has_one_of_three_names():
    with pytest.raises(ValueError, match="euclidean, squared or cosine"):
        asked("triplet_hard", {"embeddings": [[0.0], [1.0]], "labels": [0, 0]}, distance="L2")
