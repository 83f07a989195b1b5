"""Activations: worked values to full precision, tails that do not cancel, limits, kinks and differing conventions."""

import numpy as np
import pytest

from conformance.oracle.operation import OPERATIONS, evaluate

INF, NAN = np.inf, np.nan
FAMILY = sorted(name for name, operation in OPERATIONS.items() if operation.family == "activations")


def ask(operation, x, **parameters):
    """The oracle's value, and its gradient for a cotangent of ones."""
    answer = evaluate(OPERATIONS[operation], {"x": np.asarray(x, float)}, parameters)
    return answer.value, answer.gradient(np.ones(answer.value.value.shape))["x"]


@pytest.mark.parametrize(
    ("operation", "x", "value", "slope"),
    [
        ("tanh", 0.5, 0.46211715726000975, 0.7864477329659274),
        ("tanh", 20.0, 1.0, 1.6993417021166355e-17),
        ("gelu", 1.0, 0.8413447460685429, 1.0833154705876864),
        ("gelu", -10.0, -7.619853024160526e-23, -7.618400096464814e-22),
        ("gelu_tanh", 1.0, 0.8411919906082767, 1.0829640838457826),
        ("gelu_tanh", -10.0, -1.204092348209806e-37, -2.7576380638540315e-36),
        ("silu", 1.0, 0.7310585786300049, 0.9276705118714867),
        ("silu", -100.0, -3.720075976020836e-42, -3.682875216260628e-42),
        ("mish", 1.0, 0.8650983882673103, 1.0490362200997922),
        ("mish", -100.0, -3.720075976020836e-42, -3.682875216260628e-42),
        ("tanh_shrink", 1e-5, 3.333333333200001e-16, 9.999999999333335e-11),
        ("softsign", 3.0, 0.75, 0.0625),
        ("squareplus", 1.0, 1.618033988749895, 0.7236067977499789),
        ("squareplus", -1e9, 1e-9, 1e-18),
        ("squareplus", -1e200, 1e-200, 0.0),
        ("elu", -1.0, -0.6321205588285577, 0.36787944117144233),
        ("elu", -1e-20, -1e-20, 1.0),
        ("selu", -1.0, -1.1113307378125628, 0.6467686030348141),
        ("hard_sigmoid", 1.0, 2 / 3, 1 / 6),
        ("hard_swish", 1.0, 2 / 3, 5 / 6),
        ("sparse_plus", 0.5, 0.5625, 0.75),
        ("sparse_sigmoid", 0.5, 0.75, 0.5),
        ("leaky_relu", -2.0, -0.02, 0.01),
        ("hard_shrink", 0.75, 0.75, 1.0),
        ("soft_shrink", -0.75, -0.25, 1.0),
    ],
)
def test_worked_values_and_slopes(operation, x, value, slope):
    found, gradient = ask(operation, [x])
    np.testing.assert_allclose(found.value, [value], rtol=1e-15)
    np.testing.assert_allclose(gradient.value, [slope], rtol=2e-15)


@pytest.mark.parametrize(
    ("operation", "values", "slopes"),
    [
        ("relu", [0, INF], [0, 1]),
        ("relu6", [0, 6], [0, 0]),
        ("hard_tanh", [-1, 1], [0, 0]),
        ("leaky_relu", [-INF, INF], [0.01, 1]),
        ("elu", [-1, INF], [0, 1]),
        ("celu", [-1, INF], [0, 1]),
        ("hard_sigmoid", [0, 1], [0, 0]),
        ("hard_swish", [0, INF], [0, 1]),
        ("hard_shrink", [-INF, INF], [1, 1]),
        ("soft_shrink", [-INF, INF], [1, 1]),
        ("sparse_plus", [0, INF], [0, 1]),
        ("sparse_sigmoid", [0, 1], [0, 0]),
        ("tanh", [-1, 1], [0, 0]),
        ("tanh_shrink", [-INF, INF], [1, 1]),
        ("silu", [0, INF], [0, 1]),
        ("mish", [0, INF], [0, 1]),
        ("gelu", [0, INF], [0, 1]),
        ("gelu_tanh", [0, INF], [0, 1]),
        ("softsign", [-1, 1], [0, 0]),
        ("squareplus", [0, INF], [0, 1]),
    ],
)
def test_limits_at_both_infinities(operation, values, slopes):
    found, gradient = ask(operation, [-INF, INF])
    np.testing.assert_array_equal(found.value, values)
    np.testing.assert_array_equal(gradient.value, slopes)


