"""PyTorch: arrays in and out, autograd, torch.compile. Also under Keras on its torch backend.

One thread, so that a result does not depend on how many cores split a sum; CONFORMANCE_THREADS, which `conformance
bench --threads` sets, says another number. Inputs stay as they were put:
a gradient is taken with respect to detached leaves.
"""

import contextlib
import os
import shutil
import types

# Compiled kernels are built in this process: a pool of compilers would outlive a worker that is killed.
os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
if os.environ.get("CONFORMANCE_TIMING"):
    os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"  # else the time to compile is that of reading a file

import numpy as np  # noqa: E402
import torch  # noqa: E402
from conformance.adapters.mechanics.calling import call, frozen  # noqa: E402

from conformance.worker.adapter import Adapter, Unsupported  # noqa: E402
from conformance.worker.arrays import FLOATS, Array, of_numpy  # noqa: E402
from conformance.worker.clocks import Device, EventClock, HostClock  # noqa: E402

torch.set_num_threads(int(os.environ.get("CONFORMANCE_THREADS", 1)))

# How a script says it: see `conformance repro`. {directions} are the tangents of {primals}.
SCRIPT = {
    "array": "torch.tensor({literal}, dtype=torch.{dtype})",
    "labels": "torch.tensor({literal}, dtype=torch.int64)",
    "printing": "torch.set_printoptions(precision={digits})",
    "value": "print({function}({arguments}))",
    "gradient": "{wrt}.requires_grad_(True)\n"
    "value = {function}({arguments})\n"
    "print(torch.autograd.grad(value, {wrt}, {cotangent}))",
    "jvp": "def value({primals}):\n"
    "    return {function}({arguments})\n\n\n"
    "print(torch.func.jvp(value, ({primals},), ({directions},))[1])",
    "hvp": "def gradients({primals}):\n"
    "    value, pull = torch.func.vjp(lambda {primals}: {function}({arguments}), {primals})\n"
    "    return pull(torch.ones_like(value) if {cotangent} is None else {cotangent})\n\n\n"
    "print(torch.func.jvp(gradients, ({primals},), ({directions},))[1])",
    "hvp-reverse": "primals = [tensor.requires_grad_(True) for tensor in ({primals},)]\n"
    "value = {function}({arguments})\n"
    "gradients = torch.autograd.grad(value, primals, {cotangent}, create_graph=True)\n"
    "along = sum((gradient * direction).sum() for gradient, direction in zip(gradients, ({directions},)))\n"
    "print(torch.autograd.grad(along, primals, allow_unused=True))",
    "modes": {"inductor": "{function} = torch.compile({function}, dynamic=False)"},
}


