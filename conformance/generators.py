"""The arithmetic of generated arrays: the same bits on every platform, whatever its mathematical library.

Random bits are those of PCG64 (O'Neill, 2014), whose stream NumPy promises to keep. What is made of them uses only
operations that IEEE 754 rounds correctly (+, -, ·, /, √, one at a time), integers, and decimal arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from conformance.oracle.dtypes import FORMATS, round_to

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_DECIMAL = Context(prec=40)


def linspace(start: float, stop: float, count: int) -> Floats:
    """`count` numbers from `start` to `stop`, both included, equally spaced: (a·(n-1-i) + b·i)/(n-1)."""
    if count == 1:
        return np.array([start])
    steps = np.arange(count, dtype=np.float64)
    return np.asarray((start * (count - 1 - steps) + stop * steps) / (count - 1))


def logspace(start: float, stop: float, count: int) -> Floats:
    """Ten to the power of each number of `linspace`, in 40 decimal digits, then rounded to float64."""
    ten = Decimal(10)
    return np.array([float(_DECIMAL.power(ten, Decimal(x))) for x in linspace(start, stop, count).tolist()])


def random_bits(count: int, seed: int, salt: str) -> NDArray[np.uint64]:
    """Raw 64-bit words. The salt keeps two generators with one seed from sharing their words."""
    from numpy.random import PCG64

    return np.asarray(PCG64([seed, int.from_bytes(salt.encode(), "big")]).random_raw(count), np.uint64).reshape(count)


def unit_interval(count: int, seed: int, salt: str) -> Floats:
    """Multiples of 2⁻⁵³ in (0, 1): the top 53 bits of each word, a zero made 2⁻⁵⁴."""
    whole = (random_bits(count, seed, salt) >> np.uint64(11)).astype(np.float64)
    return np.where(whole == 0, 0.5, whole) * 2.0**-53


def below(limit: int, count: int, seed: int, salt: str) -> Integers:
    """Integers from 0 to `limit` - 1, `limit` at most 2³²: the top 32 bits times the limit, shifted back."""
    upper = random_bits(count, seed, salt) >> np.uint64(32)
    return ((upper * np.uint64(limit)) >> np.uint64(32)).astype(np.int64)


# Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988, PPND16; highest power first.
_CENTRE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
_SHOULDER = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
     0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)  # fmt: skip
_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
     0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
     0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)  # fmt: skip


def normal(count: int, seed: int, salt: str) -> Floats:
    """Standard normal numbers: the quantiles of uniform ones."""
    return normal_quantile(unit_interval(count, seed, salt))


def normal_quantile(p: Floats) -> Floats:
    """The number below which a standard normal variable lies with probability p, 0 < p < 1."""
    q = p - 0.5
    centre = q * _ratio(_CENTRE, 0.180625 - q * q)
    r = np.sqrt(-log(np.minimum(p, 1 - p)))
    size = np.where(r <= 5, _ratio(_SHOULDER, r - 1.6), _ratio(_TAIL, r - 5))
    return np.where(np.abs(q) <= 0.425, centre, np.where(q < 0, -size, size))


def _ratio(polynomials: tuple[tuple[float, ...], tuple[float, ...]], x: Floats) -> Floats:
    upper, lower = (np.zeros_like(x) for _ in polynomials)
    for above, under in zip(*polynomials, strict=True):
        upper = upper * x + above
        lower = lower * x + under
    return upper / lower


def log(x: Floats) -> Floats:
    """The natural logarithm of positive normal numbers by its series, since libraries round theirs differently."""
    fraction, exponent = np.frexp(x)
    low = fraction < 0.7071067811865476
    fraction, exponent = np.where(low, 2 * fraction, fraction), np.where(low, exponent - 1, exponent)
    s = (fraction - 1) / (fraction + 1)
    square = s * s
    series = np.zeros_like(s)
    for odd in range(25, 0, -2):
        series = series * square + 1 / odd
    return np.asarray(exponent * 0.6931471805599453 + 2 * s * series)


def simplex(rows: int, classes: int, seed: int, salt: str, bits: int) -> Floats:
    """`rows` × `classes` probabilities, uniform over the simplex, each a multiple of 2^-bits.

    So the sum of a row, in whatever order, is exactly 1, and with `bits` up to 8 every dtype holds them exactly.
    """
    parts = -log(unit_interval(rows * classes, seed, salt)).reshape(rows, classes)
    total = np.zeros((rows, 1))
    for column in range(classes):  # one addition at a time: the order of np.sum depends on the machine
        total = total + parts[:, column : column + 1]
    whole = np.rint(parts / total * 2.0**bits).astype(np.int64)
    largest = np.argmax(whole, axis=1)
    whole[np.arange(rows), largest] += 2**bits - whole.sum(axis=1)
    return whole.astype(np.float64) * 2.0**-bits


@lru_cache(maxsize=64)
def every(dtype: str, low: float | None, high: float | None, nonfinite: bool) -> Floats:
    """Every value of a 16-bit dtype from `low` to `high`, ascending, both zeros; one nan last where asked for."""
    bits = np.arange(2**16, dtype=np.uint32).astype(np.uint16)
    if dtype == "float16":
        with np.errstate(all="ignore"):
            values = bits.view(np.float16).astype(np.float64)
    else:
        with np.errstate(all="ignore"):
            values = (bits.astype(np.uint32) << np.uint32(16)).view(np.float32).astype(np.float64)
    ascending = np.concatenate([values[:0x7FFF:-1], values[:0x8000]])
    keep = ~np.isnan(ascending) if nonfinite else np.isfinite(ascending)
    if low is not None:
        keep &= ascending >= low
    if high is not None:
        keep &= ascending <= high
    kept = ascending[keep]
    whole = np.concatenate([kept, [np.nan]]) if nonfinite and low is None and high is None else kept
    whole.setflags(write=False)
    return whole


SPECIAL = (
    "zero", "smallest-subnormal", "largest-subnormal", "smallest-normal", "u", "half", "1-u", "one", "1+2u",
    "-log-smallest-subnormal", "-log-smallest-normal", "log-largest", "largest", "inf", "nan",
)  # fmt: skip
SPECIAL_ABOUT = """
    zero, half, one            0, 1/2, 1
    u                          the unit roundoff; 1-u is the largest number below 1, 1+2u the smallest above
    smallest-subnormal, largest-subnormal, smallest-normal, largest
    log-largest                ln(largest): the exponential overflows beyond it
    -log-smallest-normal       -ln(smallest-normal), the same for where it becomes subnormal; -log-smallest-subnormal
    inf, nan
