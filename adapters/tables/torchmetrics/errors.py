"""Errors, divergences and similarities as means over a batch: functions, and modules with a state. None has weights."""

import torch
from conformance.adapters.tables.torchmetrics.common import accumulated, implements, only_mean_of_all, torchmetrics

from conformance.worker.adapter import Unsupported

SAMPLE = {
    "contract": {"sample": True},
    "documented": "torchmetrics/functional/regression/concordance.py: divides the variances by n - 1",
}


def kept(metric, batch, pieces, roundtrip):
    """As `accumulated`, for a module that keeps its sums in the dtype of its batch."""
    return accumulated(metric.set_dtype(batch[0].dtype), batch, pieces, roundtrip)


def reduction_of_rows(reduction, tensor):
    """TorchMetrics' name of a reduction of the losses of rows."""
    if tensor.dim() != 2:
        raise Unsupported("takes rows of a matrix")
    if reduction not in ("none", "sum", "mean"):
        raise Unsupported("TorchMetrics has no reduction '{}'".format(reduction))
    return reduction


@implements("squared_error", call="torchmetrics.functional.regression.mean_squared_error")
def functional_squared_error(predictions, targets, *, reduction="none"):
    only_mean_of_all(reduction)
    return torchmetrics.functional.regression.mean_squared_error(predictions, targets)


@implements("squared_error", call="torchmetrics.regression.MeanSquaredError")
def squared_error(predictions, targets, *, reduction="none", pieces=1, roundtrip=False):
    only_mean_of_all(reduction)
    batch = (predictions, targets)
    return kept(torchmetrics.regression.MeanSquaredError(), batch, pieces, roundtrip)


@implements("absolute_error", call="torchmetrics.functional.regression.mean_absolute_error")
def functional_absolute_error(predictions, targets, *, reduction="none"):
    only_mean_of_all(reduction)
    return torchmetrics.functional.regression.mean_absolute_error(predictions, targets)


@implements("absolute_error", call="torchmetrics.regression.MeanAbsoluteError")
def absolute_error(predictions, targets, *, reduction="none", pieces=1, roundtrip=False):
    only_mean_of_all(reduction)
    batch = (predictions, targets)
    return kept(torchmetrics.regression.MeanAbsoluteError(), batch, pieces, roundtrip)


@implements("squared_logarithmic_error", call="torchmetrics.functional.regression.mean_squared_log_error")
def functional_squared_logarithmic_error(predictions, targets, *, reduction="none"):
    only_mean_of_all(reduction)
    return torchmetrics.functional.regression.mean_squared_log_error(predictions, targets)


@implements("squared_logarithmic_error", call="torchmetrics.regression.MeanSquaredLogError")
def squared_logarithmic_error(predictions, targets, *, reduction="none", pieces=1, roundtrip=False):
    only_mean_of_all(reduction)
    batch = (predictions, targets)
    return kept(torchmetrics.regression.MeanSquaredLogError(), batch, pieces, roundtrip)


@implements("log_cosh", call="torchmetrics.functional.regression.log_cosh_error")
def functional_log_cosh(predictions, targets, *, reduction="none"):
    only_mean_of_all(reduction)
    return torchmetrics.functional.regression.log_cosh_error(predictions.flatten(), targets.flatten())


@implements("log_cosh", call="torchmetrics.regression.LogCoshError")
def log_cosh(predictions, targets, *, reduction="none", pieces=1, roundtrip=False):
    only_mean_of_all(reduction)
    batch = (predictions.flatten(), targets.flatten())
    return kept(torchmetrics.regression.LogCoshError(), batch, pieces, roundtrip)


@implements("root_mean_squared_error", call="torchmetrics.functional.regression.mean_squared_error")
def functional_root_mean_squared_error(predictions, targets):
    return torchmetrics.functional.regression.mean_squared_error(predictions, targets, squared=False)


@implements("root_mean_squared_error", call="torchmetrics.regression.MeanSquaredError")
def root_mean_squared_error(predictions, targets, *, pieces=1, roundtrip=False):
    return kept(torchmetrics.regression.MeanSquaredError(squared=False), (predictions, targets), pieces, roundtrip)


@implements("pearson_correlation", call="torchmetrics.functional.regression.pearson_corrcoef")
def functional_pearson_correlation(predictions, targets):
    return torchmetrics.functional.regression.pearson_corrcoef(predictions, targets).reshape(())


