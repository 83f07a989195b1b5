"""Similarity and contrastive losses, as Keras 2 offers them.

The losses are minus the cosine and are negated here; the metrics are the cosine.
"""

import tensorflow as tf
from conformance.adapters.tables.tf_keras.common import (
    implements,
    measured,
    named,
    only_none,
    ranked,
    tf_keras,
)

from conformance.worker.adapter import Unsupported


def squared_floor(dtype):
    """tf.nn.l2_normalize: the square of each length is at least 1e-12, which is 0 in float16."""
    return {} if dtype == "float16" else {"norm_floor": 1e-6}


FLOOR = {
    "contract": squared_floor,
    "documented": "tf.math.l2_normalize, which Keras calls: a lower bound value for the norm; the square of the length "
    "is at least epsilon, 1e-12",
}


def made_anew(thing, roundtrip):
    """The object of its own configuration where a case asks for one."""
    return type(thing).from_config(thing.get_config()) if roundtrip else thing


@implements("cosine_similarity", call="tf_keras.losses.CosineSimilarity", **FLOOR)
def cosine_similarity_class(predictions, targets, *, axis=-1, weights=None, reduction="none", roundtrip=False):
    loss = made_anew(tf_keras.losses.CosineSimilarity(axis=axis, reduction=named(reduction)), roundtrip)
    return -loss(targets, predictions, sample_weight=ranked(weights, predictions.shape.ndims - 1))


@implements("cosine_similarity", call="tf_keras.losses.cosine_similarity", **FLOOR)
def cosine_similarity(predictions, targets, *, axis=-1, reduction="none"):
    only_none(reduction)
    return -tf_keras.losses.cosine_similarity(targets, predictions, axis=axis)


@implements(
    "cosine_similarity", call="tf_keras.metrics.CosineSimilarity", differentiable=False, modes=("eager",), **FLOOR
)
def metrics_cosine_similarity(
    predictions, targets, *, axis=-1, weights=None, reduction="none", roundtrip=False, pieces=1
):
    metric = made_anew(tf_keras.metrics.CosineSimilarity(axis=axis, dtype=predictions.dtype.name), roundtrip)
    if pieces == 1:
        weights = ranked(weights, predictions.shape.ndims - 1)
        return measured(metric, predictions, targets, weights, reduction)
    if weights is not None or reduction != "mean":
        raise Unsupported("pieces with weights are not asked of this metric")
    size = -(-int(predictions.shape[0]) // pieces)
    for start in range(0, int(predictions.shape[0]), size):
        metric.update_state(targets[start : start + size], predictions[start : start + size])
    return tf.identity(metric.result())
