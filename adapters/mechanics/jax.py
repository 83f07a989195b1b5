"""JAX: arrays in and out, vector-Jacobian products, jit. Also under Keras on its JAX backend.

64-bit types are asked for before any array is made, because without them a float64 input silently becomes
float32; whoever sets JAX_ENABLE_X64=0 gets an adapter without float64. JAX compiles each operation for each
shape, eager mode too, which is most of what a run costs: the programs are kept in JAX's own persistent cache
(JAX_COMPILATION_CACHE_DIR, by default a folder of the user's cache), and a second run finds them there.
"""

import os
import platform

if os.environ.get("CONFORMANCE_TIMING"):
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # two processes are timed side by side
if os.environ.get("CONFORMANCE_THREADS") == "1":
    os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"

import jax  # noqa: E402
import jaxlib  # noqa: E402
import ml_dtypes  # noqa: E402
import numpy as np  # noqa: E402
from conformance.adapters.mechanics.calling import call, frozen  # noqa: E402

from conformance.worker.adapter import Adapter, Unsupported  # noqa: E402
from conformance.worker.arrays import FLOATS, of_numpy  # noqa: E402
from conformance.worker.clocks import BatchClock, Device, HostClock  # noqa: E402

if "JAX_ENABLE_X64" not in os.environ:
    jax.config.update("jax_enable_x64", True)


def _call_in_one_thread():
    """Has JAX run its calls on a CPU where they are made, instead of handing them to a thread of its own."""
    try:
        jax.config.update("jax_cpu_enable_async_dispatch", False)
    except (AttributeError, KeyError):
        return False
    return True


_ONE_THREAD = os.environ.get("CONFORMANCE_THREADS") == "1" and _call_in_one_thread()


def _keep_programs():
    """Turns the persistent cache on; by machine, because a program uses the instructions of its processor.

    Releases before 0.4.14 have no such option, and are judged without the cache. Where time is measured nothing is
    kept: the time to compile would be that of reading a file.
    """
    if not hasattr(jax.config, "jax_compilation_cache_dir"):
        return
    if os.environ.get("CONFORMANCE_TIMING"):
        return
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.path.join(home, "conformance", "jax", platform.node())
    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        jax.config.update("jax_compilation_cache_dir", folder)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


_keep_programs()

# How a script says it: see `conformance repro`. {directions} are the tangents of {primals}.
SCRIPT = {
    "array": "jnp.asarray({literal}, dtype=jnp.{dtype})",
    "labels": "jnp.asarray({literal}, dtype=jnp.int64)",
    "printing": "jnp.set_printoptions(precision={digits})",
    "value": "print({function}({arguments}))",
    "gradient": "value, pull = jax.vjp(lambda {wrt}: {function}({arguments}), {wrt})\n"
    "print(pull(jnp.ones_like(value) if {cotangent} is None else {cotangent}))",
    "jvp": "print(jax.jvp(lambda {primals}: {function}({arguments}), ({primals},), ({directions},))[1])",
    "hvp": "def gradients({primals}):\n"
    "    value, pull = jax.vjp(lambda {primals}: {function}({arguments}), {primals})\n"
    "    return pull(jnp.ones_like(value) if {cotangent} is None else {cotangent})\n\n\n"
    "print(jax.jvp(gradients, ({primals},), ({directions},))[1])",
    "hvp-reverse": "def gradients({primals}):\n"
    "    value, pull = jax.vjp(lambda {primals}: {function}({arguments}), {primals})\n"
    "    return pull(jnp.ones_like(value) if {cotangent} is None else {cotangent})\n\n\n"
    "print(jax.vjp(gradients, {primals})[1](({directions},)))",
    "modes": {"jit": "{function} = jax.jit({function})"},
    "whole": True,
}


