"""Accuracies, and metrics of counts."""

import torch
from conformance.adapters.tables.torchmetrics.common import (
    accumulated,
    classes_second,
    implements,
    number_of_classes,
    only_mean,
    torchmetrics,
    whole,
)

from conformance.worker.adapter import Unsupported


def scored(name, settings, probabilities, targets, threshold, decision, average, zero_division):
    """(suffix of the metric, its settings, the batch): two classes, several labels, or several classes."""
    settings = dict(settings)
    if zero_division is not None:
        settings["zero_division"] = zero_division
    if decision == "argmax":
        classes = probabilities.shape[-1]
        settings.update(num_classes=classes, average=average)
        return "multiclass_" + name, settings, (classes_second(probabilities), targets.argmax(-1))
    settings["threshold"] = threshold
    if average == "micro":
        return "binary_" + name, settings, (probabilities, whole(targets))
    if probabilities.dim() < 2:
        raise Unsupported("a mean of classes needs an axis of classes")
    settings.update(num_labels=probabilities.shape[-1], average=average)
    return "multilabel_" + name, settings, (classes_second(probabilities), classes_second(whole(targets)))


def function_of(scored):
    """The functional form of what `scored` says."""
    name, settings, batch = scored
    return getattr(torchmetrics.functional.classification, name)(*batch, **settings)


def module_of(scored, pieces, roundtrip):
    """The modular form of what `scored` says."""
    name, settings, batch = scored
    task, metric = name.split("_", 1)
    words = {"fbeta": "FBeta", "f1": "F1"}
    suffix = "".join(words.get(word, word.capitalize()) for word in metric.split("_"))
    kind = getattr(torchmetrics.classification, task.capitalize() + suffix)
    return accumulated(kind(**settings), batch, pieces, roundtrip)


@implements("accuracy", call="torchmetrics.functional.classification.multiclass_accuracy")
def functional_accuracy(predictions, labels, *, label_dtype="int64", reduction="none"):
    only_mean(reduction)
    dtype = getattr(torch, label_dtype)
    classes = number_of_classes(predictions, labels)
    call = torchmetrics.functional.classification.multiclass_accuracy
    return call(predictions.to(dtype), labels.to(dtype), num_classes=classes, average="micro")


@implements("accuracy", call="torchmetrics.classification.MulticlassAccuracy")
def accuracy(predictions, labels, *, label_dtype="int64", reduction="none", pieces=1, roundtrip=False):
    only_mean(reduction)
    dtype = getattr(torch, label_dtype)
    classes = number_of_classes(predictions, labels)
    metric = torchmetrics.classification.MulticlassAccuracy(num_classes=classes, average="micro")
    return accumulated(metric, (predictions.to(dtype), labels.to(dtype)), pieces, roundtrip)


@implements("binary_accuracy", call="torchmetrics.functional.classification.binary_accuracy")
def functional_binary_accuracy(probabilities, targets, *, threshold=0.5, reduction="none"):
    only_mean(reduction)
    call = torchmetrics.functional.classification.binary_accuracy
    return call(probabilities, whole(targets), threshold=threshold)


@implements("binary_accuracy", call="torchmetrics.classification.BinaryAccuracy")
def binary_accuracy(probabilities, targets, *, threshold=0.5, reduction="none", pieces=1, roundtrip=False):
    only_mean(reduction)
    metric = torchmetrics.classification.BinaryAccuracy(threshold=threshold)
    return accumulated(metric, (probabilities, whole(targets)), pieces, roundtrip)


@implements("categorical_accuracy", call="torchmetrics.classification.MulticlassAccuracy")
def categorical_accuracy(probabilities, targets, *, reduction="none", pieces=1, roundtrip=False):
    only_mean(reduction)
    metric = torchmetrics.classification.MulticlassAccuracy(num_classes=probabilities.shape[-1], average="micro")
    return accumulated(metric, (classes_second(probabilities), targets.argmax(-1)), pieces, roundtrip)


@implements("sparse_categorical_accuracy", call="torchmetrics.classification.MulticlassAccuracy")
def sparse_categorical_accuracy(probabilities, labels, *, reduction="none", pieces=1, roundtrip=False):
    only_mean(reduction)
    metric = torchmetrics.classification.MulticlassAccuracy(num_classes=probabilities.shape[-1], average="micro")
    return accumulated(metric, (classes_second(probabilities), labels), pieces, roundtrip)