"""


@lru_cache(maxsize=1024)
def special(name: str, dtype: str) -> float:
    """The number that a name stands for in a dtype. A leading '-' negates; raises KeyError for an unknown name."""
    if name in SPECIAL:
        return _special(name, dtype)
    if name[:1] == "-" and name[1:] in SPECIAL:
        return -_special(name[1:], dtype)
    if f"-{name}" in SPECIAL:
        return -_special(f"-{name}", dtype)
    raise KeyError(name)


def special_names() -> list[str]:
    """Every name that `special` knows, of both signs."""
    return [*SPECIAL, *(name[1:] if name[0] == "-" else f"-{name}" for name in SPECIAL)]


def _special(name: str, dtype: str) -> float:
    of = FORMATS[dtype]
    u = of.unit_roundoff
    values = {
        "zero": 0.0, "half": 0.5, "one": 1.0, "u": u, "1-u": 1 - u, "1+2u": 1 + 2 * u, "inf": np.inf, "nan": np.nan,
        "smallest-subnormal": of.smallest_subnormal, "smallest-normal": of.smallest_normal, "largest": of.largest,
        "largest-subnormal": of.smallest_normal - of.smallest_subnormal,
    }  # fmt: skip
    if name in values:
        return float(values[name])
    sign = -1 if name[0] == "-" else 1
    argument = values[name.lstrip("-").removeprefix("log-")]
    return float(round_to(sign * float(_DECIMAL.ln(Decimal(argument))), dtype))


def grid_index(lengths: Sequence[int], position: int) -> Integers:
    """Which entry of list `position` each combination of lists of these lengths takes; the last varies fastest."""
    total, inner = 1, 1
    for length in lengths:
        total *= length
    for length in lengths[position + 1 :]:
        inner *= length
    return (np.arange(total, dtype=np.int64) // max(inner, 1)) % max(lengths[position], 1)