class JaxAdapter(Adapter):
    """Mechanics of JAX 0.4.30 and newer. Mode "jit" compiles values and gradients whole.

    `companions` are further versions to report, None for what is not installed: {"optax": "0.2.8"}.
    """

    modes = ("eager", "jit")
    quick_modes = ("jit",)
    quick_dtypes = ("float32",)  # eager mode compiles each primitive for each shape and dtype
    dtypes = FLOATS if jax.config.jax_enable_x64 else tuple(d for d in FLOATS if d != "float64")
    devices = ("cpu", "cuda")
    orders = ("value", "gradient", "jvp", "hvp", "hvp-reverse")

    def __init__(self, name, table, companions=()):
        super(JaxAdapter, self).__init__(name, table)
        self._companions = {name: version for name, version in dict(companions).items() if version}
        self._compiled = {}

    def environment(self):
        return {
            "framework": "jax",
            "version": jax.__version__,
            "versions": dict({"jax": jax.__version__, "jaxlib": jaxlib.__version__}, **self._companions),
            "devices": [_device_name(device) for device in jax.devices()],
            "switches": _switches(),
        }

    @property
    def flushes_subnormals(self):
        """The dtypes in which a subnormal result came back as 0, measured on this device; see `_flushes`."""
        return tuple(dtype for dtype in self.dtypes if self._flushes(dtype))

    def _flushes(self, name):
        """Whether exp or division loses a subnormal result."""
        dtype = _numpy_dtype(name)
        power = self._on_device(np.full(64, _LOG_OF_SUBNORMAL[name], dtype))
        smallest = self._on_device(np.full(64, ml_dtypes.finfo(dtype).smallest_normal, dtype))
        results = jax.numpy.exp(power), smallest / 4
        # A comparison on the device would take a subnormal for zero: the bits are looked at on the host.
        return any(bool((_bits(result) == 0).any()) for result in results)

    def put(self, array):
        storage = np.array(array.storage, order="C")  # JAX may keep the memory that it is given
        return self._on_device(storage.view(ml_dtypes.bfloat16) if array.dtype == "bfloat16" else storage)

    def take(self, tensor):
        if not isinstance(tensor, jax.Array):
            raise TypeError("the call returned {}, not an array".format(type(tensor).__name__))
        platforms = {device.platform for device in tensor.devices()}
        return of_numpy(np.asarray(tensor)), "+".join(sorted(_NAMES.get(p, p) for p in platforms))

    def evaluate(self, row, inputs, parameters, mode):
        if mode == "eager":
            return call(row, inputs, parameters)
        return self._jitted(row, parameters, ())(inputs)

    def differentiate(self, row, inputs, parameters, mode, wrt, cotangent):
        rest = {name: tensor for name, tensor in inputs.items() if name not in wrt}
        chosen = {name: inputs[name] for name in wrt}
        if mode == "eager":
            return _pulled_back(row, parameters, chosen, rest, cotangent)
        return self._jitted(row, parameters, tuple(wrt))(chosen, rest, cotangent)

    def push_forward(self, row, inputs, parameters, mode, tangents):
        def pushed(chosen, rest, tangents):
            return jax.jvp(lambda given: call(row, dict(rest, **given), parameters), (chosen,), (tangents,))[1]

        return self._second(row, parameters, mode, "jvp", pushed)(*_parted(inputs, tangents), tangents)

    def hessian_product(self, row, inputs, parameters, mode, cotangent, tangents, forward):
        def product(chosen, rest, cotangent, tangents):
            def gradients(given):
                return _pulled_back(row, parameters, given, rest, cotangent)

            if forward:
                return jax.jvp(gradients, (chosen,), (tangents,))[1]
            along, pull = jax.vjp(gradients, chosen)
            (products,) = pull({name: tangents[name].astype(along[name].dtype) for name in along})
            return products

        function = self._second(row, parameters, mode, "hvp" if forward else "hvp-reverse", product)
        return function(*_parted(inputs, tangents), cotangent, tangents)

    def clock(self):
        return BatchClock(Queue(self._on_device)) if self.device == "cuda" else HostClock(Queue(self._on_device))

    def bind(self, row, inputs, parameters, mode, wrt, cotangent):
        if wrt is None:
            if mode == "eager":
                return lambda given: call(row, given, parameters)
            return self._jitted(row, parameters, ())
        names, rest_names = list(wrt), [name for name in inputs if name not in wrt]
        if mode == "eager":

            def gradients(given):
                chosen = {name: given[name] for name in names}
                return _pulled_back(row, parameters, chosen, {name: given[name] for name in rest_names}, cotangent)

            return gradients
        compiled = self._jitted(row, parameters, tuple(wrt))

        def compiled_gradients(given):
            return compiled({n: given[n] for n in names}, {n: given[n] for n in rest_names}, cotangent)

        return compiled_gradients

    def peak_memory(self, reset=False):
        """JAX's allocator cannot forget its peak: None where this row did not pass what was used before."""
        stats = jax.devices({"cuda": "gpu"}.get(self.device, self.device))[0].memory_stats()
        if not stats or "peak_bytes_in_use" not in stats:
            return None
        if reset:
            self._before = stats["peak_bytes_in_use"], stats["bytes_in_use"]
        peak, in_use = self._before
        return stats["peak_bytes_in_use"] - in_use if stats["peak_bytes_in_use"] > peak else None

    def threads(self):
        """XLA's pool has a thread for each core that the process may use."""
        if "--xla_cpu_multi_thread_eigen=false" in os.environ.get("XLA_FLAGS", ""):
            return 1
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()

    def _second(self, row, parameters, mode, order, function):
        """The function, compiled where the mode says so; `Unsupported` where a derivative rule lacks forward mode."""
        if mode != "eager":
            key = (row.operation, row.name, frozen(parameters), order)
            function = self._compiled.setdefault(key, jax.jit(function))

        def asked(*arguments):
            try:
                return function(*arguments)
            except TypeError as error:
                if "can't apply forward-mode differentiation" in str(error):
                    raise Unsupported("no forward mode: " + str(error).splitlines()[0]) from error
                raise

        return asked

    def _jitted(self, row, parameters, wrt):
        """The compiled value (`wrt` empty) or gradient; JAX itself keeps one program for each signature."""
        key = (row.operation, row.name, frozen(parameters), wrt)
        if key not in self._compiled:
            if wrt:
                self._compiled[key] = jax.jit(
                    lambda chosen, rest, cotangent: _pulled_back(row, parameters, chosen, rest, cotangent)
                )
            else:
                self._compiled[key] = jax.jit(lambda inputs: call(row, inputs, parameters))
        return self._compiled[key]

    def _on_device(self, array):
        return jax.device_put(array, jax.devices({"cuda": "gpu"}.get(self.device, self.device))[0])