class TorchAdapter(Adapter):
    """Mechanics of PyTorch 1.10 and newer; mode "inductor" is torch.compile with its default backend.

    `companions` are further versions to report, None for what is not installed: {"torchvision": "0.28.0"}.
    """

    modes = ("eager", "inductor") if hasattr(torch, "compile") else ("eager",)
    dtypes = FLOATS
    devices = ("cpu", "cuda")
    orders = ("value", "gradient") + (("jvp", "hvp", "hvp-reverse") if hasattr(torch, "func") else ("hvp-reverse",))

    def __init__(self, name, table, companions=()):
        super(TorchAdapter, self).__init__(name, table)
        self._companions = {name: version for name, version in dict(companions).items() if version}
        self._compiled = {}

    def environment(self):
        return {
            "framework": "torch",
            "version": torch.__version__,
            "versions": dict({"torch": torch.__version__}, **dict(_libraries(), **self._companions)),
            "devices": ["cpu"] + _cuda_devices(),
            "switches": _switches(),
        }

    @property
    def flushes_subnormals(self):
        """The dtypes in which a subnormal result came back as 0, measured on this device; see `_flushes`."""
        return tuple(dtype for dtype in self.dtypes if self._flushes(dtype))

    def _flushes(self, name):
        """Whether exp, softmax, division or, but in float16, sigmoid loses a subnormal result.

        Where sigmoid is subnormal, exp(-x) overflows, and 1/(1 + exp(-x)) is 0. In float16 that is no flush but an
        error: its subnormal numbers reach up to 6e-5.
        """
        dtype = getattr(torch, name)
        # Long enough that the vectorised loops run, and not only the scalar tail.
        power = torch.full((64,), _LOG_OF_SUBNORMAL[name], dtype=dtype, device=self.device)
        smallest = torch.full((64,), torch.finfo(dtype).tiny, dtype=dtype, device=self.device)
        results = [torch.exp(power), torch.softmax(torch.cat([power[:1] * 0, power]), 0), smallest / 4]
        if name != "float16":
            results.append(torch.sigmoid(power))
        return any(bool((result == 0).any()) for result in results)

    def put(self, array):
        storage = np.array(array.storage, order="C")  # torch warns about memory that is not writable
        if array.dtype == "bfloat16":
            tensor = torch.from_numpy(storage.view(np.int16)).view(torch.bfloat16)
        else:
            tensor = torch.from_numpy(storage)
        return tensor.to(self.device)

    def laid(self, tensor, layout):
        if layout == "strided":
            return torch.stack([tensor, tensor], dim=-1)[..., 0]
        return tensor.transpose(0, -1).contiguous().transpose(0, -1)

    def take(self, tensor):
        if not isinstance(tensor, torch.Tensor):
            raise TypeError("the call returned {}, not a tensor".format(type(tensor).__name__))
        if getattr(tensor, "_is_zerotensor", bool)():  # a derivative of 0 that takes no memory
            tensor = torch.zeros(tensor.shape, dtype=tensor.dtype, device=tensor.device)
        host = tensor.detach().to("cpu").contiguous()  # copying to the host waits for the device
        if host.dtype == torch.bfloat16:
            return Array("bfloat16", host.view(torch.int16).numpy().view(np.uint16)), tensor.device.type
        return of_numpy(host.numpy()), tensor.device.type

    def evaluate(self, row, inputs, parameters, mode):
        return self._function(row, inputs, parameters, mode, 0)(inputs)

    def differentiate(self, row, inputs, parameters, mode, wrt, cotangent):
        # detach makes a new tensor over the same memory: the cached input keeps requires_grad=False.
        leaves = {name: inputs[name].detach().requires_grad_(True) for name in wrt}
        value = self._function(row, inputs, parameters, mode, 1)(dict(inputs, **leaves))
        gradients = torch.autograd.grad(value, [leaves[name] for name in wrt], cotangent)
        return dict(zip(wrt, gradients))

    def push_forward(self, row, inputs, parameters, mode, tangents):
        function = self._function(row, inputs, parameters, mode, "jvp")
        chosen = {name: inputs[name] for name in tangents}
        with _forward_mode():
            _, pushed = torch.func.jvp(lambda given: function(dict(inputs, **given)), (chosen,), (tangents,))
        return pushed

    def hessian_product(self, row, inputs, parameters, mode, cotangent, tangents, forward):
        function = self._function(row, inputs, parameters, mode, "hvp" if forward else "hvp-reverse")
        if forward:
            chosen = {name: inputs[name] for name in tangents}
            with _forward_mode():
                return torch.func.jvp(_gradients(function, inputs, cotangent), (chosen,), (tangents,))[1]
        leaves = {name: inputs[name].detach().requires_grad_(True) for name in tangents}
        value = function(dict(inputs, **leaves))
        names = list(tangents)
        gradients = torch.autograd.grad(value, [leaves[name] for name in names], cotangent, create_graph=True)
        along = sum((gradient * tangents[name]).sum() for name, gradient in zip(names, gradients))
        if not along.requires_grad:  # the gradient does not depend on the inputs
            return {name: torch.zeros_like(leaves[name]) for name in names}
        with _forward_mode():
            products = torch.autograd.grad(along, [leaves[name] for name in names], allow_unused=True)
        return {n: torch.zeros_like(leaves[n]) if p is None else p for n, p in zip(names, products)}

    def clock(self):
        return EventClock(Cuda(self.cache_bytes())) if self.device == "cuda" else HostClock(Device())

    def bind(self, row, inputs, parameters, mode, wrt, cotangent):
        # Not self._function: what a subclass guards against is no part of the call.
        function = TorchAdapter._function(self, row, inputs, parameters, mode, 0 if wrt is None else 1)
        if wrt is None:
            return function
        names = list(wrt)

        def gradients(given):
            leaves = {name: given[name].detach().requires_grad_(True) for name in names}
            value = function(dict(given, **leaves))
            return torch.autograd.grad(value, list(leaves.values()), cotangent)

        return gradients

    def replay(self, call, inputs):
        """A CUDA graph of the call. Calls that cannot be recorded (they wait for the device) have none."""
        if self.device != "cuda":
            return None
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        try:
            with torch.cuda.stream(side):
                for _ in range(3):
                    call(inputs)
            torch.cuda.current_stream().wait_stream(side)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                call(inputs)
        except RuntimeError:
            return None
        return graph.replay

    def peak_memory(self, reset=False):
        if self.device != "cuda":
            return None
        if reset:
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
            self._in_use = torch.cuda.memory_allocated()
        return torch.cuda.max_memory_allocated() - self._in_use

    def threads(self):
        return torch.get_num_threads()

    def cache_bytes(self):
        if self.device != "cuda":
            return None
        return getattr(torch.cuda.get_device_properties(0), "L2_cache_size", 0) or _UNKNOWN_L2

    def _function(self, row, inputs, parameters, mode, order):
        """A function of the dict of inputs; compiled ones are kept for each signature."""
        if mode == "eager":
            return lambda given: call(row, given, parameters)
        signature = tuple(sorted((name, str(t.dtype), tuple(t.shape)) for name, t in inputs.items()))
        key = (row.operation, row.name, frozen(parameters), order, signature)
        if key not in self._compiled:
            _require_compiler(self.device)
            self._compiled[key] = _compile(row, parameters)
        return self._compiled[key]


