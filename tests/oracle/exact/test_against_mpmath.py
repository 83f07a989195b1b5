"""high + low agrees with mpmath at 60 digits, values and derivatives, on random points."""

import mpmath
import numpy as np
import pytest

from conformance.oracle import exact

GENERATOR = np.random.default_rng(20)
POINTS = 40


@pytest.fixture(autouse=True)
def sixty_digits():
    with mpmath.workdps(60):
        yield


def assert_agrees(found, right, bits=98):
    """found: an ExactArray; right: mpmath numbers in the same order."""
    pairs = zip(found.high.ravel().tolist(), found.low.ravel().tolist(), right, strict=True)
    for high, low, expected in pairs:
        assert float(expected) == high
        error = abs(mpmath.mpf(high) + mpmath.mpf(low) - expected)
        assert error <= abs(expected) * mpmath.mpf(2) ** -bits


def softplus(x):
    return mpmath.log1p(mpmath.exp(x))


def test_softplus():
    x = GENERATOR.normal(size=POINTS) * 20
    found = exact.evaluate("softplus", {"x": x}, {}, wrt=["x"])
    assert_agrees(found.value, [softplus(mpmath.mpf(v)) for v in x])
    assert_agrees(found.gradients["x"], [1 / (1 + mpmath.exp(-mpmath.mpf(v))) for v in x])


def test_binary_cross_entropy_with_logits():
    x, y = GENERATOR.normal(size=POINTS) * 10, GENERATOR.random(POINTS)
    inputs = {"logits": x, "targets": y}
    found = exact.evaluate("binary_cross_entropy_with_logits", inputs, {"pos_weight": 3.0}, wrt=["logits"])
    pairs = [(mpmath.mpf(a), mpmath.mpf(b)) for a, b in zip(x, y, strict=True)]

    def loss(a, b):
        return (1 - b) * softplus(a) + 3 * b * softplus(-a)

    assert_agrees(found.value, [loss(a, b) for a, b in pairs])
    slopes = [(1 - b) / (1 + mpmath.exp(-a)) - 3 * b / (1 + mpmath.exp(a)) for a, b in pairs]
    assert_agrees(found.gradients["logits"], slopes)


def test_softmax_cross_entropy_and_its_mean():
    x, t = GENERATOR.normal(size=(POINTS, 5)) * 8, GENERATOR.dirichlet(np.ones(5), POINTS)
    found = exact.evaluate("softmax_cross_entropy", {"logits": x, "targets": t}, {"reduction": "mean"}, wrt=["logits"])
    losses, slopes = [], []
    for row, targets in zip(x, t, strict=True):
        powers = [mpmath.exp(mpmath.mpf(v)) for v in row]
        shares = [p / mpmath.fsum(powers) for p in powers]
        targets = [mpmath.mpf(v) for v in targets]
        losses.append(-mpmath.fsum(c * mpmath.log(s) for c, s in zip(targets, shares, strict=True)))
        mass = mpmath.fsum(targets)
        slopes += [(mass * s - c) / POINTS for c, s in zip(targets, shares, strict=True)]
    assert_agrees(found.value, [mpmath.fsum(losses) / POINTS])
    assert_agrees(found.gradients["logits"], slopes)


def test_focal_loss():
    x, y = GENERATOR.normal(size=POINTS) * 10, (GENERATOR.random(POINTS) > 0.5) * 1.0
    found = exact.evaluate("sigmoid_focal_loss", {"logits": x, "targets": y}, {"gamma": 1.5}, wrt=["logits"])
    signs = [2 * int(b) - 1 for b in y]
    z = [s * mpmath.mpf(a) for s, a in zip(signs, x, strict=True)]
    miss = [1 / (1 + mpmath.exp(v)) for v in z]
    assert_agrees(found.value, [m ** mpmath.mpf(1.5) * softplus(-v) for m, v in zip(miss, z, strict=True)])
    slopes = [
        -s * m ** mpmath.mpf(1.5) * (mpmath.mpf(1.5) * (1 - m) * softplus(-v) + m)
        for s, m, v in zip(signs, miss, z, strict=True)
    ]
    assert_agrees(found.gradients["logits"], slopes)


def test_binary_cross_entropy_near_both_ends():
    p = np.concatenate([2.0 ** -GENERATOR.integers(1, 1000, POINTS), 1 - 2.0 ** -GENERATOR.integers(2, 53, POINTS)])
    found = exact.evaluate("binary_cross_entropy", {"probabilities": p, "targets": np.full(p.size, 0.25)}, {})
    right = [-mpmath.log(mpmath.mpf(v)) / 4 - 3 * mpmath.log1p(-mpmath.mpf(v)) / 4 for v in p]
    assert_agrees(found.value, right)


def test_a_cancelling_sum_is_as_exact_as_its_terms():
    inputs = {
        "logits": np.array([3.0, 3.0]),
        "targets": np.array([0.0, 0.0]),
        "weights": np.array([1.0, -1 + 2.0**-50]),
    }
    found = exact.evaluate("binary_cross_entropy_with_logits", inputs, {"reduction": "sum"})
    assert_agrees(found.value, [softplus(mpmath.mpf(3)) * mpmath.mpf(2) ** -50])