class Queue(Device):
    """JAX's device as a clock needs it: calls return before they are done, on a CPU too."""

    def __init__(self, put):
        self._put = put
        self._filler = None
        self._overwrite = jax.jit(lambda x: x + 1.0)

    wait = staticmethod(jax.block_until_ready)

    def evict(self):
        if self._filler is None:
            self._filler = self._put(np.ones(_CACHE // 4, np.float32))
        jax.block_until_ready(self._overwrite(self._filler))


# Twice the L2 cache of any GPU up to now.
_CACHE = 256 << 20


def _parted(inputs, chosen):
    """(the inputs named in `chosen`, the rest)."""
    return {n: t for n, t in inputs.items() if n in chosen}, {n: t for n, t in inputs.items() if n not in chosen}


def _pulled_back(row, parameters, chosen, rest, cotangent):
    value, pull = jax.vjp(lambda given: call(row, dict(rest, **given), parameters), chosen)
    (gradients,) = pull(jax.numpy.ones((), value.dtype) if cotangent is None else cotangent.astype(value.dtype))
    return gradients


# Logarithm of a number between the smallest subnormal and the smallest normal number.
_LOG_OF_SUBNORMAL = {"float64": -720.0, "float32": -90.0, "float16": -12.0, "bfloat16": -90.0}
# What the suite calls JAX's platforms.
_NAMES = {"gpu": "cuda"}


def _numpy_dtype(name):
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def _bits(result):
    array = np.asarray(result)
    return array.view("u{}".format(array.dtype.itemsize))


def _switches():
    switches = {
        "JAX_ENABLE_X64": bool(jax.config.jax_enable_x64),
        "default matmul precision": str(jax.config.jax_default_matmul_precision),
        "numpy dtype promotion": str(jax.config.jax_numpy_dtype_promotion),
        "XLA_FLAGS": os.environ.get("XLA_FLAGS", ""),
    }
    if _ONE_THREAD:
        switches["jax_cpu_enable_async_dispatch"] = False
    for name in ("JAX_PLATFORMS", "JAX_DISABLE_JIT", "NVIDIA_TF32_OVERRIDE"):
        if name in os.environ:
            switches[name] = os.environ[name]
    return switches


def _device_name(device):
    """ "gpu NVIDIA H200"; of a processor JAX knows the kind of device alone: "cpu"."""
    return " ".join(dict.fromkeys([device.platform, device.device_kind]))
