"""Similarity and contrastive losses, as Keras 3 offers them.

The cosine losses are minus the cosine and are negated here; the metrics are the cosine.
"""

import keras
from conformance.adapters.tables.keras.common import (
    EAGER,
    implements,
    loss_object,
    measured,
    only_none,
    ranked,
)

from conformance.worker.adapter import Unsupported


def length_floor(dtype):
    """keras.ops.normalize: 1/length is at most 1e7, which is inf in float16."""
    return {} if dtype == "float16" else {"norm_floor": 1e-7}


FLOOR = {
    "contract": length_floor,
    "documented": "keras.ops.normalize, which Keras calls: epsilon, 1e-7, is a lower bound value for the norm",
}
LOST_ONLY = {
    "contract": {"lost_only": True},
    "documented": "keras.losses.circle (source): masks what has no loss, so no mean counts it; keras-team/keras#20452",
}


def made_anew(thing, roundtrip):
    """The object of its own configuration where a case asks for one."""
    return type(thing).from_config(thing.get_config()) if roundtrip else thing


@implements("cosine_similarity", call="keras.losses.CosineSimilarity", **FLOOR)
def cosine_similarity_class(predictions, targets, *, axis=-1, weights=None, reduction="none", roundtrip=False):
    loss = made_anew(loss_object(keras.losses.CosineSimilarity, predictions, reduction, axis=axis), roundtrip)
    return -loss(targets, predictions, sample_weight=ranked(weights, len(predictions.shape) - 1))


@implements("cosine_similarity", call="keras.losses.cosine_similarity", **FLOOR)
def cosine_similarity(predictions, targets, *, axis=-1, reduction="none"):
    only_none(reduction)
    return -keras.losses.cosine_similarity(targets, predictions, axis=axis)


@implements("cosine_similarity", call="keras.metrics.CosineSimilarity", **dict(EAGER, **FLOOR))
def metrics_cosine_similarity(
    predictions, targets, *, axis=-1, weights=None, reduction="none", roundtrip=False, pieces=1
):
    dtype = keras.backend.standardize_dtype(predictions.dtype)
    metric = made_anew(keras.metrics.CosineSimilarity(axis=axis, dtype=dtype), roundtrip)
    if pieces == 1:
        weights = ranked(weights, len(predictions.shape) - 1)
        return measured(metric, predictions, targets, weights, reduction)
    if weights is not None or reduction != "mean":
        raise Unsupported("pieces with weights are not asked of this metric")
    size = -(-int(predictions.shape[0]) // pieces)
    for start in range(0, int(predictions.shape[0]), size):
        metric.update_state(targets[start : start + size], predictions[start : start + size])
    return metric.result()


@implements("circle", call="keras.losses.Circle", **LOST_ONLY)
def circle_class(embeddings, labels, *, scale=80.0, margin=0.4, weights=None, reduction="none", roundtrip=False):
    loss = made_anew(loss_object(keras.losses.Circle, embeddings, reduction, gamma=scale, margin=margin), roundtrip)
    return loss(labels, embeddings, sample_weight=weights)


@implements("circle", call="keras.losses.circle")
def circle(embeddings, labels, *, scale=80.0, margin=0.4, reduction="none"):
    only_none(reduction)
    return keras.losses.circle(labels, embeddings, gamma=scale, margin=margin)
