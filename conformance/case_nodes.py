"""Reads one case: YAML nodes to `Case`, checked against the operation that it asks for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from conformance import shapes
from conformance.array_nodes import Unshaped, array, grid
from conformance.case import CHOICES, DTYPES, Case, Choice, Published, written
from conformance.inputs import ArraySpec
from conformance.node_fields import (
    Reader,
    Wrong,
    described,
    expected_one_of,
    integer,
    items,
    mapping,
    one_of,
    plain,
    text,
    unique,
)
from conformance.oracle.operation import OPERATIONS, Operation
from conformance.oracle.reduction import REDUCTIONS
from conformance.relations import RELATIONS
from conformance.yaml_nodes import Fields, Items, Node, Scalar

KEYS = (
    "id", "says", "operation", "flags", "inputs", "grid", "parameters", "each", "dtypes", "orders", "outcome",
    "published", "source", "because", "relations", "cast", "layout",
)  # fmt: skip
OUTCOMES = ("value", "raises")
INPUT_DTYPES = (*DTYPES, "int8", "int16", "int32", "int64", "uint8")
LAYOUTS = ("strided", "transposed")
ORDERS = {"value": 0, "gradient": 1, "second": 2}
MOST_VARIANTS = 10_000
IDENTIFIER = re.compile(r"[a-z0-9-]+(/[a-z0-9.-]+)+\Z")
_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")
_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?%?|[-+]?(?:nan|inf)"
_DIGITS = re.compile(rf"[\[(\s]*(?:{_NUMBER})(?:[\])\s]*[,\s]\s*[\[(\s]*(?:{_NUMBER}))*[\])\s]*\Z")


def case(node: Node, reader: Reader, operation_of_file: str | None) -> Case | None:
    """The case, or None where it has faults. Flags and the uniqueness of the id are checked by the caller."""
    before = reader.wrong
    fields = reader.attempt(reader.fields, node, "a case", KEYS, ("id", "says"))
    if fields is None:
        return None
    identifier = reader.attempt(_identifier, fields["id"]) if "id" in fields else None
    says = reader.attempt(text, fields["says"], "'says'") if "says" in fields else None
    operation = _operation(node, fields, reader, operation_of_file)
    if operation is None:
        return None
    more: dict[str, Any] = {}
    for name, read in _PLAIN_FIELDS.items():
        if name in fields:
            more[name] = reader.attempt(read, fields[name], reader)
    more.update(_outcome(node, fields, reader))
    more["published"] = _published(fields, reader, operation)
    parameters, each = _parameters(node, fields, reader, operation)
    inputs = _inputs(node, fields, reader, operation)
    if inputs is not None and reader.wrong == before:
        settings = shapes.Settings(operation, parameters, each, more["outcome"], _places(node, fields))
        resolved = reader.attempt(lambda _: shapes.resolve(inputs, settings), node)
        if resolved is not None and identifier is not None and says is not None:
            return Case(
                identifier, says, operation.name, resolved, parameters, reader.file, node.line, each=each, **more
            )
    return None


def _identifier(node: Node) -> str:
    written_id = text(node, "the id")
    if not IDENTIFIER.match(written_id):
        raise Wrong(
            node, f"the id '{written_id}' is malformed",
            "expected small letters, digits and hyphens, with slashes between parts: bce-logits/saturated-negative",
        )  # fmt: skip
    return written_id


def operation_name(node: Node) -> str:
    return one_of(node, "operation", OPERATIONS)


def _operation(node: Node, fields: Mapping[str, Node], reader: Reader, of_file: str | None) -> Operation | None:
    if "operation" in fields:
        name = reader.attempt(operation_name, fields["operation"])
        return None if name is None else OPERATIONS[name]
    if of_file is None:
        reader.fault(node, "a case lacks 'operation'", "expected one here or at the top of the file")
        return None
    return OPERATIONS.get(of_file)


def _names(node: Node, reader: Reader) -> tuple[str, ...]:
    return reader.each(name, unique(reader, items(node, "the list"), "the name"))


def name(node: Node) -> str:
    written_name = text(node, "the name")
    if not _NAME.match(written_name):
        raise Wrong(node, f"'{written_name}' is no name", "expected small letters, digits and hyphens")
    return written_name


def _dtypes(node: Node, reader: Reader) -> tuple[str, ...]:
    return reader.each(lambda n: one_of(n, "dtype", DTYPES), unique(reader, _some(node, "dtypes"), "the dtype"))


def _orders(node: Node, reader: Reader) -> tuple[int, ...]:
    def order(item: Node) -> int:
        if isinstance(item, Scalar) and isinstance(item.value, str):
            return ORDERS[one_of(item, "order", ORDERS)]
        return integer(item, "an order", 0, 2)

    return reader.each(order, unique(reader, _some(node, "orders"), "the order"))


def _relations(node: Node, reader: Reader) -> tuple[str, ...]:
    listed = unique(reader, items(node, "the list"), "the relation")
    return reader.each(lambda n: one_of(n, "relation", RELATIONS), listed)


def _cast(node: Node, reader: Reader) -> dict[str, str]:
    """Dtypes of inputs; whether the inputs are the operation's is checked with the arrays."""
    fields = mapping(node, "'cast'")
    return {name: reader.attempt(one_of, value, "dtype", INPUT_DTYPES) or "" for name, value in fields.values.items()}


