"""Cross-entropies, divergences and likelihoods as metrics with a state, as Keras 3 offers them."""

import keras
from conformance.adapters.mechanics.calling import of_one_rank
from conformance.adapters.tables.keras.common import (
    CLIPPED,
    EAGER,
    NORMALISED,
    SPARSE,
    accepted,
    implements,
    last_is_default,
    ranked,
)
from conformance.adapters.tables.keras.likelihood import DIVERGENCE, POISSON
from conformance.adapters.tables.keras.metrics import averaged


def of_entries(kind, predictions, targets, weights, reduction, pieces, roundtrip, **settings):
    """A metric that averages the last axis, asked for the mean of all entries: each stands on an axis of its own."""
    of_one_rank(predictions, targets)
    metric = kind(dtype=keras.backend.standardize_dtype(predictions.dtype), **settings)
    if weights is not None:
        weights = keras.ops.broadcast_to(weights, predictions.shape)
    predictions, targets = keras.ops.expand_dims(predictions, -1), keras.ops.expand_dims(targets, -1)
    return averaged(metric, predictions, targets, weights, reduction, pieces, roundtrip)


def of_rows(kind, predictions, targets, weights, reduction, pieces, roundtrip, **settings):
    """A metric with one loss for each row of classes."""
    metric = kind(dtype=keras.backend.standardize_dtype(predictions.dtype), **settings)
    weights = ranked(weights, len(predictions.shape) - 1)
    return averaged(metric, predictions, targets, weights, reduction, pieces, roundtrip)


@implements("binary_cross_entropy", call="keras.metrics.BinaryCrossentropy", **dict(CLIPPED, **EAGER))
def binary_crossentropy_metric(
    probabilities, targets, *, label_smoothing=0.0, weights=None, reduction="none", pieces=1, roundtrip=False
):
    kind = keras.metrics.BinaryCrossentropy
    return of_entries(
        kind, probabilities, targets, weights, reduction, pieces, roundtrip, label_smoothing=label_smoothing
    )


@implements("binary_cross_entropy_with_logits", call="keras.metrics.BinaryCrossentropy", **EAGER)
def binary_crossentropy_metric_of_logits(
    logits, targets, *, label_smoothing=0.0, weights=None, reduction="none", pieces=1, roundtrip=False
):
    kind = keras.metrics.BinaryCrossentropy
    settings = {"from_logits": True, "label_smoothing": label_smoothing}
    return of_entries(kind, logits, targets, weights, reduction, pieces, roundtrip, **settings)


@implements("categorical_cross_entropy", call="keras.metrics.CategoricalCrossentropy", **dict(NORMALISED, **EAGER))
def categorical_crossentropy_metric(
    probabilities, targets, *, axis=-1, label_smoothing=0.0, weights=None, reduction="none", pieces=1, roundtrip=False
):
    kind = keras.metrics.CategoricalCrossentropy
    settings = accepted(kind, axis=last_is_default(axis), label_smoothing=label_smoothing)
    return of_rows(kind, probabilities, targets, weights, reduction, pieces, roundtrip, **settings)


@implements("softmax_cross_entropy", call="keras.metrics.CategoricalCrossentropy", **EAGER)
def categorical_crossentropy_metric_of_logits(
    logits, targets, *, axis=-1, label_smoothing=0.0, weights=None, reduction="none", pieces=1, roundtrip=False
):
    kind = keras.metrics.CategoricalCrossentropy
    settings = accepted(kind, axis=last_is_default(axis), label_smoothing=label_smoothing)
    return of_rows(kind, logits, targets, weights, reduction, pieces, roundtrip, from_logits=True, **settings)


@implements(
    "sparse_categorical_cross_entropy", call="keras.metrics.SparseCategoricalCrossentropy", **dict(SPARSE, **EAGER)
)
def sparse_categorical_crossentropy_metric(
    probabilities, labels, *, axis=-1, ignore_index=None, weights=None, reduction="none", pieces=1, roundtrip=False
):
    kind = keras.metrics.SparseCategoricalCrossentropy
    settings = accepted(kind, axis=last_is_default(axis), ignore_class=ignore_index)
    return of_rows(kind, probabilities, labels, weights, reduction, pieces, roundtrip, **settings)


@implements("sparse_softmax_cross_entropy", call="keras.metrics.SparseCategoricalCrossentropy", **EAGER)
def sparse_categorical_crossentropy_metric_of_logits(
    logits, labels, *, axis=-1, ignore_index=None, weights=None, reduction="none", pieces=1, roundtrip=False
):
    kind = keras.metrics.SparseCategoricalCrossentropy
    settings = accepted(kind, axis=last_is_default(axis), ignore_class=ignore_index)
    return of_rows(kind, logits, labels, weights, reduction, pieces, roundtrip, from_logits=True, **settings)


@implements("kl_divergence", call="keras.metrics.KLDivergence", **dict(DIVERGENCE, **EAGER))
def kl_divergence_metric(probabilities, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    kind = keras.metrics.KLDivergence
    return of_rows(kind, probabilities, targets, weights, reduction, pieces, roundtrip)


@implements("poisson_nll", call="keras.metrics.Poisson", **dict(POISSON, **EAGER))
def poisson_metric(rates, targets, *, weights=None, reduction="none", pieces=1, roundtrip=False):
    return of_entries(keras.metrics.Poisson, rates, targets, weights, reduction, pieces, roundtrip)
