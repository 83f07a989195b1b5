"""TorchMetrics: each metric is a function of one batch, and a module with a state.

Its classification metrics have a form for two classes, for several, and for several labels at once. Labels are
integers, classes stand in dimension 1, and there are no sample weights. Predictions outside [0, 1] would go through a
sigmoid first.
"""

import pickle

import torch
import torchmetrics
from conformance.adapters.mechanics.calling import offered

from conformance.worker.adapter import Implementations, Unsupported

table = Implementations()


def implements(operation, call, **settings):
    """As `table.implements`, for calls that not every release offers. No metric has a gradient."""
    settings.setdefault("differentiable", False)
    return offered(table, torchmetrics, call.split(".", 1)[1], operation, call=call, **settings)


def accumulated(metric, batch, pieces, roundtrip):
    """What a metric says after one batch, given in pieces along the first axis.

    With several pieces the metric has seen the batch before, and was reset. `roundtrip`: it was pickled first.
    """
    if roundtrip:
        metric = pickle.loads(pickle.dumps(metric))
    if pieces > 1:
        metric.update(*batch)
        metric.reset()
    count = batch[0].shape[0]
    for piece in range(pieces):
        rows = slice(piece * count // pieces, (piece + 1) * count // pieces)
        metric.update(*[tensor[rows] for tensor in batch])
    return metric.compute()


def only_mean(reduction):
    if reduction != "mean":
        raise Unsupported("an accuracy of TorchMetrics is a mean over all samples")


def only_mean_of_all(reduction):
    if reduction != "mean":
        raise Unsupported("an error of TorchMetrics is a mean over everything")


def classes_second(scores):
    """Scores with their classes, which are last, in dimension 1."""
    return torch.movedim(scores, -1, 1) if scores.dim() > 1 else scores


def number_of_classes(*labels):
    """One more than the largest class that occurs, and two at least."""
    return max([2] + [int(tensor.max()) + 1 for tensor in labels if tensor.numel()])


def whole(targets):
    """Targets of 0 and 1 as integers, which is what TorchMetrics takes."""
    return targets.to(torch.int64)
