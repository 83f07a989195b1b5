"""Ratios of counts, and the best of one rate under a condition on another."""

from conformance.adapters.tables.torchmetrics.common import accumulated, implements, torchmetrics, whole
from conformance.adapters.tables.torchmetrics.counts import function_of, module_of, scored

from conformance.worker.adapter import Unsupported


def zero_is_zero(zero_division):
    """Refuses another value for 0 / 0: these ratios say themselves that it is 0."""
    if zero_division not in (None, 0.0):
        raise Unsupported("0 / 0 is always 0 here")


@implements(
    "specificity",
    call="torchmetrics.functional.classification.binary_specificity",
    also=(
        "torchmetrics.functional.classification.multiclass_specificity",
        "torchmetrics.functional.classification.multilabel_specificity",
    ),
    name="functional.specificity",
)
def functional_specificity(
    probabilities, targets, *, threshold=0.5, decision="threshold", average="micro", zero_division=None
):
    zero_is_zero(zero_division)
    return function_of(scored("specificity", {}, probabilities, targets, threshold, decision, average, None))


@implements(
    "specificity",
    call="torchmetrics.classification.BinarySpecificity",
    also=("torchmetrics.classification.MulticlassSpecificity", "torchmetrics.classification.MultilabelSpecificity"),
    name="Specificity",
)
def specificity(
    probabilities,
    targets,
    *,
    threshold=0.5,
    decision="threshold",
    average="micro",
    zero_division=None,
    pieces=1,
    roundtrip=False,
):
    zero_is_zero(zero_division)
    asked = scored("specificity", {}, probabilities, targets, threshold, decision, average, None)
    return module_of(asked, pieces, roundtrip)


@implements(
    "negative_predictive_value",
    call="torchmetrics.functional.classification.binary_negative_predictive_value",
    also=(
        "torchmetrics.functional.classification.multiclass_negative_predictive_value",
        "torchmetrics.functional.classification.multilabel_negative_predictive_value",
    ),
    name="functional.negative_predictive_value",
)
def functional_negative_predictive_value(
    probabilities, targets, *, threshold=0.5, decision="threshold", average="micro", zero_division=None
):
    zero_is_zero(zero_division)
    return function_of(
        scored("negative_predictive_value", {}, probabilities, targets, threshold, decision, average, None)
    )


@implements(
    "negative_predictive_value",
    call="torchmetrics.classification.BinaryNegativePredictiveValue",
    also=(
        "torchmetrics.classification.MulticlassNegativePredictiveValue",
        "torchmetrics.classification.MultilabelNegativePredictiveValue",
    ),
    name="NegativePredictiveValue",
)
def negative_predictive_value(
    probabilities,
    targets,
    *,
    threshold=0.5,
    decision="threshold",
    average="micro",
    zero_division=None,
    pieces=1,
    roundtrip=False,
):
    zero_is_zero(zero_division)
    asked = scored("negative_predictive_value", {}, probabilities, targets, threshold, decision, average, None)
    return module_of(asked, pieces, roundtrip)


@implements(
    "hamming_distance",
    call="torchmetrics.functional.classification.binary_hamming_distance",
    also=("torchmetrics.functional.classification.multilabel_hamming_distance",),
    name="functional.hamming_distance",
)
def functional_hamming_distance(probabilities, targets, *, threshold=0.5, average="micro"):
    return function_of(scored("hamming_distance", {}, probabilities, targets, threshold, "threshold", average, None))


@implements(
    "hamming_distance",
    call="torchmetrics.classification.BinaryHammingDistance",
    also=("torchmetrics.classification.MultilabelHammingDistance",),
    name="HammingDistance",
)
def hamming_distance(probabilities, targets, *, threshold=0.5, average="micro", pieces=1, roundtrip=False):
    asked = scored("hamming_distance", {}, probabilities, targets, threshold, "threshold", average, None)
    return module_of(asked, pieces, roundtrip)


@implements("precision_at_recall", call="torchmetrics.functional.classification.binary_precision_at_fixed_recall")
def functional_precision_at_recall(probabilities, targets, *, least=0.5):
    call = torchmetrics.functional.classification.binary_precision_at_fixed_recall
    return call(probabilities, whole(targets), min_recall=least)[0]


@implements("precision_at_recall", call="torchmetrics.classification.BinaryPrecisionAtFixedRecall")
def precision_at_recall(probabilities, targets, *, least=0.5, pieces=1, roundtrip=False):
    metric = torchmetrics.classification.BinaryPrecisionAtFixedRecall(min_recall=least)
    return accumulated(metric, (probabilities, whole(targets)), pieces, roundtrip)[0]


@implements("recall_at_precision", call="torchmetrics.functional.classification.binary_recall_at_fixed_precision")
def functional_recall_at_precision(probabilities, targets, *, least=0.5):
    call = torchmetrics.functional.classification.binary_recall_at_fixed_precision
    return call(probabilities, whole(targets), min_precision=least)[0]


@implements("recall_at_precision", call="torchmetrics.classification.BinaryRecallAtFixedPrecision")
def recall_at_precision(probabilities, targets, *, least=0.5, pieces=1, roundtrip=False):
    metric = torchmetrics.classification.BinaryRecallAtFixedPrecision(min_precision=least)
    return accumulated(metric, (probabilities, whole(targets)), pieces, roundtrip)[0]


@implements(
    "sensitivity_at_specificity", call="torchmetrics.functional.classification.binary_sensitivity_at_specificity"
)
def functional_sensitivity_at_specificity(probabilities, targets, *, least=0.5):
    call = torchmetrics.functional.classification.binary_sensitivity_at_specificity
    return call(probabilities, whole(targets), min_specificity=least)[0]


@implements("sensitivity_at_specificity", call="torchmetrics.classification.BinarySensitivityAtSpecificity")
def sensitivity_at_specificity(probabilities, targets, *, least=0.5, pieces=1, roundtrip=False):
    metric = torchmetrics.classification.BinarySensitivityAtSpecificity(min_specificity=least)
    return accumulated(metric, (probabilities, whole(targets)), pieces, roundtrip)[0]


@implements(
    "specificity_at_sensitivity", call="torchmetrics.functional.classification.binary_specificity_at_sensitivity"
)
def functional_specificity_at_sensitivity(probabilities, targets, *, least=0.5):
    call = torchmetrics.functional.classification.binary_specificity_at_sensitivity
    return call(probabilities, whole(targets), min_sensitivity=least)[0]


@implements("specificity_at_sensitivity", call="torchmetrics.classification.BinarySpecificityAtSensitivity")
def specificity_at_sensitivity(probabilities, targets, *, least=0.5, pieces=1, roundtrip=False):
    metric = torchmetrics.classification.BinarySpecificityAtSensitivity(min_sensitivity=least)
    return accumulated(metric, (probabilities, whole(targets)), pieces, roundtrip)[0]
