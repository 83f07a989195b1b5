"""Running means and sums, and the share of variance that is explained."""

from conformance.adapters.tables.torchmetrics.common import accumulated, implements, torchmetrics

OUTPUTS = {"uniform": "uniform_average", "variance": "variance_weighted", "none": "raw_values"}


@implements("running_mean", call="torchmetrics.MeanMetric")
def mean_metric(values, *, weights=None, pieces=1, roundtrip=False):
    batch = (values,) if weights is None else (values, weights)
    return accumulated(torchmetrics.MeanMetric(), batch, pieces, roundtrip)


@implements("running_sum", call="torchmetrics.SumMetric")
def sum_metric(values, *, pieces=1, roundtrip=False):
    return accumulated(torchmetrics.SumMetric(), (values,), pieces, roundtrip)


@implements("r2_score", call="torchmetrics.functional.r2_score")
def functional_r2_score(predictions, targets, *, average="uniform"):
    return torchmetrics.functional.r2_score(predictions, targets, multioutput=OUTPUTS[average])


@implements("r2_score", call="torchmetrics.R2Score")
def r2_score(predictions, targets, *, average="uniform", pieces=1, roundtrip=False):
    metric = torchmetrics.R2Score(multioutput=OUTPUTS[average])
    return accumulated(metric, (predictions, targets), pieces, roundtrip)
