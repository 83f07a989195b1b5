"""Margin losses, as Keras 3 offers them.

Hinge and squared hinge take targets of 1 and -1 as they are. Where every target of a tensor is 0 or 1 they are
mapped to -1 and 1: the rows named after those labels are called with them.
"""

import keras
from conformance.adapters.mechanics.calling import of_one_rank
from conformance.adapters.tables.keras.common import (
    EAGER,
    elementwise_function,
    implements,
    loss_object,
    only_none,
    ranked,
)
from conformance.adapters.tables.keras.metrics import averaged

from conformance.worker.adapter import Unsupported

# Values are looked at, and labels are no variables.
LABELS = {"modes": ("eager",), "constants": ("targets",)}
METRIC = dict(EAGER, dtypes=("float64", "float32"))


def margin_loss(kind, scores, targets, weights, reduction, roundtrip):
    """A loss class that averages over the last axis: each loss is the average over an axis of length 1."""
    if weights is None and reduction in ("mean_last_axis", "mean"):
        name = "none" if reduction == "mean_last_axis" else reduction
        return remade(loss_object(kind, scores, name), roundtrip)(targets, scores)
    of_one_rank(scores, targets)
    loss = remade(loss_object(kind, scores, reduction), roundtrip)
    weights = ranked(weights, len(scores.shape))
    return loss(keras.ops.expand_dims(targets, -1), keras.ops.expand_dims(scores, -1), sample_weight=weights)


def remade(thing, roundtrip):
    """The object itself, or one made of its configuration."""
    return type(thing).from_config(thing.get_config()) if roundtrip else thing


def metric_of(kind, scores, targets, weights, reduction, pieces, roundtrip):
    """A metric of losses that are averaged over the last axis; with weights each loss is its own row."""
    metric = kind(dtype=keras.backend.standardize_dtype(scores.dtype))
    if weights is not None:
        scores, targets = keras.ops.expand_dims(scores, -1), keras.ops.expand_dims(targets, -1)
        weights = ranked(weights, len(scores.shape) - 1)
    return averaged(metric, scores, targets, weights, reduction, pieces, roundtrip)


def zero_or_one(targets):
    """The labels 0 and 1 for the targets -1 and 1."""
    if not bool(keras.ops.all(keras.ops.equal(keras.ops.abs(targets), 1))):
        raise Unsupported("only targets of 1 and -1 can be written as labels of 0 and 1")
    return (targets + 1) / 2


@implements("hinge", call="keras.losses.Hinge")
def hinge_class(scores, targets, *, weights=None, reduction="none", roundtrip=False):
    return margin_loss(keras.losses.Hinge, scores, targets, weights, reduction, roundtrip)


@implements("hinge", call="keras.losses.hinge")
def hinge(scores, targets, *, reduction="none"):
    return elementwise_function(keras.losses.hinge, scores, targets, reduction)


@implements("hinge", call="keras.losses.hinge", name="losses.hinge-of-0-and-1", **LABELS)
def hinge_of_labels(scores, targets, *, reduction="none"):
    return elementwise_function(keras.losses.hinge, scores, zero_or_one(targets), reduction)


@implements("hinge", call="keras.metrics.Hinge", **METRIC)
def hinge_metric(scores, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    return metric_of(keras.metrics.Hinge, scores, targets, weights, reduction, pieces, roundtrip)


@implements("squared_hinge", call="keras.losses.SquaredHinge")
def squared_hinge_class(scores, targets, *, weights=None, reduction="none", roundtrip=False):
    return margin_loss(keras.losses.SquaredHinge, scores, targets, weights, reduction, roundtrip)


@implements("squared_hinge", call="keras.losses.squared_hinge")
def squared_hinge(scores, targets, *, reduction="none"):
    return elementwise_function(keras.losses.squared_hinge, scores, targets, reduction)


@implements("squared_hinge", call="keras.losses.squared_hinge", name="losses.squared_hinge-of-0-and-1", **LABELS)
def squared_hinge_of_labels(scores, targets, *, reduction="none"):
    return elementwise_function(keras.losses.squared_hinge, scores, zero_or_one(targets), reduction)


@implements("squared_hinge", call="keras.metrics.SquaredHinge", **METRIC)
def squared_hinge_metric(scores, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    return metric_of(keras.metrics.SquaredHinge, scores, targets, weights, reduction, pieces, roundtrip)


@implements("categorical_hinge", call="keras.losses.CategoricalHinge")
def categorical_hinge_class(scores, targets, *, weights=None, reduction="none", roundtrip=False):
    loss = remade(loss_object(keras.losses.CategoricalHinge, scores, reduction), roundtrip)
    return loss(targets, scores, sample_weight=ranked(weights, len(targets.shape) - 1))


@implements("categorical_hinge", call="keras.losses.categorical_hinge")
def categorical_hinge(scores, targets, *, reduction="none"):
    only_none(reduction)
    return keras.losses.categorical_hinge(targets, scores)


@implements("categorical_hinge", call="keras.metrics.CategoricalHinge", **METRIC)
def categorical_hinge_metric(scores, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    metric = keras.metrics.CategoricalHinge(dtype=keras.backend.standardize_dtype(scores.dtype))
    return averaged(metric, scores, targets, weights, reduction, pieces, roundtrip)
