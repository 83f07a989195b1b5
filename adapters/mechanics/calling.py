"""What the mechanics of several frameworks share: how a row is called, and how a call is remembered."""

from conformance.worker.adapter import Unsupported


def split(row, inputs):
    """(positional inputs in the row's order, the remaining ones by name) of a dict of inputs."""
    keywords = {name: tensor for name, tensor in inputs.items() if name not in row.inputs}
    return [inputs[name] for name in row.inputs], keywords


def call(row, inputs, parameters):
    """The implementation's result: inputs by position and by name, parameters by name."""
    positional, keywords = split(row, inputs)
    keywords.update(parameters)
    return row.function(*positional, **keywords)


def of_one_rank(*tensors):
    """Raises Unsupported for tensors of several ranks: an axis more at their ends would line other axes up."""
    if len({len(tensor.shape) for tensor in tensors}) > 1:
        raise Unsupported("single entries stand on an axis of their own here, which changes how two ranks broadcast")


def frozen(value):
    """A hashable stand-in for plain Python values: two that differ in type or sign of zero stay different."""
    if isinstance(value, dict):
        return tuple(sorted((name, frozen(item)) for name, item in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(frozen(item) for item in value)
    return type(value).__name__, repr(value)


def offered(table, module, path, operation, **settings):
    """`table.implements` where `module` has the dotted `path`; else a decorator that registers nothing.

    For calls that only some releases or only an optional package offer: `module` is None without the package.
    """
    found = module
    for name in path.split("."):
        found = getattr(found, name, None)
    if found is None:
        return lambda function: function
    return table.implements(operation, **settings)
