"""Margin losses, as Keras 2 offers them.

Hinge and squared hinge take targets of 1 and -1 as they are. Where every target of a tensor is 0 or 1 they are
mapped to -1 and 1: the rows named after those labels are called with them.
"""

import tensorflow as tf
from conformance.adapters.mechanics.calling import of_one_rank
from conformance.adapters.tables.tf_keras.common import (
    elementwise_function,
    implements,
    named,
    only_none,
    ranked,
    tf_keras,
)
from conformance.adapters.tables.tf_keras.metrics import EAGER, averaged

from conformance.worker.adapter import Unsupported

# Values are looked at, and labels are no variables.
LABELS = {"modes": ("eager",), "constants": ("targets",)}
METRIC = dict(EAGER, dtypes=("float64", "float32"))


def margin_loss(kind, scores, targets, weights, reduction, roundtrip):
    """A loss class that averages over the last axis: each loss is the average over an axis of length 1."""
    if weights is None and reduction in ("mean_last_axis", "mean"):
        name = "none" if reduction == "mean_last_axis" else "sum_over_batch_size"
        return remade(kind(reduction=name), roundtrip)(targets, scores)
    of_one_rank(scores, targets)
    loss = remade(kind(reduction=named(reduction)), roundtrip)
    weights = ranked(weights, scores.shape.ndims)
    return loss(targets[..., tf.newaxis], scores[..., tf.newaxis], sample_weight=weights)


def remade(thing, roundtrip):
    """The object itself, or one made of its configuration."""
    return type(thing).from_config(thing.get_config()) if roundtrip else thing


def metric_of(kind, scores, targets, weights, reduction, pieces, roundtrip):
    """A metric of losses that are averaged over the last axis; with weights each loss is its own row."""
    metric = kind(dtype=scores.dtype.name)
    if weights is not None:
        scores, targets = scores[..., tf.newaxis], targets[..., tf.newaxis]
        weights = ranked(weights, scores.shape.ndims - 1)
    return averaged(metric, scores, targets, weights, reduction, pieces, roundtrip)


def zero_or_one(targets):
    """The labels 0 and 1 for the targets -1 and 1."""
    if not bool(tf.reduce_all(tf.equal(tf.abs(targets), 1))):
        raise Unsupported("only targets of 1 and -1 can be written as labels of 0 and 1")
    return (targets + 1) / 2


@implements("hinge", call="tf_keras.losses.Hinge")
def hinge_class(scores, targets, *, weights=None, reduction="none", roundtrip=False):
    return margin_loss(tf_keras.losses.Hinge, scores, targets, weights, reduction, roundtrip)


@implements("hinge", call="tf_keras.losses.hinge")
def hinge(scores, targets, *, reduction="none"):
    return elementwise_function(tf_keras.losses.hinge, scores, targets, reduction)


@implements("hinge", call="tf_keras.losses.hinge", name="losses.hinge-of-0-and-1", **LABELS)
def hinge_of_labels(scores, targets, *, reduction="none"):
    return elementwise_function(tf_keras.losses.hinge, scores, zero_or_one(targets), reduction)


@implements("hinge", call="tf_keras.metrics.Hinge", **METRIC)
def hinge_metric(scores, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    return metric_of(tf_keras.metrics.Hinge, scores, targets, weights, reduction, pieces, roundtrip)


@implements("squared_hinge", call="tf_keras.losses.SquaredHinge")
def squared_hinge_class(scores, targets, *, weights=None, reduction="none", roundtrip=False):
    return margin_loss(tf_keras.losses.SquaredHinge, scores, targets, weights, reduction, roundtrip)


@implements("squared_hinge", call="tf_keras.losses.squared_hinge")
def squared_hinge(scores, targets, *, reduction="none"):
    return elementwise_function(tf_keras.losses.squared_hinge, scores, targets, reduction)


@implements("squared_hinge", call="tf_keras.losses.squared_hinge", name="losses.squared_hinge-of-0-and-1", **LABELS)
def squared_hinge_of_labels(scores, targets, *, reduction="none"):
    return elementwise_function(tf_keras.losses.squared_hinge, scores, zero_or_one(targets), reduction)


@implements("squared_hinge", call="tf_keras.metrics.SquaredHinge", **METRIC)
def squared_hinge_metric(scores, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    return metric_of(tf_keras.metrics.SquaredHinge, scores, targets, weights, reduction, pieces, roundtrip)


@implements("categorical_hinge", call="tf_keras.losses.CategoricalHinge")
def categorical_hinge_class(scores, targets, *, weights=None, reduction="none", roundtrip=False):
    loss = remade(tf_keras.losses.CategoricalHinge(reduction=named(reduction)), roundtrip)
    return loss(targets, scores, sample_weight=ranked(weights, targets.shape.ndims - 1))


@implements("categorical_hinge", call="tf_keras.losses.categorical_hinge")
def categorical_hinge(scores, targets, *, reduction="none"):
    only_none(reduction)
    return tf_keras.losses.categorical_hinge(targets, scores)


@implements("categorical_hinge", call="tf_keras.metrics.CategoricalHinge", **METRIC)
def categorical_hinge_metric(scores, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    metric = tf_keras.metrics.CategoricalHinge(dtype=scores.dtype.name)
    return averaged(metric, scores, targets, weights, reduction, pieces, roundtrip)
