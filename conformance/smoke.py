"""Checks of an adapter itself, before a framework is blamed.

Bits that go in come out again, for every dtype and every special value; results lie on the device that was asked for;
the process ends cleanly. An adapter that fails here makes every verdict of its own worthless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from conformance.host import AdapterSpec, NotStarted, Worker
from conformance.oracle import dtypes
from conformance.worker.arrays import Array, storage_dtype

SHAPES = ((), (1,), (0,), (3, 1), (2, 0, 3), (2, 3, 4))
INTEGERS = ("int32", "int64")


@dataclass(frozen=True)
class Finding:
    """One question about an adapter and its answer."""

    adapter: str
    question: str
    holds: bool
    detail: str = ""


def smoke(spec: AdapterSpec, *, python: str, device: str) -> Iterator[Finding]:
    """Asks one adapter everything, in a worker of its own. Raises NotStarted."""
    with Worker(spec, python=python, device=device) as worker:
        hello = worker.start()
        version = f"{hello['environment']['framework']} {hello['environment']['version']}"
        yield Finding(spec.name, "starts", True, version)
        for dtype in hello["dtypes"]:
            yield _round_trip(worker, dtype)
        for dtype in INTEGERS:
            yield _round_trip(worker, dtype)
        head, _ = worker.echo([dtypes.to_storage(np.zeros(3), "float32")])
        found = set(head.get("devices", ()))
        yield Finding(spec.name, f"computes on {device}", found == {device}, ", ".join(sorted(found)))
        yield Finding(
            spec.name, "offers implementations", bool(hello["implementations"]), str(len(hello["implementations"]))
        )
        status = worker.close()
        yield Finding(spec.name, "ends cleanly", status == 0, f"status {status}")


def _round_trip(worker: Worker, dtype: str) -> Finding:
    sent = _arrays(dtype)
    question = f"{dtype} goes in and out bit for bit"
    try:
        head, back = worker.echo(sent)
    except NotStarted as error:
        return Finding(worker.spec.name, question, False, str(error))
    if head["kind"] == "raised":
        return Finding(worker.spec.name, question, False, f"{head['error']}: {head['message']}")
    for before, after in zip(sent, back, strict=True):
        fault = _difference(before, after)
        if fault:
            return Finding(worker.spec.name, question, False, fault)
    return Finding(worker.spec.name, question, True, f"{sum(a.storage.size for a in sent)} numbers")


def _arrays(dtype: str) -> list[Array]:
    """Arrays of every rank, and one of special bit patterns: subnormals, infinities, nan, both zeros."""
    storage = storage_dtype(dtype)
    arrays = [Array(dtype, np.arange(int(np.prod(s)), dtype=np.int64).reshape(s).astype(storage)) for s in SHAPES]
    if dtype in dtypes.FORMATS:
        unit, small, large = dtypes.unit_roundoff(dtype), dtypes.smallest_subnormal(dtype), dtypes.largest(dtype)
        special = [0.0, -0.0, 1.0, -1.0, unit, 1 - unit, small, -small, dtypes.smallest_normal(dtype), large, -large]
        arrays.append(dtypes.to_storage(np.array([*special, np.inf, -np.inf, np.nan]), dtype))
    else:
        limits = np.iinfo(dtype)
        arrays.append(Array(dtype, np.array([limits.min, -1, 0, 1, limits.max], dtype)))
    return arrays


def _difference(before: Array, after: Array) -> str | None:
    if after.dtype != before.dtype:
        return f"came back as {after.dtype}"
    if after.shape != before.shape:
        return f"shape {before.shape} came back as {after.shape}"
    sent, back = (
        np.ravel(a.storage).view(np.uint8 if a.storage.itemsize == 1 else f"u{a.storage.itemsize}")
        for a in (before, after)
    )
    wrong = np.flatnonzero(sent != back)
    if wrong.size:
        return f"bits {sent[wrong[0]]:#x} came back as {back[wrong[0]]:#x}"
    return None
