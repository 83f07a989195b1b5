"""An adapter that does every wrong thing, in a real process: NumPy only, Python 3.7 or newer."""

import os
import sys
import time

import numpy as np

from conformance.worker.adapter import Adapter, Implementations, Unsupported
from conformance.worker.arrays import Array, to_float32

table = Implementations()


def sigmoid(x):
    with np.errstate(all="ignore"):
        return (1 / (1 + np.exp(-x.astype(np.float64)))).astype(x.dtype)


def says(name):
    return table.implements("sigmoid", "misbehaving." + name)


@says("right")
def right(x):
    return sigmoid(x)


@says("aborts")
def aborts(x):
    os.abort()


@says("exits")
def exits(x):
    os._exit(7)


@says("killed")
def killed(x):
    os.kill(os.getpid(), 9)


@says("hangs")
def hangs(x):
    time.sleep(3600)


@says("prints")
def prints(x):
    print("noise on standard output")
    os.write(1, b"noise below Python\n")
    sys.stdout.flush()
    return sigmoid(x)


@says("wrong_shape")
def wrong_shape(x):
    return sigmoid(x)[..., None]


@says("wrong_dtype")
def wrong_dtype(x):
    return sigmoid(x).astype(np.float64 if x.dtype != np.float64 else np.float32)


@says("wrong_value")
def wrong_value(x):
    return (sigmoid(x) * x.dtype.type(1.01)).astype(x.dtype)


@says("nan")
def nan(x):
    return np.full_like(x, np.nan)


@says("raises")
def raises(x):
    raise ArithmeticError("no sigmoid today")


@says("interrupts")
def interrupts(x):
    raise KeyboardInterrupt


@says("warns")
def warns(x):
    import warnings

    warnings.warn("sigmoid is deprecated", FutureWarning, stacklevel=2)
    return sigmoid(x)


CALLS = {"varies": 0, "fails_at_times": 0}


@says("varies")
def varies(x):
    """Another last bit each time it is called."""
    CALLS["varies"] += 1
    return (sigmoid(x) * (1 + CALLS["varies"] * np.finfo(x.dtype).eps)).astype(x.dtype)


@says("fails_at_times")
def fails_at_times(x):
    """Every other call raises."""
    CALLS["fails_at_times"] += 1
    if CALLS["fails_at_times"] % 2:
        raise ArithmeticError("not this time")
    return sigmoid(x)


@says("lacks")
def lacks(x):
    raise Unsupported("this version has no sigmoid")


# Of what follows, the first call is right: only who looks at later ones sees the fault.
_CALLED = {}


def first_call(name):
    _CALLED[name] = _CALLED.get(name, 0) + 1
    return _CALLED[name] == 1


@says("then_idles")
def then_idles(x):
    return sigmoid(x) if first_call("then_idles") else np.zeros_like(x)


@says("then_dies")
def then_dies(x):
    if not first_call("then_dies"):
        os.abort()
    return sigmoid(x)


@says("then_stalls")
def then_stalls(x):
    if not first_call("then_stalls"):
        time.sleep(3600)
    return sigmoid(x)


@says("then_fails")
def then_fails(x):
    if not first_call("then_fails"):
        raise ArithmeticError("no second sigmoid")
    return sigmoid(x)


@says("then_guesses")
def then_guesses(x):
    return sigmoid(x) if first_call("then_guesses") else np.random.default_rng().random(x.shape).astype(x.dtype)


@says("dies_once")
def dies_once(x):
    flag = os.environ["CONFORMANCE_TEST_FLAG"]
    if not os.path.exists(flag):
        open(flag, "w").close()
        os.abort()
    return sigmoid(x)


@table.implements(
    "sigmoid", "misbehaving.documented", contract={}, documented=None, differentiable=False, dtypes=("float32",)
)
def documented(x):
    return sigmoid(x)


class NumPy(Adapter):
    dtypes = ("float64", "float32", "float16")

    def environment(self):
        return {"framework": "misbehaving", "version": "1.0", "versions": {}, "devices": ["cpu"], "switches": {}}

    def put(self, array):
        return to_float32(array) if array.dtype == "bfloat16" else array.storage

    def take(self, tensor):
        return Array(tensor.dtype.name, np.asarray(tensor)), "cpu"

    def evaluate(self, row, inputs, parameters, mode):
        return row.function(**dict(inputs, **parameters))

    def differentiate(self, row, inputs, parameters, mode, wrt, cotangent):
        value = self.evaluate(row, inputs, parameters, mode).astype(np.float64)
        return {"x": (cotangent * value * (1 - value)).astype(inputs["x"].dtype)}


adapter = NumPy("misbehaving", table)
