"""Answers batches of checks, one frame for each check, in the order asked.

A batch holds arrays once, however many checks use them. A check is answered before the next one
begins: if the process dies or hangs, the host knows which check did it.
"""

from __future__ import annotations

import time
import traceback
import warnings
from typing import Any

from conformance.worker.adapter import Adapter, Unsupported
from conformance.worker.arrays import Array
from conformance.worker.protocol import Closed, read_frame, write_frame

MESSAGE_LIMIT = 2000


def answer_forever(adapter: Adapter, requests: Any, answers: Any) -> None:
    timer: Any = None
    while True:
        try:
            head, arrays = read_frame(requests)
        except Closed:
            return
        if head["kind"] == "stop":
            return
        if head["kind"] == "echo":
            write_frame(answers, *_echo(adapter, arrays))
            continue
        if head["kind"] == "time":
            if timer is None:
                from conformance.worker.timing import Timer

                timer = Timer(adapter)
            write_frame(answers, *timer.answer(head, arrays))
            continue
        tensors: dict[int, Any] = {}
        for check in head["checks"]:
            write_frame(answers, *_answer(adapter, check, arrays, tensors))


def _echo(adapter: Adapter, arrays: list[Array]) -> tuple[dict[str, Any], list[Array]]:
    """What comes back when arrays go into the framework and out again, without any operation."""
    try:
        taken = [adapter.take(adapter.put(array)) for array in arrays]
    except Exception as error:
        return raised(error), []
    return {"kind": "returned", "devices": [device for _, device in taken]}, [array for array, _ in taken]


def _answer(
    adapter: Adapter, check: dict[str, Any], arrays: list[Array], tensors: dict[int, Any]
) -> tuple[dict[str, Any], list[Array]]:
    """(head, arrays) of one check's answer: kind is "returned", "raised" or "unsupported"."""
    started = time.perf_counter()
    outputs: list[Array] = []
    devices: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            names = _evaluate(adapter, check, arrays, tensors, outputs, devices)
            head: dict[str, Any] = {"kind": "returned", "names": names, "devices": devices}
        except Unsupported as error:
            head, outputs = {"kind": "unsupported", "message": str(error)[:MESSAGE_LIMIT]}, []
        except Exception as error:
            head, outputs = raised(error), []
    head["id"] = check["id"]
    head["seconds"] = time.perf_counter() - started
    if caught:
        head["warnings"] = sorted({"{}: {}".format(w.category.__name__, w.message)[:300] for w in caught})[:5]
    return head, outputs


def _evaluate(
    adapter: Adapter,
    check: dict[str, Any],
    arrays: list[Array],
    tensors: dict[int, Any],
    outputs: list[Array],
    devices: list[str],
) -> list[str]:
    row = adapter.table.rows[check["operation"], check["implementation"]]
    inputs = {name: _tensor(adapter, index, arrays, tensors) for name, index in check["inputs"].items()}
    for name, layout in check.get("layouts", {}).items():
        inputs[name] = adapter.laid(inputs[name], layout)
    order, parameters, mode = check["order"], check["parameters"], check["mode"]
    place = check.get("cotangent")
    cotangent = None if place is None else _tensor(adapter, place, arrays, tensors)
    tangents = {name: _tensor(adapter, index, arrays, tensors) for name, index in check.get("tangents", {}).items()}
    if order == "value":
        results = {"value": adapter.evaluate(row, inputs, parameters, mode)}
    elif order == "gradient":
        results = adapter.differentiate(row, inputs, parameters, mode, check["wrt"], cotangent)
    elif order == "jvp":
        results = {"value": adapter.push_forward(row, inputs, parameters, mode, tangents)}
    else:
        results = adapter.hessian_product(row, inputs, parameters, mode, cotangent, tangents, order == "hvp")
    names = sorted(results)
    for name in names:
        array, device = adapter.take(results[name])
        outputs.append(array)
        devices.append(device)
    return names


def _tensor(adapter: Adapter, index: int, arrays: list[Array], tensors: dict[int, Any]) -> Any:
    if index not in tensors:
        tensors[index] = adapter.put(arrays[index])
    return tensors[index]


def raised(error: Exception) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "kind": "raised",
        "error": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__[1:-1]],
        "message": str(error)[:MESSAGE_LIMIT],
        "traceback": ["{}:{} {}".format(f.filename, f.lineno, f.name) for f in frames[-4:]],
    }
