"""TensorFlow: arrays in and out, GradientTape, tf.function and XLA. Also under Keras and Addons.

One thread, so that a result does not depend on how many cores split a sum; CONFORMANCE_THREADS, which `conformance
bench --threads` sets, says another number.

Modes: eager; graph (tf.function, whose graph Grappler rewrites); xla (tf.function(jit_compile=True)). In a
compiled mode the inputs and the cotangent are arguments, never constants closed over as Python values: a
constant is folded by eager kernels while tracing, and what the rewriting does to a training step would not be
seen. It does something: TensorFlow rewrites 1 - p + c into (1 + c) - p for a constant c, and Keras 2's binary
cross-entropy of [0, 0, 1, 1] and [1, 1, 1, 0] becomes 11.480856 instead of 11.522857.

TensorFlow 2.1 and newer; before 2.5 `jit_compile` is called `experimental_compile`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# oneDNN's kernels differ between machines: they are off unless the user asks for them.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
if os.environ.get("CONFORMANCE_TIMING"):
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # two processes are timed side by side

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from conformance.adapters.mechanics.calling import call, frozen  # noqa: E402

from conformance.worker.adapter import Adapter, Unsupported  # noqa: E402
from conformance.worker.arrays import FLOATS, Array, of_numpy  # noqa: E402
from conformance.worker.clocks import BatchClock, Device, HostClock  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(int(os.environ.get("CONFORMANCE_THREADS", 1)))
tf.config.threading.set_inter_op_parallelism_threads(1)

# How a script says it: see `conformance repro`. {directions} are the tangents of {primals}.
SCRIPT = {
    "array": 'tf.constant({literal}, dtype="{dtype}")',
    "labels": 'tf.constant({literal}, dtype="int64")',
    "printing": "np.set_printoptions(precision={digits})",
    "value": "print({function}({arguments}))",
    "gradient": "with tf.GradientTape() as tape:\n"
    "    tape.watch({wrt})\n"
    "    value = {function}({arguments})\n"
    "print(tape.gradient(value, {wrt}, output_gradients={cotangent}))",
    "jvp": "with tf.autodiff.ForwardAccumulator([{primals}], [{directions}]) as accumulator:\n"
    "    value = {function}({arguments})\n"
    "print(accumulator.jvp(value))",
    "hvp": "with tf.autodiff.ForwardAccumulator([{primals}], [{directions}]) as accumulator:\n"
    "    with tf.GradientTape() as tape:\n"
    "        tape.watch([{primals}])\n"
    "        value = {function}({arguments})\n"
    "    gradients = tape.gradient(value, [{primals}], output_gradients={cotangent})\n"
    "print([accumulator.jvp(gradient) for gradient in gradients])",
    "hvp-reverse": "with tf.GradientTape() as outer:\n"
    "    outer.watch([{primals}])\n"
    "    with tf.GradientTape() as tape:\n"
    "        tape.watch([{primals}])\n"
    "        value = {function}({arguments})\n"
    "    gradients = tape.gradient(value, [{primals}], output_gradients={cotangent})\n"
    "print(outer.gradient(gradients, [{primals}], output_gradients=[{directions}]))",
    "cotangent": "tf.cast(cotangent, value.dtype)",
    "modes": {
        "graph": "{function} = tf.function({function}, autograph=False)",
        "xla": "{function} = tf.function({function}, autograph=False, jit_compile=True)",
    },
    "whole": True,
}


class TensorFlowAdapter(Adapter):
    """Mechanics of TensorFlow.

    What is judged may be a library on top: `library` is then its (name, version), and `companions` are
    further versions to report: {"keras": "3.15.1"}.
    """

    modes = ("eager", "graph", "xla")
    quick_modes = ("graph",)
    dtypes = FLOATS
    devices = ("cpu", "cuda")
    orders = ("value", "gradient") + (("jvp", "hvp", "hvp-reverse") if hasattr(tf, "autodiff") else ("hvp-reverse",))

    def __init__(self, name, table, library=None, companions=()):
        super(TensorFlowAdapter, self).__init__(name, table)
        self._library = library or ("tensorflow", tf.__version__)
        self._companions = dict(companions)
        self._compiled = {}
        tf.get_logger().setLevel("ERROR")

    def environment(self):
        gpus = tf.config.list_physical_devices("GPU")
        if self.device == "cuda" and not gpus:
            raise RuntimeError("TensorFlow {} sees no GPU".format(tf.__version__))
        name, version = self._library
        return {
            "framework": name,
            "version": version,
            "versions": dict({"tensorflow": tf.__version__}, **self._companions),
            "devices": ["cpu"] + [gpu.name.replace("/physical_device:", "") for gpu in gpus],
            "switches": _switches(),
        }

    @property
    def flushes_subnormals(self):
        """The dtypes in which exp or a division gave 0 for a subnormal result, measured on this device."""
        return tuple(dtype for dtype in self.dtypes if self._flushes(dtype))

    def _flushes(self, name):
        with self.placed():
            # Long enough that the vectorised loops run, and not only the scalar tail.
            power = tf.cast(tf.fill([64], tf.constant(_LOG_OF_SUBNORMAL[name], tf.float64)), name)
            smallest = tf.cast(tf.fill([64], tf.constant(_SMALLEST_NORMAL[name], tf.float64)), name)
            results = tf.exp(power), smallest / tf.cast(4, name)
        # A comparison by TensorFlow would take a subnormal for zero: the bits are looked at.
        return any(bool((_bits(result) == 0).any()) for result in results)

    def put(self, array):
        storage = np.array(array.storage, order="C")  # TensorFlow may keep the memory that it is given
        with self.placed():
            if array.dtype == "bfloat16":
                return tf.bitcast(tf.constant(storage, dtype=tf.uint16), tf.bfloat16)
            return tf.constant(storage, dtype=array.dtype)

    def take(self, tensor):
        if not isinstance(tensor, (tf.Tensor, tf.IndexedSlices)):
            raise TypeError("the call returned {}, not a tensor".format(type(tensor).__name__))
        tensor = tf.convert_to_tensor(tensor)  # the gradient of a gather is IndexedSlices
        device = "cuda" if "GPU:" in tensor.device else "cpu"
        if tensor.dtype == tf.bfloat16:
            return Array("bfloat16", tf.bitcast(tensor, tf.uint16).numpy()), device
        return of_numpy(tensor.numpy()), device

    def evaluate(self, row, inputs, parameters, mode):
        def value(inputs):
            return call(row, inputs, parameters)

        with self.placed():
            key = row.operation, row.name, frozen(parameters)
            return _supported(self._compile(value, mode, key), inputs)

    def differentiate(self, row, inputs, parameters, mode, wrt, cotangent):
        with self.placed():
            key = row.operation, row.name, frozen(parameters), tuple(wrt)
            function = self._compile(_gradients(row, parameters, wrt), mode, key)
            results = _supported(function, inputs, cotangent)
        cut = sorted(name for name in wrt if results[name] is None)
        if cut:
            raise ValueError("GradientTape gives None: {} is cut from {}".format(row.call, ", ".join(cut)))
        return results

    def push_forward(self, row, inputs, parameters, mode, tangents):
        def pushed(inputs, tangents):
            names = sorted(tangents)
            primals = [inputs[name] for name in names]
            with tf.autodiff.ForwardAccumulator(primals, [tangents[name] for name in names]) as accumulator:
                value = call(row, inputs, parameters)
            return accumulator.jvp(value)

        with self.placed():
            key = row.operation, row.name, frozen(parameters), "jvp"
            result = _twice(self._compile(pushed, mode, key), inputs, tangents)
        if result is None:
            raise ValueError("ForwardAccumulator gives None: the value of {} is cut from its inputs".format(row.call))
        return result

    def hessian_product(self, row, inputs, parameters, mode, cotangent, tangents, forward):
        names = sorted(tangents)
        gradients = _gradients(row, parameters, names)

        def over(inputs, cotangent, tangents):
            directions = [tangents[name] for name in names]
            watched = [inputs[name] for name in names]
            if forward:
                with tf.autodiff.ForwardAccumulator(watched, directions) as accumulator:
                    found = gradients(inputs, cotangent)
                slopes = [found[name] for name in names]
                products = [accumulator.jvp(slope) for slope in slopes]
            else:
                with tf.GradientTape(watch_accessed_variables=False) as tape:
                    tape.watch(watched)
                    found = gradients(inputs, cotangent)
                slopes = [found[name] for name in names]
                products = tape.gradient(slopes, watched, output_gradients=directions)
            # None says that a slope does not depend on the input: its derivative is 0.
            return {n: tf.zeros_like(inputs[n]) if p is None else p for n, p in zip(names, products)}

        with self.placed():
            key = row.operation, row.name, frozen(parameters), "hvp" if forward else "hvp-reverse"
            return _twice(self._compile(over, mode, key), inputs, cotangent, tangents)

    def clock(self):
        return BatchClock(Gpu()) if self.device == "cuda" else HostClock(Device())

    def bind(self, row, inputs, parameters, mode, wrt, cotangent):
        key = row.operation, row.name, frozen(parameters), tuple(wrt or ())
        if wrt is None:
            return self._compile(lambda inputs: call(row, inputs, parameters), mode, key)
        function = self._compile(_gradients(row, parameters, wrt), mode, key)
        return lambda inputs: function(inputs, cotangent)

    def peak_memory(self, reset=False):
        if self.device != "cuda":
            return None
        if reset:
            tf.config.experimental.reset_memory_stats("GPU:0")
            self._in_use = tf.config.experimental.get_memory_info("GPU:0")["current"]
        return tf.config.experimental.get_memory_info("GPU:0")["peak"] - self._in_use

    def threads(self):
        return tf.config.threading.get_intra_op_parallelism_threads()

    def placed(self):
        return tf.device("/GPU:0" if self.device == "cuda" else "/CPU:0")

    def _compile(self, function, mode, key):
        """One tf.function for each call and its parameters; it keeps a program for each signature."""
        if mode == "eager":
            return function
        if (mode, key) not in self._compiled:
            self._compiled[mode, key] = _graph(function) if mode == "graph" else _xla(function)
        return self._compiled[mode, key]


def _gradients(row, parameters, wrt):
    """{input name: gradient} by the inputs `wrt` as a function of the inputs and the cotangent."""

    def gradients(inputs, cotangent):
        watched = {name: inputs[name] for name in wrt}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(watched)
            value = call(row, inputs, parameters)
        if cotangent is not None:
            cotangent = tf.cast(cotangent, value.dtype)
        return tape.gradient(value, watched, output_gradients=cotangent)

    return gradients


class Gpu(Device):
    """TensorFlow's GPU as a clock needs it. Work is queued in order: one entry read back waits for all before it."""

    def __init__(self):
        self._filler = None

    def wait(self, result):
        first = tf.nest.flatten(result)[-1]
        first = tf.convert_to_tensor(first)  # the gradient of a gather is IndexedSlices
        tf.reshape(first, [-1])[:1].numpy()

    def evict(self):
        if self._filler is None:
            self._filler = tf.ones([_CACHE // 4], tf.float32)
        self.wait(self._filler + 1.0)


# Twice the L2 cache of any GPU up to now.
_CACHE = 256 << 20


def _graph(function):
    return tf.function(function, autograph=False)


def _xla(function):
    try:
        return tf.function(function, autograph=False, jit_compile=True)
    except TypeError:
        return tf.function(function, autograph=False, experimental_compile=True)


# How TensorFlow says that an operation has no kernel for a dtype, or none that XLA compiles.
_NO_KERNEL = (
    "not in the list of allowed values",
    "not in list of allowed values",  # the same, said while a graph is made
    "No OpKernel was registered",
    "Could not find valid device",
    "Could not find device for node",
    "Detected unsupported operations",
)


def _supported(function, *arguments):
    """The function's result. A missing kernel is `Unsupported`: the framework lacks the dtype or the mode."""
    try:
        return function(*arguments)
    except (tf.errors.OpError, TypeError, ValueError) as error:
        text = str(error)
        if any(sign in text for sign in _NO_KERNEL):
            raise Unsupported("no kernel: " + _sentence(text)) from error
        raise


def _twice(function, *arguments):
    """As `_supported`. `Unsupported` also where TensorFlow says that an operator has no second derivative."""
    try:
        return _supported(function, *arguments)
    except LookupError as error:
        raise Unsupported("no second derivative: " + str(error).strip().splitlines()[0]) from error


def _sentence(text):
    return next(line.strip() for line in text.splitlines() if any(sign in line for sign in _NO_KERNEL))


# Logarithm of a number between the smallest subnormal and the smallest normal number.
_LOG_OF_SUBNORMAL = {"float64": -720.0, "float32": -90.0, "float16": -12.0, "bfloat16": -90.0}
_SMALLEST_NORMAL = {"float64": 2.0**-1022, "float32": 2.0**-126, "float16": 2.0**-14, "bfloat16": 2.0**-126}


def _bits(result):
    if result.dtype == tf.bfloat16:
        return tf.bitcast(result, tf.uint16).numpy()
    array = result.numpy()
    return array.view("u{}".format(array.dtype.itemsize))


# Environment variables that change what is computed.
_SWITCHES = (
    "TF_ENABLE_ONEDNN_OPTS", "TF_XLA_FLAGS", "XLA_FLAGS", "NVIDIA_TF32_OVERRIDE", "TF_DETERMINISTIC_OPS",
)  # fmt: skip


def _switches():
    switches = {name: os.environ[name] for name in _SWITCHES if name in os.environ}
    switches["intra-op threads"] = tf.config.threading.get_intra_op_parallelism_threads()
    switches["inter-op threads"] = tf.config.threading.get_inter_op_parallelism_threads()
    switches["jit"] = str(tf.config.optimizer.get_jit())
    switches["built with CUDA"] = tf.test.is_built_with_cuda()
    if hasattr(tf.config.experimental, "tensor_float_32_execution_enabled"):
        switches["TF32"] = tf.config.experimental.tensor_float_32_execution_enabled()
    return switches