def _layout(node: Node, reader: Reader) -> dict[str, str]:
    fields = mapping(node, "'layout'")
    return {name: reader.attempt(one_of, value, "layout", LAYOUTS) or "" for name, value in fields.values.items()}


def _some(node: Node, what: str) -> list[Node]:
    listed = items(node, f"'{what}'")
    if not listed:
        raise Wrong(node, f"'{what}' is empty", "expected at least one, or no such key for all of them")
    return listed


_PLAIN_FIELDS: dict[str, Any] = {
    "flags": _names,
    "dtypes": _dtypes,
    "orders": _orders,
    "relations": _relations,
    "cast": _cast,
    "layout": _layout,
    "source": lambda node, reader: text(node, "'source'"),
    "because": lambda node, reader: text(node, "'because'"),
}


def _inputs(
    node: Node, fields: Mapping[str, Node], reader: Reader, operation: Operation
) -> dict[str, ArraySpec | Unshaped] | None:
    """The arrays in the operation's order, or None where one of them is a fault."""
    known = {i.name: i.kind == "label" for i in operation.inputs}
    if "inputs" not in fields and "grid" not in fields:
        reader.fault(node, "a case lacks 'inputs'", f"expected: {', '.join(operation.required)}")
        return None
    specs: dict[str, ArraySpec | Unshaped | None] = {}
    unknown = False
    for where in ("inputs", "grid"):
        if where not in fields:
            continue
        arrays = reader.attempt(mapping, fields[where], f"'{where}'")
        if arrays is None:
            return None
        found: dict[str, ArraySpec | Unshaped | None] = {}
        for key, value in arrays.values.items():
            if key not in known:
                unknown = True
                message = f"unknown input '{key}' of {operation.name}"
                reader.fault(arrays.keys[key], message, *expected_one_of(known, key))
            elif key in specs:
                reader.fault(arrays.keys[key], f"'{key}' is in inputs and in grid", "expected it in one of them")
            else:
                found[key] = reader.attempt(array, value, known[key], reader)
        specs.update(_combined(found, arrays, reader) if where == "grid" else found)
    for where in ("cast", "layout"):
        about = fields.get(where)
        for key, key_node in about.keys.items() if isinstance(about, Fields) else ():
            if key not in specs:
                reader.fault(key_node, f"'{key}' of '{where}' is no input of the case", *expected_one_of(specs, key))
    missing = [i for i in operation.required if i not in specs]
    if missing and not unknown:  # an unknown input is most likely the missing one misspelt
        at = fields.get("inputs", fields.get("grid", node))
        reader.fault(at, f"{operation.name} lacks the input{'s' * (len(missing) > 1)} {', '.join(missing)}")
    whole = {i.name: specs[i.name] for i in operation.inputs if i.name in specs}
    return None if missing or None in whole.values() else {k: v for k, v in whole.items() if v is not None}


