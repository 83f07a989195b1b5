"""Run with an adapter's module and public namespaces: prints which of their callables the adapter calls.

A process of its own, because an adapter sets the environment before its framework is imported, and a process has one
Keras backend. The answer is JSON: {"keras.losses.MeanSquaredError": true, ...}, true for the `call` of an
implementation, one named in its `also`, and every other name of the same object.
A namespace may say which module its callables must come from: `keras.ops=keras.src.ops.nn`.
"""

import importlib
import inspect
import json
import sys

NICKNAMES = {"tf": "tensorflow"}


def found(dotted):
    """The object of a dotted name."""
    first, *rest = dotted.split(".")
    thing = importlib.import_module(NICKNAMES.get(first, first))
    path = thing.__name__
    for name in rest:
        path += "." + name
        if not hasattr(thing, name):
            importlib.import_module(path)
        thing = getattr(thing, name)
    return thing


def public(namespace, home):
    """(name, object) of what a user may call in a namespace; exception types and typing's names are no calls."""
    holder = found(namespace)
    for name in sorted(set(getattr(holder, "__all__", dir(holder))) | set(vars(holder))):
        thing = getattr(holder, name, None)
        if name.startswith("_") or inspect.ismodule(thing) or not callable(thing):
            continue
        if getattr(thing, "__module__", None) in ("typing", "types", "collections.abc"):
            continue
        if not home or getattr(thing, "__module__", None) == home:
            yield name, thing


def main(module, namespaces):
    rows = importlib.import_module(module).adapter.table.rows.values()
    calls = {call for row in rows for call in (row.call, *row.also)}
    judged = {id(found(call)) for call in calls if "." in call}
    answer = {}
    for namespace in namespaces:
        namespace, _, home = namespace.partition("=")
        for name, thing in public(namespace, home):
            answer["{}.{}".format(namespace, name)] = id(thing) in judged
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