@implements("pearson_correlation", call="torchmetrics.regression.PearsonCorrCoef")
def pearson_correlation(predictions, targets, *, pieces=1, roundtrip=False):
    return kept(torchmetrics.regression.PearsonCorrCoef(), (predictions, targets), pieces, roundtrip).reshape(())


@implements("concordance_correlation", call="torchmetrics.functional.regression.concordance_corrcoef", **SAMPLE)
def functional_concordance_correlation(predictions, targets):
    return torchmetrics.functional.regression.concordance_corrcoef(predictions, targets).reshape(())


@implements("concordance_correlation", call="torchmetrics.regression.ConcordanceCorrCoef", **SAMPLE)
def concordance_correlation(predictions, targets, *, pieces=1, roundtrip=False):
    return kept(torchmetrics.regression.ConcordanceCorrCoef(), (predictions, targets), pieces, roundtrip).reshape(())


def distributions(*tensors):
    """Refuses rows that are none: TorchMetrics would divide them by their sum, as it documents."""
    for tensor in tensors:
        if not bool((abs(tensor.double().sum(-1) - 1) < 8 * torch.finfo(tensor.dtype).eps).all()):
            raise Unsupported("rows that do not sum to 1 are divided by their sum first, which is another function")


@implements("cosine_similarity", call="torchmetrics.functional.regression.cosine_similarity", dtypes=("float32",))
def functional_cosine_similarity(predictions, targets, *, reduction="none"):
    asked = reduction_of_rows(reduction, predictions)
    return torchmetrics.functional.regression.cosine_similarity(predictions, targets, reduction=asked)


@implements("cosine_similarity", call="torchmetrics.regression.CosineSimilarity", dtypes=("float32",))
def cosine_similarity(predictions, targets, *, reduction="none", pieces=1, roundtrip=False):
    metric = torchmetrics.regression.CosineSimilarity(reduction=reduction_of_rows(reduction, predictions))
    return kept(metric, (predictions, targets), pieces, roundtrip)


@implements("kl_divergence", call="torchmetrics.functional.regression.kl_divergence")
def functional_kl_divergence(probabilities, targets, *, reduction="none"):
    distributions(probabilities, targets)
    asked = reduction_of_rows(reduction, probabilities)
    return torchmetrics.functional.regression.kl_divergence(targets, probabilities, reduction=asked)


@implements("kl_divergence", call="torchmetrics.regression.KLDivergence")
def kl_divergence(probabilities, targets, *, reduction="none", pieces=1, roundtrip=False):
    distributions(probabilities, targets)
    metric = torchmetrics.regression.KLDivergence(reduction=reduction_of_rows(reduction, probabilities))
    return kept(metric, (targets, probabilities), pieces, roundtrip)


@implements("jensen_shannon", call="torchmetrics.functional.regression.jensen_shannon_divergence")
def functional_jensen_shannon(probabilities, targets, *, reduction="none"):
    distributions(probabilities, targets)
    asked = reduction_of_rows(reduction, probabilities)
    return torchmetrics.functional.regression.jensen_shannon_divergence(targets, probabilities, reduction=asked)


@implements("jensen_shannon", call="torchmetrics.regression.JensenShannonDivergence")
def jensen_shannon(probabilities, targets, *, reduction="none", pieces=1, roundtrip=False):
    distributions(probabilities, targets)
    metric = torchmetrics.regression.JensenShannonDivergence(reduction=reduction_of_rows(reduction, probabilities))
    return kept(metric, (targets, probabilities), pieces, roundtrip)


@implements("kl_divergence_with_log_targets", call="torchmetrics.functional.regression.kl_divergence")
def functional_kl_divergence_of_logarithms(log_probabilities, log_targets, *, reduction="none"):
    asked = reduction_of_rows(reduction, log_probabilities)
    call = torchmetrics.functional.regression.kl_divergence
    return call(log_targets, log_probabilities, log_prob=True, reduction=asked)


@implements("kl_divergence_with_log_targets", call="torchmetrics.regression.KLDivergence")
def kl_divergence_of_logarithms(log_probabilities, log_targets, *, reduction="none", pieces=1, roundtrip=False):
    asked = reduction_of_rows(reduction, log_probabilities)
    metric = torchmetrics.regression.KLDivergence(log_prob=True, reduction=asked)
    return kept(metric, (log_targets, log_probabilities), pieces, roundtrip)
