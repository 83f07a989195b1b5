"""Generated arrays are the same bits everywhere, and are what their names say."""

import hashlib
import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest

from conformance import generators
from conformance.generators import normal_quantile, special
from conformance.inputs import GENERATORS, WRITTEN, ArraySpec
from conformance.loading import load_cases
from conformance.oracle.dtypes import FORMATS, round_to


@pytest.fixture
def array(tmp_path):
    """The array that is written so in a case, made for a dtype."""

    def make(written, dtype="float64", labels=False):
        operation, name = ("one_hot", "labels") if labels else ("softplus", "x")
        parameters = "parameters: {classes: 10}, " if labels else ""
        file = tmp_path / "cases.yaml"
        case = f"{{id: a/b, says: x, {parameters}inputs: {{{name}: {written}}}}}"
        file.write_text(f"about: x\noperation: {operation}\ncases:\n  - {case}\n", "utf-8")
        spec = load_cases([file])[0].inputs[name]
        made = spec.make(dtype)
        assert made.shape == spec.shape
        assert made.dtype == ("int64" if labels else "float64")
        return made

    return make


# Pinned: a change here changes what every run is asked.
PINNED = {
    "[[-20.0, 1.5], [0, .nan]]": "4c49a764b83cfccd",
    "{linspace: [-200, 200, 4001]}": "7a896f7abfc31895",
    "{logspace: [-300, 300, 601], mirrored: true}": "74e3370ed6dcf23b",
    "{normal: {mean: 1, std: 3}, shape: [50, 20], seed: 1}": "9ec02b138390399a",
    "{uniform: [-1, 2], shape: [1000], seed: 2}": "f2aeef52867e6ea4",
    "{choice: [0, 0.5, 1], shape: [1000], seed: 3}": "3519ac44a9160742",
    "{integers: [-5, 5], shape: [1000], seed: 4}": "6515405a6b27074b",
    "{one_hot: {classes: 7}, shape: [100], seed: 5}": "57028ee732737e28",
    "{simplex: {bits: 8}, shape: [100, 5], seed: 6}": "c2015cc7ad3530e0",
    "{simplex: {}, shape: [100, 5], seed: 6}": "8f583cc6fd37354a",
    "{special: all}": "1f2d048feb49aa83",
    "{every: float16, nonfinite: true}": "4a5f83f2ec810fd1",
    "{every: bfloat16, low: 0, high: 1}": "748854d70cdb73df",
    "{full: 0.1, shape: [3]}": "0351a20942b1eef0",
    "{tile: {repeat: [1, 2], times: 2}, times: 3}": "9fec518c26a5bc4d",
    "{concatenate: [[[1, 2]], {full: 7, shape: [2, 2]}]}": "4f70d5970dbf2d2e",
}


@pytest.mark.parametrize("written", PINNED)
def test_an_array_has_the_bits_that_it_always_had(array, written):
    assert hashlib.sha256(array(written).tobytes()).hexdigest()[:16] == PINNED[written]


def test_every_generator_is_pinned():
    assert all(any(name in written for written in PINNED) for name in WRITTEN)
    assert set(GENERATORS) - set(WRITTEN) == {"grid"}


def test_linspace_is_the_nearest_float_to_each_step(array):
    steps = array("{linspace: [-200, 200, 4001]}")
    assert all(Fraction(float(Fraction(-200) + Fraction(i, 10))) == Fraction(x) for i, x in enumerate(steps.tolist()))


def test_logspace_is_the_nearest_float_to_each_power_of_ten(array):
    powers = array("{logspace: [-323, 308, 632]}")
    assert powers.tolist() == [float(f"1e{i}") for i in range(-323, 309)]


def test_a_mirrored_logspace_ascends_through_both_signs(array):
    assert array("{logspace: [0, 2, 3], mirrored: true}").tolist() == [-100, -10, -1, 1, 10, 100]


def test_normal_numbers_are_the_quantiles_of_the_normal_distribution():
    p = np.concatenate([2.0 ** -np.arange(1, 54), 1 - 2.0 ** -np.arange(2, 53), np.linspace(0.001, 0.999, 999)])
    right = np.array([NormalDist().inv_cdf(x) for x in p.tolist()])
    assert np.allclose(normal_quantile(p), right, rtol=1e-14, atol=1e-16)


def test_the_logarithm_is_right_to_a_few_units():
    x = np.concatenate([2.0 ** -np.arange(54.0), np.linspace(0.01, 4, 4001)])
    right = np.array([math.log(v) for v in x.tolist()])
    assert np.max(np.abs(generators.log(x) - right) / np.maximum(np.abs(right), 1)) < 1e-15


def test_normal_numbers_have_the_mean_and_the_deviation_asked_for(array):
    made = array("{normal: {mean: 5, std: 2}, shape: [100000], seed: 9}")
    assert abs(made.mean() - 5) < 0.03
    assert abs(made.std() - 2) < 0.02


def test_uniform_numbers_lie_in_their_interval_and_fill_it(array):
    made = array("{uniform: [-1, 2], shape: [100000], seed: 9}")
    assert made.min() >= -1
    assert made.max() <= 2
    assert np.all(np.histogram(made, 10, (-1, 2))[0] > 9000)


def test_integers_include_both_ends(array):
    made = array("{integers: [0, 9], shape: [1000], seed: 1}", labels=True)
    assert set(made.tolist()) == set(range(10))


