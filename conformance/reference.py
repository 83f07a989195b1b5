"""References: what the oracle says of a variant in a dtype, worked out once whatever the number of implementations."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformance.case import Variant
from conformance.oracle import dtypes
from conformance.oracle.directional import hessian_vector, jacobian_vector, tangents_for
from conformance.oracle.operation import OPERATIONS, Evaluation, Exact, Floats, Operation, cotangent_for, evaluate
from conformance.relations import RELATIONS
from conformance.worker.arrays import Array

KEPT_BYTES = 64 << 20


class Reference:
    """One variant in one dtype: the inputs as every implementation gets them, and the right answers.

    Arrays are rounded to the dtype first and the oracle sees the rounded values, so the rounding of inputs is
    nobody's error.
    """

    def __init__(self, variant: Variant, dtype: str) -> None:
        self.variant = variant
        self.dtype = dtype
        self.operation: Operation = OPERATIONS[variant.case.operation]
        self.storage: dict[str, Array] = {}
        self.values: dict[str, NDArray[Any]] = {}
        made = {name: spec.make(dtype) for name, spec in variant.case.inputs.items()}
        if variant.relation is not None:
            made = RELATIONS[variant.relation].change(self.operation, made, variant.parameters)
        for name, array in made.items():
            if self.operation.input(name).kind == "label":
                self.values[name] = array
                stored = array.astype(variant.case.cast.get(name, array.dtype))
                self.storage[name] = Array(stored.dtype.name, stored)
            else:
                own = variant.case.cast.get(name, dtype)
                self.values[name] = dtypes.round_to(array, own)
                self.storage[name] = dtypes.to_storage(self.values[name], own)

    @cached_property
    def digest(self) -> str:
        """Of the rounded inputs' bits: two runs with the same digest saw the same numbers."""
        state = hashlib.blake2b(digest_size=8)
        for name in sorted(self.storage):
            array = self.storage[name]
            state.update(f"{name}:{array.dtype}:{array.shape}".encode())
            state.update(np.ascontiguousarray(array.storage).tobytes())
        return state.hexdigest()

    @cached_property
    def truth(self) -> Evaluation:
        """The mathematics; under a relation that names another operation, that operation's."""
        relation = RELATIONS.get(self.variant.relation or "")
        if relation is not None and relation.other is not None:
            name, values, parameters = relation.other(self.operation.name, self.values, self.variant.parameters)
            return evaluate(OPERATIONS[name], values, parameters)
        return evaluate(self.operation, self.values, self.variant.parameters)

    @cached_property
    def cotangent(self) -> Floats | None:
        return cotangent_for(self.operation, self.truth.value.value.shape)

    @cached_property
    def cotangent_storage(self) -> Array | None:
        return None if self.cotangent is None else dtypes.to_storage(self.cotangent, self.dtype)

    @cached_property
    def _contracts(self) -> dict[str, Evaluation]:
        return {}

    def under(self, contract: Mapping[str, Any]) -> Evaluation:
        """The answers under what a framework documents; its constants are rounded to the dtype first."""
        key = json.dumps(contract, sort_keys=True)
        if key not in self._contracts:
            asked = {**self.variant.parameters, **self._rounded_contract(contract)}
            self._contracts[key] = evaluate(self.operation, self.values, asked)
        return self._contracts[key]

    @cached_property
    def tangents(self) -> dict[str, Floats]:
        """The direction of forward mode and of Hessian-vector products, for each differentiable input."""
        return tangents_for(self.operation, self.values)

    @cached_property
    def tangent_storage(self) -> dict[str, Array]:
        return {name: dtypes.to_storage(tangent, self.dtype) for name, tangent in self.tangents.items()}

    def answers(
        self, order: str, contract: Mapping[str, Any] | None = None, constants: Sequence[str] = ()
    ) -> dict[str, Exact]:
        """What is right for each output of a check: the value, or something for each differentiable input.

        `constants` are inputs that an implementation does not differentiate.
        """
        evaluation = self.truth if not contract else self.under(contract)
        if order == "value":
            return {"value": evaluation.value}
        if order == "gradient":
            return self._gradient(evaluation, constants)
        key = json.dumps([order == "jvp", contract or {}, sorted(constants)], sort_keys=True)
        if key not in self._second:
            tangents = {name: tangent for name, tangent in self.tangents.items() if name not in constants}
            if order == "jvp":
                self._second[key] = {"value": jacobian_vector(evaluation, tangents)}
            else:
                asked = {**self.variant.parameters, **self._rounded_contract(contract or {})}
                gradient = self._gradient(evaluation, constants)
                self._second[key] = hessian_vector(
                    self.operation, self.values, asked, self.cotangent, gradient, tangents
                )
        return self._second[key]

    def _gradient(self, evaluation: Evaluation, constants: Sequence[str]) -> dict[str, Exact]:
        found = self._true_gradient if evaluation is self.truth else self._gradient_of(evaluation)
        return {name: gradient for name, gradient in found.items() if name not in constants}

    def _gradient_of(self, evaluation: Evaluation) -> dict[str, Exact]:
        return evaluation.gradient(np.ones(()) if self.cotangent is None else self.cotangent)

    @cached_property
    def _true_gradient(self) -> dict[str, Exact]:
        """The gradient of the truth, which every implementation, mode and contract is held against."""
        return self._gradient_of(self.truth)

    def amplification(self, order: str) -> float:
        """By how much what is multiplied with the losses can enlarge a number that was flushed to zero."""
        return self._largest_weight * (1.0 if order == "value" else self._largest_cotangent)

    @cached_property
    def _largest_weight(self) -> float:
        return _at_least_one(self.values.get("weights"))

    @cached_property
    def _largest_cotangent(self) -> float:
        return _at_least_one(self.cotangent)

    @cached_property
    def _second(self) -> dict[str, dict[str, Exact]]:
        """Answers of second order, which take long to work out."""
        return {}

    def _rounded_contract(self, contract: Mapping[str, Any]) -> dict[str, Any]:
        return {name: _rounded(value, self.dtype) for name, value in contract.items()}

    @property
    def weight(self) -> int:
        """Bytes held, roughly."""
        return 12 * sum(a.storage.nbytes for a in self.storage.values()) + 4096


def _at_least_one(factors: NDArray[Any] | None) -> float:
    """The largest finite |factor|, or 1."""
    if factors is None:
        return 1.0
    return max(1.0, float(np.max(np.abs(factors), initial=0.0, where=np.isfinite(factors))))


def _rounded(value: Any, dtype: str) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(_rounded(v, dtype) for v in value)
    return float(dtypes.round_to(value, dtype))


class References:
    """The references of a run; the least recently used go when they hold too much. Safe to use from threads."""

    def __init__(self, make: Callable[[Variant, str], Reference] = Reference, kept_bytes: int = KEPT_BYTES) -> None:
        self._make = make
        self._kept_bytes = kept_bytes
        self._held: OrderedDict[tuple[str, str], Reference] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def of(self, variant: Variant, dtype: str) -> Reference:
        key = (variant.id, dtype)
        with self._lock:
            reference = self._held.get(key)
            if reference is not None:
                self._held.move_to_end(key)
                return reference
        reference = self._make(variant, dtype)
        with self._lock:
            if key not in self._held:
                self._held[key] = reference
                self._bytes += reference.weight
                while self._bytes > self._kept_bytes and len(self._held) > 1:
                    _, gone = self._held.popitem(last=False)
                    self._bytes -= gone.weight
            return self._held[key]
