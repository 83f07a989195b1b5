"""The comparator is proven by planted errors: each is seen at its size, and nothing that is right is blamed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.judge.compare import BOUND, Question, compare
from conformance.oracle import dtypes
from conformance.oracle.operation import Exact

NAN, INF = np.nan, np.inf


def exactly(values, scale=None, condition=0.0, **more):
    values = np.asarray(values, np.float64)
    scale = np.abs(values) if scale is None else np.broadcast_to(float(scale), values.shape)
    return Exact(values, np.asarray(scale), np.full(values.shape, float(condition)), **more)


def distance(got, exact, dtype="float32", **more):
    exact = exact if isinstance(exact, Exact) else exactly(exact)
    return compare([Question(np.asarray(got, np.float64), exact, dtype, more.pop("grade", "A"), **more)])[0]


@pytest.mark.parametrize("dtype", dtypes.FORMATS)
@pytest.mark.parametrize("units", [2.0, 4.0, 14.0, 18.0, 100.0])
def test_an_error_of_so_many_units_of_roundoff_is_measured_as_such(dtype, units):
    u = dtypes.unit_roundoff(dtype)
    found = distance([1 + units * u], [1.0], dtype)
    assert found.k == pytest.approx(units, rel=1e-3)
    assert found.meets == (units <= BOUND)


def test_one_unit_in_the_last_place_is_one_ulp():
    assert distance([np.nextafter(np.float32(1), np.float32(2))], [1.0]).ulp == 1.0
    assert distance([np.nextafter(np.float32(1.5), np.float32(2))], [1.5]).ulp == 1.0


@pytest.mark.parametrize(
    ("got", "right"),
    [(NAN, 0.0), (0.0, NAN), (INF, 1.0), (1.0, INF), (-INF, INF), (INF, NAN), (NAN, INF), (INF, 1e30)],
)
def test_a_wrong_class_is_never_within_any_bound(got, right):
    found = distance([got], [right])
    assert not found.classes
    assert not found.meets
    assert found.k == INF


@pytest.mark.parametrize("value", [NAN, INF, -INF, 0.0, 1e-300])
def test_the_right_class_is_right(value):
    assert distance([value], [value], "float64").meets


def test_a_sum_beyond_the_largest_number_is_rightly_infinite():
    assert distance([INF], [70000.0], "float16").meets
    assert not distance([INF], [60000.0], "float16").meets
    assert not distance([-INF], [70000.0], "float16").meets


def test_infinity_is_right_where_the_bound_reaches_over_the_largest_number():
    assert distance([INF], [65500.0], "float16").meets
    assert distance([65504.0], [65530.0], "float16").meets


def test_a_flushed_subnormal_is_right_only_where_subnormals_are_flushed():
    assert distance([0.0], [1e-39], flushes=True).meets
    assert not distance([0.0], [1e-39], flushes=False).meets
    assert not distance([0.0], [1e-37], flushes=True).meets


def test_grade_b_allows_what_the_error_scale_says_and_grade_a_does_not():
    exact = exactly([2.06e-9], scale=20.0, condition=4.1e-8)
    assert distance([0.0], exact, grade="B").meets
    relative = distance([0.0], exact, grade="A")
    assert not relative.meets
    assert relative.grade == "B"


def test_a_result_outside_both_bounds_is_grade_c():
    assert distance([1.5], [1.0], grade="B").grade == "C"


def test_a_bound_is_never_nan_even_where_scale_and_condition_are():
    exact = Exact(np.array([1.0]), np.array([NAN]), np.array([INF]))
    assert distance([1.0], exact).meets
    assert not distance([1.1], exact).meets


def test_an_exact_zero_without_scale_accepts_only_zero():
    exact = exactly([0.0], scale=0.0)
    assert distance([0.0], exact).meets
    assert not distance([1e-30], exact).meets


def test_every_number_of_the_interval_is_right_at_a_kink():
    exact = exactly([-0.5], low=np.array([-1.0]), high=np.array([0.0]))
    for right in (-1.0, -0.5, 0.0):
        assert distance([right], exact).meets
    assert not distance([0.1], exact).meets
    assert not distance([-1.1], exact).meets


def test_an_interval_may_reach_to_infinity():
    exact = exactly([-INF], low=np.array([-INF]), high=np.array([0.0]))
    for right in (-INF, -5.0, 0.0):
        assert distance([right], exact).meets
    assert not distance([1.0], exact).meets


def test_where_no_right_value_exists_every_outcome_is_accepted_and_the_others_are_judged():
    exact = exactly([1.0, 2.0], free=np.array([True, False]))
    assert distance([NAN, 2.0], exact).meets
    assert not distance([NAN, 3.0], exact).meets


def test_a_long_sum_may_err_more_and_only_logarithmically():
    u = dtypes.unit_roundoff("float32")
    assert not distance([1 + 20 * u], [1.0]).meets
    assert distance([1 + 20 * u], [1.0], length=2**16).meets
    assert not distance([1 + 40 * u], [1.0], length=2**16).meets


def test_the_low_part_of_the_exact_value_counts():
    low = np.array([2.0**-54])
    assert distance([1.0], [1.0], "float64", low=low).k == pytest.approx(0.5)


def test_many_results_are_judged_each_for_itself():
    questions = [
        Question(np.array([1.0, NAN]), exactly([1.0, NAN]), "float32", "A"),
        Question(np.zeros(0), exactly(np.zeros(0)), "float32", "A"),
        Question(np.array(2.0), exactly(3.0), "float16", "A"),
        Question(np.array([[0.0, 5.0]]), exactly([[0.0, 5.0]]), "float64", "B"),
    ]
    assert [d.meets for d in compare(questions)] == [True, True, False, True]


def test_the_worst_element_is_found():
    assert distance([1.0, 2.5, 3.0], [1.0, 2.0, 3.0]).worst == 1


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.sampled_from(["float64", "float32"]))
def test_every_number_is_at_distance_zero_from_itself(value, dtype):
    assert distance([value], [value], dtype).k == 0


@given(
    st.lists(st.floats(width=16), min_size=1, max_size=8),
    st.lists(st.floats(width=16), min_size=1, max_size=8),
)
def test_comparing_together_says_the_same_as_comparing_alone(first, second):
    def question(values):
        exact = exactly(np.resize([1.0, -2.0, 0.0, INF], len(values)))
        return Question(np.asarray(values, np.float64), exact, "float16", "A")

    together = compare([question(first), question(second)])
    assert together == [compare([question(first)])[0], compare([question(second)])[0]]


def test_a_histogram_counts_each_element_once_in_the_bucket_of_its_error():
    """Wrong class, exact, half an ULP, one, two, four, and beyond 2^20 ULP of 1.0 in float32."""
    ulp = 2.0**-23
    errors = [NAN, 0, 0, 0.5 * ulp, ulp, 2 * ulp, 3 * ulp, 2.0]
    counts = distance(1 + np.array(errors), np.ones(8)).ulps
    assert counts[:6] == (1, 2, 1, 1, 1, 1)
    assert counts[-1] == 1
    assert sum(counts) == 8


def test_a_histogram_leaves_out_what_has_no_right_value():
    free = np.array([True, False, False])
    assert sum(distance([NAN, 1.0, 1.0], exactly([1.0, 1.0, 1.0], free=free)).ulps) == 2


def test_histograms_of_several_results_do_not_mix():
    first, second = compare([
        Question(np.array([1.0, 1.0]), exactly([1.0, 1.0]), "float32", "A"),
        Question(np.array([NAN]), exactly([1.0]), "float32", "A"),
    ])  # fmt: skip
    assert (first.ulps[0], first.ulps[1]) == (0, 2)
    assert (second.ulps[0], second.ulps[1]) == (1, 0)


@pytest.mark.parametrize("grade", ["A", "B"])
@pytest.mark.parametrize("fault", [1.0, 1 + 1e-6, 1 + 1e-3, NAN, INF])
@pytest.mark.parametrize("at", [0, 9, 10, 24])
def test_a_result_in_pieces_is_judged_as_in_one(monkeypatch, grade, fault, at):
    values = np.linspace(0.5, 2.0, 25).reshape(5, 5)
    got = (values * (1 + 2e-7)).copy()
    got.flat[at] *= fault
    free = np.arange(25).reshape(5, 5) == 17
    exact = exactly(values, 3.0, 0.25, free=free, low=values - 1e-9, high=values + 1e-9)
    question = Question(got, exact, "float32", grade, length=9, low=np.full(values.shape, 1e-12), traced=True)

    (whole,) = compare([question])
    monkeypatch.setattr("conformance.judge.compare.PIECE", 10)
    (pieced,) = compare([question])

    assert pieced == whole
    for a, b in zip(pieced.errors, whole.errors, strict=True):
        np.testing.assert_array_equal(a, b)