@pytest.mark.parametrize("operation", ["silu", "mish", "gelu", "gelu_tanh"])
def test_the_limit_from_below_keeps_its_sign(operation):
    assert np.signbit(ask(operation, [-INF])[0].value[0])


@pytest.mark.parametrize(
    ("operation", "at", "lowest", "highest"),
    [
        ("relu", 0.0, 0, 1),
        ("relu6", 6.0, 0, 1),
        ("hard_tanh", -1.0, 0, 1),
        ("leaky_relu", -0.0, 0.01, 1),
        ("selu", 0.0, 1.0507009873554805, 1.7580993408473768),
        ("hard_sigmoid", 3.0, 0, 1 / 6),
        ("hard_swish", -3.0, -0.5, 0),
        ("hard_swish", 3.0, 1, 1.5),
        ("hard_shrink", 0.5, 0, 1),
        ("soft_shrink", -0.5, 0, 1),
        ("sparse_sigmoid", -1.0, 0, 0.5),
    ],
)
def test_at_a_kink_every_slope_between_the_two_is_right(operation, at, lowest, highest):
    gradient = ask(operation, [at])[1]
    np.testing.assert_allclose([gradient.low[0], gradient.high[0]], [lowest, highest], rtol=1e-15)


@pytest.mark.parametrize("operation", ["elu", "celu", "sparse_plus"])
def test_pieces_that_meet_smoothly_have_one_slope(operation):
    gradient = ask(operation, [0.0, 1.0, -1.0])[1]
    assert gradient.low is None or np.array_equal(gradient.low, gradient.high)


def test_elu_with_another_limit_has_a_kink_and_celu_has_none():
    elu, celu = ask("elu", [0.0], alpha=2.0)[1], ask("celu", [0.0], alpha=2.0)[1]
    assert (elu.low[0], elu.high[0]) == (1.0, 2.0)
    assert (celu.low[0], celu.high[0]) == (1.0, 1.0)


@pytest.mark.parametrize("operation", [name for name in FAMILY if name != "glu"])
def test_nan_stays_nan_in_its_own_place(operation):
    found, gradient = ask(operation, [1.5, NAN])
    np.testing.assert_array_equal(np.isnan(found.value), [False, True])
    np.testing.assert_array_equal(np.isnan(gradient.value), [False, True])


def test_what_jumps_is_zero_at_the_jump():
    np.testing.assert_array_equal(ask("hard_shrink", [0.5, -0.5])[0].value, [0, 0])


def test_keras_2_has_another_hard_sigmoid():
    found, gradient = ask("hard_sigmoid", [1.0, 2.75], slope=0.2)
    np.testing.assert_allclose(found.value, [0.7, 1.0], rtol=1e-15)
    np.testing.assert_allclose(gradient.value, [0.2, 0.0])


def test_celu_divides_by_alpha():
    with pytest.raises(ValueError, match="alpha, which is 0"):
        ask("celu", [1.0], alpha=0.0)


def test_the_gated_linear_unit_gates_the_first_half_by_the_second():
    found, gradient = ask("glu", [[2.0, -4.0, 0.0, INF]])
    np.testing.assert_array_equal(found.value, [[1.0, -4.0]])
    np.testing.assert_array_equal(gradient.value, [[0.5, 1.0, 0.5, 0.0]])


def test_the_gated_linear_unit_halves_the_axis_that_it_is_told():
    x = np.arange(24.0).reshape(2, 4, 3)
    found = ask("glu", x, axis=1)[0].value
    np.testing.assert_allclose(found, x[:, :2] / (1 + np.exp(-x[:, 2:])), rtol=1e-15)


def test_an_infinite_value_at_a_closed_gate_has_no_limit():
    assert ask("glu", [[INF, -INF]])[0].free.all()


def test_an_odd_length_has_no_halves():
    with pytest.raises(ValueError, match="no halves"):
        ask("glu", [[1.0, 2.0, 3.0]])