@implements("top_k_categorical_accuracy", call="torchmetrics.classification.MulticlassAccuracy")
def top_k_accuracy(probabilities, targets, *, k=5, reduction="none", pieces=1, roundtrip=False):
    only_mean(reduction)
    kind = torchmetrics.classification.MulticlassAccuracy
    metric = kind(num_classes=probabilities.shape[-1], average="micro", top_k=k)
    return accumulated(metric, (classes_second(probabilities), targets.argmax(-1)), pieces, roundtrip)


@implements("sparse_top_k_categorical_accuracy", call="torchmetrics.classification.MulticlassAccuracy")
def sparse_top_k_accuracy(probabilities, labels, *, k=5, reduction="none", pieces=1, roundtrip=False):
    only_mean(reduction)
    kind = torchmetrics.classification.MulticlassAccuracy
    metric = kind(num_classes=probabilities.shape[-1], average="micro", top_k=k)
    return accumulated(metric, (classes_second(probabilities), labels), pieces, roundtrip)


@implements("confusion_counts", call="torchmetrics.functional.classification.binary_stat_scores")
def functional_stat_scores(probabilities, targets, *, threshold=0.5):
    call = torchmetrics.functional.classification.binary_stat_scores
    return call(probabilities, whole(targets), threshold=threshold)[:4]


@implements("confusion_counts", call="torchmetrics.classification.BinaryStatScores")
def stat_scores(probabilities, targets, *, threshold=0.5, pieces=1, roundtrip=False):
    metric = torchmetrics.classification.BinaryStatScores(threshold=threshold)
    return accumulated(metric, (probabilities, whole(targets)), pieces, roundtrip)[:4]


@implements(
    "precision",
    call="torchmetrics.functional.classification.binary_precision",
    also=(
        "torchmetrics.functional.classification.multiclass_precision",
        "torchmetrics.functional.classification.multilabel_precision",
    ),
    name="functional.precision",
)
def functional_precision(
    probabilities, targets, *, threshold=0.5, decision="threshold", average="micro", zero_division=None
):
    asked = scored("precision", {}, probabilities, targets, threshold, decision, average, zero_division)
    return function_of(asked)