def test_two_generators_with_one_seed_do_not_share_their_bits():
    one = generators.random_bits(8, 7, "choice")
    assert not set(one.tolist()) & set(generators.random_bits(8, 7, "normal").tolist())
    assert np.array_equal(one, generators.random_bits(8, 7, "choice"))


def test_a_longer_draw_begins_with_the_shorter_one(array):
    drawn = "{{normal: {{}}, shape: [{}], seed: 3}}"
    assert np.array_equal(array(drawn.format(10)), array(drawn.format(20))[:10])


def test_every_row_of_a_simplex_sums_to_one_exactly(array):
    rows = array("{simplex: {}, shape: [200, 7], seed: 1}")
    assert np.all(rows >= 0)
    assert {sum(map(Fraction, row)) for row in rows.tolist()} == {Fraction(1)}


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_simplex_of_eight_bits_is_exact_in_every_dtype(array, dtype):
    rows = array("{simplex: {bits: 8}, shape: [200, 7], seed: 1}")
    assert np.array_equal(round_to(rows, dtype), rows)


def test_one_hot_rows_follow_the_labels(array):
    assert array("{one_hot: {classes: 3, labels: [2, 0]}}").tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize(("dtype", "finite"), [("float16", 63488), ("bfloat16", 65280)])
def test_every_value_of_a_small_dtype_comes_once_and_ascends(array, dtype, finite):
    made = array(f"{{every: {dtype}}}")
    assert len(made) == finite
    assert np.all(np.diff(made) >= 0)
    assert np.array_equal(round_to(made, dtype), made)
    assert np.sum(made == 0) == 2
    with_all = array(f"{{every: {dtype}, nonfinite: true}}")
    assert len(with_all) == finite + 3
    assert (with_all[0], with_all[-2]) == (-np.inf, np.inf)


def test_every_value_of_an_interval(array):
    made = array("{every: float16, low: 0, high: 1}")
    assert (made[-1], len(made)) == (1.0, 0x3C00 + 2)
    assert np.all((made >= 0) & (made <= 1))


def test_the_special_numbers_of_float32():
    finfo = np.finfo(np.float32)
    assert special("largest", "float32") == float(finfo.max)
    assert special("smallest-normal", "float32") == float(finfo.tiny)
    assert special("smallest-subnormal", "float32") == 2.0**-149
    assert special("largest-subnormal", "float32") == 2.0**-126 - 2.0**-149
    assert special("1-u", "float32") == float(np.nextafter(np.float32(1), np.float32(0)))
    assert special("1+2u", "float32") == float(np.nextafter(np.float32(1), np.float32(2)))
    assert special("log-largest", "float32") == float(np.float32(math.log(float(finfo.max))))
    assert special("log-smallest-normal", "float32") == -special("-log-smallest-normal", "float32") < 0
    assert math.copysign(1, special("-zero", "float32")) == -1


@pytest.mark.parametrize("dtype", FORMATS)
def test_special_numbers_are_members_of_the_dtype_under_test(array, dtype):
    made = array("{special: all}", dtype)
    assert np.array_equal(round_to(made, dtype), made, equal_nan=True)
    assert len(made) == 2 * len(generators.SPECIAL)


def test_special_takes_names_and_numbers(array):
    assert array("{special: [one, -half, 3, -.inf]}", "float16").tolist() == [1, -0.5, 3, -np.inf]


def test_arguments_in_order_by_name_or_beside_the_name_mean_the_same(array):
    one = array("{uniform: [-1, 2], shape: [5], seed: 2}")
    assert np.array_equal(one, array("{uniform: {low: -1, high: 2}, shape: [5], seed: 2}"))
    assert np.array_equal(one, array("{uniform: {low: -1, high: 2, seed: 2, shape: [5]}}"))
    assert np.array_equal(one, array("{uniform: {}, low: -1, high: 2, seed: 2, shape: [5]}"))


def test_a_shape_folds_what_a_generator_makes(array):
    assert array("{linspace: [1, 6, 6], shape: [2, 3]}").tolist() == [[1, 2, 3], [4, 5, 6]]


def test_repeat_tile_and_concatenate_go_along_the_first_axis(array):
    assert array("{repeat: [[1, 2], [3, 4]], times: 2}").tolist() == [[1, 2], [1, 2], [3, 4], [3, 4]]
    assert array("{tile: [[1, 2], [3, 4]], times: 2}").tolist() == [[1, 2], [3, 4], [1, 2], [3, 4]]
    assert array("{concatenate: [[1], {linspace: [2, 3, 2]}]}").tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("written", "shape"),
    [("3.0", ()), ("[]", (0,)), ("[[], []]", (2, 0)), ("{full: 1, shape: [0, 3]}", (0, 3))],
)
def test_single_numbers_and_empty_arrays_are_arrays(array, written, shape):
    assert array(written).shape == shape


def test_labels_are_integers_to_the_last_digit(array):
    assert array("[9223372036854775807, -1]", labels=True).tolist() == [2**63 - 1, -1]


def test_an_array_is_new_each_time():
    spec = ArraySpec("literal", [1.0, 2.0])
    spec.make()[0] = 9.0
    assert spec.make().tolist() == [1.0, 2.0]
    every = ArraySpec("every", {"dtype": "float16", "low": None, "high": None, "nonfinite": False})
    every.make()[0] = 9.0
    assert every.make()[0] == -65504
