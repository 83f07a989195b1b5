"""`flax.nnx.metrics`: running means, and accuracies as running means of hits.

Sums are float32 numbers and counts int32 numbers, whatever comes in. There are masks and no weights.
"""

import flax
from conformance.adapters.mechanics.calling import offered
from flax import nnx

from conformance.worker.adapter import Implementations, Unsupported

table = Implementations()
VERSION = flax.__version__
INCLUSIVE = {
    "contract": {"inclusive": True},
    "documented": "flax.nnx.metrics.Accuracy: a logit greater than or equal to the threshold is a positive one",
}


def implements(operation, call, **settings):
    """As `table.implements`, for calls that not every release offers. No metric has a gradient."""
    settings.setdefault("differentiable", False)
    return offered(table, flax, call.split(".", 1)[1], operation, call=call, **settings)


def accumulated(metric, batch, pieces, roundtrip):
    """A metric after one batch, given in pieces along the first axis; `batch` holds arrays by name.

    With several pieces the metric has seen the batch before, and was reset. `roundtrip`: it was taken apart into its
    graph and its state, and put together again.
    """
    if roundtrip:
        metric = nnx.merge(*nnx.split(metric))
    if pieces > 1:
        metric.update(**batch)
        metric.reset()
    count = next(iter(batch.values())).shape[0]
    for piece in range(pieces):
        rows = slice(piece * count // pieces, (piece + 1) * count // pieces)
        metric.update(**{name: array[rows] for name, array in batch.items()})
    return metric.compute()


def masked(batch, mask):
    """The batch, with a mask where a case has one."""
    return batch if mask is None else dict(batch, mask=mask)


def only_mean(reduction):
    if reduction != "mean":
        raise Unsupported("an accuracy of flax.nnx is a mean over all samples")


@implements("running_mean", call="flax.nnx.metrics.Average")
def average(values, *, pieces=1, roundtrip=False):
    return accumulated(nnx.metrics.Average(), {"values": values}, pieces, roundtrip)


@implements("running_mean", call="flax.nnx.metrics.Welford")
def welford(values, *, pieces=1, roundtrip=False):
    return accumulated(nnx.metrics.Welford(), {"values": values}, pieces, roundtrip).mean


@implements("sparse_categorical_accuracy", call="flax.nnx.metrics.Accuracy")
def accuracy(probabilities, labels, *, mask=None, reduction="none", pieces=1, roundtrip=False):
    only_mean(reduction)
    batch = masked({"logits": probabilities, "labels": labels}, mask)
    return accumulated(nnx.metrics.Accuracy(), batch, pieces, roundtrip)


@implements("categorical_accuracy", call="flax.nnx.metrics.Accuracy")
def accuracy_of_one_hot(probabilities, targets, *, mask=None, reduction="none", pieces=1, roundtrip=False):
    only_mean(reduction)
    batch = masked({"logits": probabilities, "labels": targets.argmax(axis=-1)}, mask)
    return accumulated(nnx.metrics.Accuracy(), batch, pieces, roundtrip)


@implements("binary_accuracy", call="flax.nnx.metrics.Accuracy", **INCLUSIVE)
def binary_accuracy(probabilities, targets, *, threshold=0.5, mask=None, reduction="none", pieces=1, roundtrip=False):
    only_mean(reduction)
    batch = masked({"logits": probabilities, "labels": targets.astype("int32")}, mask)
    return accumulated(nnx.metrics.Accuracy(threshold=threshold), batch, pieces, roundtrip)
