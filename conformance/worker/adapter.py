"""What an adapter is: a table of public calls, and the mechanics of one framework.

An adapter module holds `adapter = SomeFramework(name, table)`:

    table = Implementations()

    @table.implements("binary_cross_entropy", call="torch.nn.functional.binary_cross_entropy",
                      contract={"log_floor": -100.0}, documented="log outputs are clamped to be at least -100")
    def nn_functional_binary_cross_entropy(probabilities, targets, *, weights=None, reduction="mean"):
        ...

A function's positional parameters are the operation's inputs, in the framework's own tensors; its keyword
parameters are the operation's optional inputs (tensors) and parameters (Python values) that this call can
honour. A case that sets any other parameter is `unsupported` there, by name. A value that the
call cannot honour (a reduction that the framework lacks) raises `Unsupported` with the reason.

The mechanics (`Adapter` below) say how arrays go in and out, how the framework differentiates and compiles.
Standard library and NumPy only; Python 3.7 or newer.
"""

from __future__ import annotations

import abc
import contextlib
import inspect
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Sequence, Tuple, Union

from conformance.worker import signatures
from conformance.worker.clocks import Clock, Device, HostClock

if TYPE_CHECKING:
    from conformance.worker.arrays import Array

Contract = Union[Dict[str, Any], Callable[[str], Dict[str, Any]]]


class Unsupported(Exception):
    """The framework offers no such thing. The message says what is missing: it is shown to people."""


class Implementation(object):
    """One public call that claims to be an operation.

    name        how reports call it: "nn.functional.binary_cross_entropy"
    operation   canonical name of the operation
    function    the adapter's function, see the module's docstring
    call        the dotted name that a user would write, for `repro`
    contract    what the framework documents as different from the mathematics, as oracle parameters:
                a dict, or a function from dtype name to a dict. Floats in it are constants that the
                framework rounds to the dtype under test; the host does that rounding.
    documented  where the framework documents the contract: required with one
    dtypes, modes   None for all that the adapter has, else the ones that this call has
    differentiable  False where the framework documents no gradient for this call
    constants   inputs with respect to which this call documents no gradient
    also        other public calls that this row makes instead of `call`, for other inputs or parameters, or beside it
    """

    def __init__(
        self,
        name: str,
        operation: str,
        function: Callable[..., Any],
        call: str,
        contract: Optional[Contract],
        documented: Optional[str],
        dtypes: Optional[Sequence[str]],
        modes: Optional[Sequence[str]],
        differentiable: bool,
        constants: Sequence[str] = (),
        also: Sequence[str] = (),
    ) -> None:
        if contract and not documented:
            raise ValueError("{}: a contract needs 'documented': where the framework says so".format(name))
        self.name = name
        self.operation = operation
        self.function = function
        self.call = call
        self.contract = contract
        self.documented = documented
        self.dtypes = dtypes
        self.modes = modes
        self.differentiable = differentiable
        self.constants = tuple(constants)
        self.also = tuple(also)
        self.inputs, self.keywords = _parameters(function)

    def describe(self, adapter: Adapter) -> Dict[str, Any]:
        """What the host must know of this row; JSON."""
        dtypes = [d for d in adapter.dtypes if self.dtypes is None or d in self.dtypes]
        contract = self.contract
        return {
            "name": self.name,
            "operation": self.operation,
            "call": self.call,
            "public": signatures.describe(self.call, self.function.__globals__),
            "function": self.function.__name__,
            "module": self.function.__module__,
            "inputs": self.inputs,
            "keywords": self.keywords,
            "dtypes": dtypes,
            "modes": [m for m in adapter.modes if self.modes is None or m in self.modes],
            "differentiable": self.differentiable,
            "constants": list(self.constants),
            "documented": self.documented,
            "contract": {d: (contract(d) if callable(contract) else dict(contract)) for d in dtypes}
            if contract
            else {},
        }


class Implementations(object):
    """The table of one framework: implementations in the order in which they are written."""

    def __init__(self) -> None:
        self.rows: Dict[Tuple[str, str], Implementation] = {}

    def implements(
        self,
        operation: str,
        call: str,
        name: Optional[str] = None,
        contract: Optional[Contract] = None,
        documented: Optional[str] = None,
        dtypes: Optional[Sequence[str]] = None,
        modes: Optional[Sequence[str]] = None,
        differentiable: bool = True,
        constants: Sequence[str] = (),
        also: Sequence[str] = (),
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Registers the decorated function. `name` is `call` without its first component by default."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            row = Implementation(
                name or call.split(".", 1)[1],
                operation,
                function,
                call,
                contract,
                documented,
                dtypes,
                modes,
                differentiable,
                constants,
                also,
            )
            key = (row.operation, row.name)
            if key in self.rows:
                raise ValueError("two implementations of {} are called {}".format(*key))
            self.rows[key] = row
            return function

        return register