def _combined(
    found: Mapping[str, ArraySpec | Unshaped | None], node: Fields, reader: Reader
) -> dict[str, ArraySpec | Unshaped | None]:
    ready: dict[str, ArraySpec] = {}
    for key, spec in found.items():
        if isinstance(spec, Unshaped):
            reader.fault(node.values[key], f"'{key}' of a grid has no shape", "write one: shape: [8]")
        elif spec is not None:
            ready[key] = spec
    if len(ready) < len(found):
        return dict.fromkeys(found)
    combined = reader.attempt(lambda _: grid(ready, node.values), node)
    return dict.fromkeys(found) if combined is None else {**combined}


def _parameters(
    node: Node, fields: Mapping[str, Node], reader: Reader, operation: Operation
) -> tuple[dict[str, Any], dict[str, tuple[Any, ...]]]:
    """(parameters, each)."""
    parameters: dict[str, Any] = {}
    each: dict[str, tuple[Any, ...]] = {}
    given = reader.attempt(mapping, fields["parameters"], "'parameters'") if "parameters" in fields else None
    varied = reader.attempt(mapping, fields["each"], "'each'") if "each" in fields else None
    for fixed in (given, varied):
        for at in fixed.keys.values() if fixed else ():
            if at.text not in operation.asked:
                reader.fault(at, *_unknown_parameter(at.text, operation))
    for key, value in given.values.items() if given else ():
        if key in operation.asked:
            parameters[key] = reader.attempt(_parameter, value, key, operation)
    for key, value in varied.values.items() if varied else ():
        if given and key in given.values:
            reader.fault(value, f"'{key}' is in parameters and in each", "expected it in one of them")
        elif key in operation.asked:
            each[key] = reader.attempt(_choices, value, key, operation, reader) or ()
    count = math.prod(len(values) for values in each.values())
    if count > MOST_VARIANTS:
        reader.fault(fields["each"], f"'each' makes {count:,} variants", f"expected at most {MOST_VARIANTS:,}")
    return parameters, each


def _unknown_parameter(key: str, operation: Operation) -> tuple[str, ...]:
    if key in operation.contract:
        return (
            f"'{key}' is a contract parameter of {operation.name}",
            "expected none in a case: adapters say what their framework documents; `published` may say `under: {...}`",
        )
    if any(i.name == key for i in operation.inputs):
        return f"'{key}' is an input of {operation.name}, not a parameter", "expected it in inputs"
    return f"unknown parameter '{key}' of {operation.name}", *expected_one_of(operation.asked, key)


def _choices(node: Node, key: str, operation: Operation, reader: Reader) -> tuple[Any, ...]:
    values = []
    seen: set[str] = set()
    for item in _some(node, key):
        before = reader.wrong
        value = reader.attempt(_parameter, item, key, operation)
        if written(value) in seen and reader.wrong == before:
            reader.fault(item, f"{written(value)} is written twice", "expected each value once")
        seen.add(written(value))
        values.append(value)
    return tuple(values)


def _parameter(node: Node, key: str, operation: Operation) -> Any:
    value = plain(node, f"'{key}'")
    default = operation.asked[key].default
    if isinstance(node, Scalar) and node.reported:
        raise Wrong(node, "")
    if value is None:
        return None
    if key == "reduction":
        return one_of(node, "reduction", REDUCTIONS)
    if isinstance(default, str):
        return text(node, f"'{key}'")
    if isinstance(default, bool) and not isinstance(value, bool):
        raise Wrong(node, f"'{key}' is {described(node)}", "expected true or false")
    for entry in node.items if isinstance(node, Items) else [node]:
        kind = type(entry.value) if isinstance(entry, Scalar) else None
        if kind not in (int, float) and not (kind is bool and isinstance(default, bool)):
            raise Wrong(entry, f"'{key}' is {described(entry)}", "expected a number")
    if key in ("axis", "classes", "ignore_index") and not isinstance(value, int):
        if key == "axis" and isinstance(value, tuple) and value and all(type(v) is int for v in value):
            return value  # several axes, taken together
        raise Wrong(node, f"'{key}' is {described(node)}", "expected an integer")
    return value