class Cuda(Device):
    """PyTorch's GPU as a clock needs it: events, and a write over twice the L2 cache that leaves nothing of it."""

    def __init__(self, cache):
        self._filler = torch.empty(2 * cache // 4, dtype=torch.int32, device="cuda")

    def wait(self, result):
        torch.cuda.synchronize()

    def evict(self):
        self._filler.zero_()

    def event(self):
        return torch.cuda.Event(enable_timing=True)


# More than the L2 cache of any GPU up to now.
_UNKNOWN_L2 = 128 << 20


def _compile(row, parameters):
    """torch.compile of one call with its parameters as constants, for one signature.

    Dynamo keeps what it compiled by code object, and looks through all of it at every call: each signature gets a code
    object of its own. What the call breaks into further frames (Keras does) has one for all signatures.
    """
    _lift_limits()

    def run(given):
        return call(row, given, parameters)

    own = types.FunctionType(run.__code__.replace(), run.__globals__, run.__name__, None, run.__closure__)
    return torch.compile(own, dynamic=False)


def _lift_limits():
    """Dynamo gives up a code object that it compiled eight times and runs it eagerly, without a word: never here."""
    from torch._dynamo import config

    for name in ("recompile_limit", "accumulated_recompile_limit", "cache_size_limit", "accumulated_cache_size_limit"):
        if hasattr(config, name):
            setattr(config, name, _NO_LIMIT)


_NO_LIMIT = 1 << 30


def _gradients(function, inputs, cotangent):
    """The gradients of <cotangent, value> as a function of the chosen inputs, for torch.func."""

    def gradients(chosen):
        value, pull = torch.func.vjp(lambda given: function(dict(inputs, **given)), chosen)
        return pull(torch.ones_like(value) if cotangent is None else cotangent.to(value.dtype))[0]

    return gradients


@contextlib.contextmanager
def _forward_mode():
    """Says `Unsupported` where PyTorch says that an operator has no forward mode, or no second derivative."""
    try:
        yield
    except (NotImplementedError, RuntimeError) as error:
        if any(sign in str(error) for sign in _NO_FORWARD):
            raise Unsupported("no such derivative: " + str(error).splitlines()[0]) from error
        raise


# How PyTorch says that an operator has no forward mode, or cannot be transformed.
_NO_FORWARD = (
    "that does not support it", "Batching rule not implemented", "generate_vmap_rule", "setup_context",
    "is not implemented",
)  # fmt: skip


def _require_compiler(device):
    compilers = [os.environ.get("CXX"), "g++", "clang++", "cl"]
    if device == "cpu" and not any(name and shutil.which(name) for name in compilers):
        raise Unsupported("torch.compile for the CPU needs a C++ compiler, and there is none")


# Logarithm of a number between the smallest subnormal and the smallest normal number.
_LOG_OF_SUBNORMAL = {"float64": -720.0, "float32": -90.0, "float16": -12.0, "bfloat16": -90.0}


def _cuda_devices():
    return ["cuda:{} {}".format(i, torch.cuda.get_device_name(i)) for i in range(torch.cuda.device_count())]


def _libraries():
    versions = {"cuda": torch.version.cuda} if torch.version.cuda else {}
    if torch.backends.cudnn.is_available():
        versions["cudnn"] = str(torch.backends.cudnn.version())
    return versions


def _switches():
    switches = {
        "threads": torch.get_num_threads(),
        "default dtype": str(torch.get_default_dtype()).replace("torch.", ""),
        "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "cuda.matmul.allow_tf32": torch.backends.cuda.matmul.allow_tf32,
        "cudnn.allow_tf32": torch.backends.cudnn.allow_tf32,
        "cudnn.deterministic": torch.backends.cudnn.deterministic,
        "cudnn.benchmark": torch.backends.cudnn.benchmark,
        "mkldnn": torch.backends.mkldnn.is_available(),
    }
    if hasattr(torch, "get_float32_matmul_precision"):
        switches["float32 matmul precision"] = torch.get_float32_matmul_precision()
    if hasattr(torch.backends, "cpu"):
        switches["CPU capability"] = torch.backends.cpu.get_cpu_capability()
    for name in ("NVIDIA_TF32_OVERRIDE", "TORCH_COMPILE_DISABLE", "ATEN_CPU_CAPABILITY"):
        if name in os.environ:
            switches[name] = os.environ[name]
    return switches