class Adapter(abc.ABC):
    """One framework. Subclasses (adapters/mechanics) fill in the methods; the worker calls them.

    Tensors are the framework's own. `inputs` and gradients are dicts from input names to tensors; `parameters` is
    a dict of plain Python values.
    """

    modes: Tuple[str, ...] = ("eager",)
    # the compiled modes that compile quickly enough for every run
    quick_modes: Tuple[str, ...] = ()
    # the dtypes in which every run asks every case
    quick_dtypes: Tuple[str, ...] = ("float64", "float32")
    # what can be asked for: the value, the gradient, and, where the framework has them, jvp, hvp and hvp-reverse
    orders: Tuple[str, ...] = ("value", "gradient")
    dtypes: Tuple[str, ...] = ("float64", "float32", "float16")
    devices: Tuple[str, ...] = ("cpu",)
    # the adapter that judges what an upgrade puts in the place of this one's library
    successor = ""
    # dtypes in which results below the smallest normal number may be flushed to zero
    flushes_subnormals: Any = ()

    def __init__(self, name: str, table: Implementations) -> None:
        self.name = name
        self.table = table
        self.device = "cpu"

    @abc.abstractmethod
    def environment(self) -> Dict[str, Any]:
        """Versions, devices and numeric switches: {"framework", "version", "versions", "devices", "switches"}."""

    @abc.abstractmethod
    def put(self, array: Array) -> Any:
        """The framework's tensor on `self.device` for an `arrays.Array`, bit for bit."""

    def laid(self, tensor: Any, layout: str) -> Any:
        """The same tensor, its entries elsewhere in memory: "strided" (every second place) or "transposed"."""
        raise Unsupported("arrays have no strides here")

    @abc.abstractmethod
    def take(self, tensor: Any) -> Tuple[Array, str]:
        """(`arrays.Array`, device name) of what the framework returned, bit for bit; waits for the device."""

    @abc.abstractmethod
    def evaluate(self, row: Implementation, inputs: Dict[str, Any], parameters: Dict[str, Any], mode: str) -> Any:
        """The value of an implementation: a tensor."""

    def push_forward(
        self, row: Implementation, inputs: Dict[str, Any], parameters: Dict[str, Any], mode: str, tangents: Any
    ) -> Any:
        """The Jacobian-vector product of the value, in forward mode, with `tangents`: {input name: tensor}."""
        raise Unsupported("no forward mode")

    def hessian_product(
        self,
        row: Implementation,
        inputs: Dict[str, Any],
        parameters: Dict[str, Any],
        mode: str,
        cotangent: Any,
        tangents: Dict[str, Any],
        forward: bool,
    ) -> Dict[str, Any]:
        """{input name: Hessian-vector product} of <cotangent, value> with `tangents`, by the inputs named there.

        `forward`: forward mode over reverse mode; else reverse over reverse.
        """
        raise Unsupported("no second derivatives")

    @abc.abstractmethod
    def differentiate(
        self,
        row: Implementation,
        inputs: Dict[str, Any],
        parameters: Dict[str, Any],
        mode: str,
        wrt: Sequence[str],
        cotangent: Any,
    ) -> Dict[str, Any]:
        """{input name: gradient} for the names in `wrt`: the vector-Jacobian product of the value with `cotangent`.

        `cotangent` is a tensor of the value's shape, or None for a scalar value (then it is 1).
        """

    # What timing needs (see `timing`). An adapter that says nothing here is timed by the processor's clock.

    def clock(self) -> Clock:
        """How calls are timed on `self.device`."""
        return HostClock(Device())

    def bind(
        self,
        row: Implementation,
        inputs: Dict[str, Any],
        parameters: Dict[str, Any],
        mode: str,
        wrt: Optional[Sequence[str]],
        cotangent: Any,
    ) -> Callable[[Dict[str, Any]], Any]:
        """The call as a function of its inputs alone, with as little of ours in it as can be: what is timed.

        `inputs` are an example. The value where `wrt` is None, else value and gradient. Called inside `placed()`.
        """
        if wrt is None:
            return lambda given: self.evaluate(row, given, parameters, mode)
        names = list(wrt)
        return lambda given: self.differentiate(row, given, parameters, mode, names, cotangent)

    def placed(self) -> Any:
        """A context in which calls run on `self.device`."""
        return contextlib.nullcontext()

    def replay(self, call: Callable[[Dict[str, Any]], Any], inputs: Dict[str, Any]) -> Any:
        """The call recorded as one graph of the device, as a function of nothing: its launch costs next to nothing.

        None where the device has no such thing.
        """
        return None

    def peak_memory(self, reset: bool = False) -> Optional[int]:
        """The most bytes of the device that were in use since it was last reset, beyond those in use then."""
        return None

    def threads(self) -> Optional[int]:
        """How many threads of the processor one call may use; None where the framework does not say."""
        return None

    def cache_bytes(self) -> Optional[int]:
        """The size of the device's last cache; None where the framework does not say."""
        return None


def _parameters(function: Callable[..., Any]) -> Tuple[list[str], Dict[str, Any]]:
    positional: list[str] = []
    keywords: Dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind == parameter.POSITIONAL_OR_KEYWORD and parameter.default is parameter.empty:
            positional.append(parameter.name)
        elif parameter.kind == parameter.KEYWORD_ONLY:
            keywords[parameter.name] = None if parameter.default is parameter.empty else parameter.default
        else:
            raise TypeError(
                "{}: inputs are positional without default, parameters are keyword-only; '{}' is neither".format(
                    function.__name__, parameter.name
                )
            )
    return positional, keywords