def _outcome(node: Node, fields: Mapping[str, Node], reader: Reader) -> dict[str, Any]:
    outcome, choices = "value", tuple[Choice, ...]()
    if "outcome" in fields:
        at = fields["outcome"]
        if isinstance(at, Fields):
            outcome = "one_of"
            choices = reader.attempt(_one_of, at, reader) or ()
        else:
            outcome = reader.attempt(_word, at) or "value"
    return {"outcome": outcome, "choices": choices}


def _word(node: Node) -> str:
    outcome = text(node, "the outcome")
    if outcome == "one_of":
        raise Wrong(node, "one_of lacks its outcomes", "expected {one_of: [{outcome: nan, because: ...}, ...]}")
    if outcome not in OUTCOMES:
        raise Wrong(node, f"unknown outcome '{outcome}'", *expected_one_of([*OUTCOMES, "{one_of: [...]}"], outcome))
    return outcome


def _one_of(node: Node, reader: Reader) -> tuple[Choice, ...]:
    fields = reader.fields(node, "an outcome", ("one_of",), ("one_of",))
    if "one_of" not in fields:
        return ()

    def choice(item: Node) -> Choice | None:
        of = reader.fields(item, "an outcome of one_of", ("outcome", "because"), ("outcome", "because"))
        chosen = reader.attempt(one_of, of["outcome"], "outcome", CHOICES) if "outcome" in of else None
        because = reader.attempt(text, of["because"], "'because'") if "because" in of else None
        return Choice(chosen, because) if chosen and because else None

    listed = _some(fields["one_of"], "one_of")
    choices = reader.each(choice, listed)
    found = tuple(c for c in choices if c is not None)
    outcomes = [c.outcome for c in found]
    twice = next((o for o in outcomes if outcomes.count(o) > 1), None)
    if twice:
        raise Wrong(fields["one_of"], f"the outcome '{twice}' is written twice")
    return found


def _published(fields: Mapping[str, Node], reader: Reader, operation: Operation) -> Published | None:
    if "published" not in fields:
        return None
    node = fields["published"]
    if "source" not in fields:
        reader.fault(node, "published digits lack a source", "expected 'source' in the case: where they are printed")
        return None
    source = fields["source"].text if isinstance(fields["source"], Scalar) else ""
    if not isinstance(node, Fields):
        digits = reader.attempt(_digits, node)
        return None if digits is None else Published(digits, source)
    known = ("digits", "dtype", "units", "under", "note")
    of = reader.attempt(reader.fields, node, "published", known, ("digits",))
    if of is None or "digits" not in of:
        return None
    digits = reader.attempt(_digits, of["digits"])
    dtype = reader.attempt(one_of, of["dtype"], "dtype", DTYPES) if "dtype" in of else "float32"
    note = reader.attempt(text, of["note"], "'note'") if "note" in of else ""
    units = reader.attempt(integer, of["units"], "'units'", 0, 64) if "units" in of else 0
    under = _under(of["under"], reader, operation) if "under" in of else {}
    return None if digits is None or dtype is None else Published(digits, source, dtype, units or 0, under, note or "")


def _digits(node: Node) -> str:
    if isinstance(node, Scalar) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        raise Wrong(node, f"the digits {node.text} are not in quotes", f'write "{node.text}": the digits as printed')
    digits = text(node, "'published'")
    if not _DIGITS.match(digits):
        raise Wrong(node, f"'{digits}' are no digits", 'expected what is printed: "0.2899", or "(0.9333, 0.0333)"')
    return digits


def _under(node: Node, reader: Reader, operation: Operation) -> dict[str, Any]:
    fields = reader.attempt(mapping, node, "'under'")
    if fields is None:
        return {}
    for key, at in fields.keys.items():
        if key not in operation.contract:
            known = operation.contract
            reader.fault(at, f"unknown contract parameter '{key}' of {operation.name}", *expected_one_of(known, key))
    return {key: reader.attempt(plain, value, f"'{key}'") for key, value in fields.values.items()}


def _places(node: Node, fields: Mapping[str, Node]) -> dict[str, Node]:
    """Where each input, parameter and the case itself is written, for faults found later."""
    places: dict[str, Node] = {"": node}
    for where in ("inputs", "grid", "parameters", "each"):
        at = fields.get(where)
        if isinstance(at, Fields):
            places.update(at.values)
    return places