@implements(
    "precision",
    call="torchmetrics.classification.BinaryPrecision",
    also=("torchmetrics.classification.MulticlassPrecision", "torchmetrics.classification.MultilabelPrecision"),
    name="Precision",
)
def precision(
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
    asked = scored("precision", {}, probabilities, targets, threshold, decision, average, zero_division)
    return module_of(asked, pieces, roundtrip)


@implements(
    "recall",
    call="torchmetrics.functional.classification.binary_recall",
    also=(
        "torchmetrics.functional.classification.multiclass_recall",
        "torchmetrics.functional.classification.multilabel_recall",
    ),
    name="functional.recall",
)
def functional_recall(
    probabilities, targets, *, threshold=0.5, decision="threshold", average="micro", zero_division=None
):
    asked = scored("recall", {}, probabilities, targets, threshold, decision, average, zero_division)
    return function_of(asked)


@implements(
    "recall",
    call="torchmetrics.classification.BinaryRecall",
    also=("torchmetrics.classification.MulticlassRecall", "torchmetrics.classification.MultilabelRecall"),
    name="Recall",
)
def recall(
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
    asked = scored("recall", {}, probabilities, targets, threshold, decision, average, zero_division)
    return module_of(asked, pieces, roundtrip)


@implements(
    "f_beta",
    call="torchmetrics.functional.classification.binary_fbeta_score",
    also=(
        "torchmetrics.functional.classification.multiclass_fbeta_score",
        "torchmetrics.functional.classification.multilabel_fbeta_score",
    ),
    name="functional.fbeta_score",
)
def functional_f_beta(
    probabilities, targets, *, beta=1.0, threshold=0.5, decision="threshold", average="micro", zero_division=None
):
    settings = {"beta": beta}
    return function_of(
        scored("fbeta_score", settings, probabilities, targets, threshold, decision, average, zero_division)
    )


@implements(
    "f_beta",
    call="torchmetrics.functional.classification.binary_f1_score",
    also=(
        "torchmetrics.functional.classification.multiclass_f1_score",
        "torchmetrics.functional.classification.multilabel_f1_score",
    ),
    name="functional.f1_score",
)
def functional_f1(probabilities, targets, *, threshold=0.5, decision="threshold", average="micro", zero_division=None):
    return function_of(scored("f1_score", {}, probabilities, targets, threshold, decision, average, zero_division))


@implements(
    "f_beta",
    call="torchmetrics.classification.BinaryFBetaScore",
    also=("torchmetrics.classification.MulticlassFBetaScore", "torchmetrics.classification.MultilabelFBetaScore"),
    name="FBetaScore",
)
def f_beta(
    probabilities,
    targets,
    *,
    beta=1.0,
    threshold=0.5,
    decision="threshold",
    average="micro",
    zero_division=None,
    pieces=1,
    roundtrip=False,
):
    settings = {"beta": beta}
    asked = scored("fbeta_score", settings, probabilities, targets, threshold, decision, average, zero_division)
    return module_of(asked, pieces, roundtrip)


@implements(
    "f_beta",
    call="torchmetrics.classification.BinaryF1Score",
    also=("torchmetrics.classification.MulticlassF1Score", "torchmetrics.classification.MultilabelF1Score"),
    name="F1Score",
)
def f1(
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
    asked = scored("f1_score", {}, probabilities, targets, threshold, decision, average, zero_division)
    return module_of(asked, pieces, roundtrip)


@implements("confusion_matrix", call="torchmetrics.functional.classification.multiclass_confusion_matrix")
def functional_confusion_matrix(predictions, labels, *, classes=None, label_dtype="int64"):
    dtype = getattr(torch, label_dtype)
    call = torchmetrics.functional.classification.multiclass_confusion_matrix
    return call(predictions.to(dtype), labels.to(dtype), num_classes=classes)


@implements("confusion_matrix", call="torchmetrics.classification.MulticlassConfusionMatrix")
def confusion_matrix(predictions, labels, *, classes=None, label_dtype="int64", pieces=1, roundtrip=False):
    dtype = getattr(torch, label_dtype)
    metric = torchmetrics.classification.MulticlassConfusionMatrix(num_classes=classes)
    return accumulated(metric, (predictions.to(dtype), labels.to(dtype)), pieces, roundtrip)


@implements("mean_iou", call="torchmetrics.functional.classification.multiclass_jaccard_index")
def functional_jaccard_index(predictions, labels, *, classes=None, ignore_index=None, label_dtype="int64"):
    dtype = getattr(torch, label_dtype)
    call = torchmetrics.functional.classification.multiclass_jaccard_index
    return call(predictions.to(dtype), labels.to(dtype), num_classes=classes, ignore_index=ignore_index)


@implements("mean_iou", call="torchmetrics.classification.MulticlassJaccardIndex")
def jaccard_index(
    predictions, labels, *, classes=None, ignore_index=None, label_dtype="int64", pieces=1, roundtrip=False
):
    dtype = getattr(torch, label_dtype)
    metric = torchmetrics.classification.MulticlassJaccardIndex(num_classes=classes, ignore_index=ignore_index)
    return accumulated(metric, (predictions.to(dtype), labels.to(dtype)), pieces, roundtrip)


@implements("cohen_kappa", call="torchmetrics.functional.classification.multiclass_cohen_kappa")
def functional_cohen_kappa(predictions, labels, *, classes=None, label_dtype="int64"):
    dtype = getattr(torch, label_dtype)
    call = torchmetrics.functional.classification.multiclass_cohen_kappa
    return call(predictions.to(dtype), labels.to(dtype), num_classes=classes)


@implements("cohen_kappa", call="torchmetrics.classification.MulticlassCohenKappa")
def cohen_kappa(predictions, labels, *, classes=None, label_dtype="int64", pieces=1, roundtrip=False):
    dtype = getattr(torch, label_dtype)
    metric = torchmetrics.classification.MulticlassCohenKappa(num_classes=classes)
    return accumulated(metric, (predictions.to(dtype), labels.to(dtype)), pieces, roundtrip)


@implements("matthews_correlation", call="torchmetrics.functional.classification.multiclass_matthews_corrcoef")
def functional_matthews(predictions, labels, *, classes=None, label_dtype="int64"):
    dtype = getattr(torch, label_dtype)
    call = torchmetrics.functional.classification.multiclass_matthews_corrcoef
    return call(predictions.to(dtype), labels.to(dtype), num_classes=classes)


@implements("matthews_correlation", call="torchmetrics.classification.MulticlassMatthewsCorrCoef")
def matthews(predictions, labels, *, classes=None, label_dtype="int64", pieces=1, roundtrip=False):
    dtype = getattr(torch, label_dtype)
    metric = torchmetrics.classification.MulticlassMatthewsCorrCoef(num_classes=classes)
    return accumulated(metric, (predictions.to(dtype), labels.to(dtype)), pieces, roundtrip)
