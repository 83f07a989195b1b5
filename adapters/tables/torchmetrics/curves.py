"""Areas under curves. Without `thresholds` TorchMetrics keeps every score, and the area is exact."""

from conformance.adapters.tables.torchmetrics.common import accumulated, implements, torchmetrics, whole


@implements("auc_roc", call="torchmetrics.functional.classification.binary_auroc")
def functional_auroc(probabilities, targets):
    return torchmetrics.functional.classification.binary_auroc(probabilities, whole(targets))


@implements("auc_roc", call="torchmetrics.classification.BinaryAUROC")
def auroc(probabilities, targets, *, pieces=1, roundtrip=False):
    return accumulated(torchmetrics.classification.BinaryAUROC(), (probabilities, whole(targets)), pieces, roundtrip)


@implements("auc_pr", call="torchmetrics.functional.classification.binary_average_precision")
def functional_average_precision(probabilities, targets):
    return torchmetrics.functional.classification.binary_average_precision(probabilities, whole(targets))


@implements("auc_pr", call="torchmetrics.classification.BinaryAveragePrecision")
def average_precision(probabilities, targets, *, pieces=1, roundtrip=False):
    metric = torchmetrics.classification.BinaryAveragePrecision()
    return accumulated(metric, (probabilities, whole(targets)), pieces, roundtrip)
