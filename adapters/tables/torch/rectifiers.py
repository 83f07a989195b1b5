"""Activations in pieces, as PyTorch offers them: rectifiers, and what is leaky, exponential, clipped or shrunk."""

import pickle

import torch
from conformance.adapters.tables.torch.common import table
from torch.nn import functional as F


def reloaded(module, roundtrip):
    """The module, or what is left of it after it was pickled."""
    return pickle.loads(pickle.dumps(module)) if roundtrip else module


@table.implements("relu", call="torch.relu")
def relu(x):
    return torch.relu(x)


@table.implements("relu", call="torch.nn.functional.relu")
def functional_relu(x):
    return F.relu(x)


@table.implements("relu", call="torch.nn.ReLU")
def nn_relu(x, *, roundtrip=False):
    return reloaded(torch.nn.ReLU(), roundtrip)(x)


@table.implements("relu6", call="torch.nn.functional.relu6")
def functional_relu6(x):
    return F.relu6(x)


@table.implements("relu6", call="torch.nn.ReLU6")
def nn_relu6(x, *, roundtrip=False):
    return reloaded(torch.nn.ReLU6(), roundtrip)(x)


@table.implements("hard_tanh", call="torch.nn.functional.hardtanh")
def functional_hardtanh(x, *, low=-1.0, high=1.0):
    return F.hardtanh(x, min_val=low, max_val=high)


@table.implements("hard_tanh", call="torch.nn.Hardtanh")
def nn_hardtanh(x, *, low=-1.0, high=1.0, roundtrip=False):
    return reloaded(torch.nn.Hardtanh(min_val=low, max_val=high), roundtrip)(x)


@table.implements("leaky_relu", call="torch.nn.functional.leaky_relu")
def functional_leaky_relu(x, *, negative_slope=0.01):
    return F.leaky_relu(x, negative_slope=negative_slope)


@table.implements("leaky_relu", call="torch.nn.LeakyReLU")
def nn_leakyrelu(x, *, negative_slope=0.01, roundtrip=False):
    return reloaded(torch.nn.LeakyReLU(negative_slope=negative_slope), roundtrip)(x)


@table.implements("leaky_relu", call="torch.nn.functional.prelu")
def functional_prelu(x, *, negative_slope=0.01):
    return F.prelu(x, torch.tensor([negative_slope], dtype=x.dtype, device=x.device))


@table.implements("leaky_relu", call="torch.nn.functional.rrelu")
def functional_rrelu(x, *, negative_slope=0.01):
    return F.rrelu(x, lower=negative_slope, upper=negative_slope, training=False)


@table.implements("leaky_relu", call="torch.nn.PReLU")
def nn_prelu(x, *, negative_slope=0.01, roundtrip=False):
    layer = torch.nn.PReLU(init=negative_slope, dtype=x.dtype, device=x.device)
    return reloaded(layer, roundtrip)(x)


@table.implements("leaky_relu", call="torch.nn.RReLU")
def nn_rrelu(x, *, negative_slope=0.01, roundtrip=False):
    return reloaded(torch.nn.RReLU(lower=negative_slope, upper=negative_slope), roundtrip).eval()(x)


@table.implements("threshold", call="torch.nn.functional.threshold")
def functional_threshold(x, *, threshold=0.5, value=0.0):
    return F.threshold(x, threshold, value)


@table.implements("threshold", call="torch.nn.Threshold")
def nn_threshold(x, *, threshold=0.5, value=0.0, roundtrip=False):
    return reloaded(torch.nn.Threshold(threshold, value), roundtrip)(x)


@table.implements("elu", call="torch.nn.functional.elu")
def functional_elu(x, *, alpha=1.0):
    return F.elu(x, alpha=alpha)


@table.implements("elu", call="torch.nn.ELU")
def nn_elu(x, *, alpha=1.0, roundtrip=False):
    return reloaded(torch.nn.ELU(alpha=alpha), roundtrip)(x)


@table.implements("selu", call="torch.nn.functional.selu")
def functional_selu(x):
    return F.selu(x)


@table.implements("selu", call="torch.nn.SELU")
def nn_selu(x, *, roundtrip=False):
    return reloaded(torch.nn.SELU(), roundtrip)(x)


@table.implements("celu", call="torch.nn.functional.celu")
def functional_celu(x, *, alpha=1.0):
    return F.celu(x, alpha=alpha)


@table.implements("celu", call="torch.nn.CELU")
def nn_celu(x, *, alpha=1.0, roundtrip=False):
    return reloaded(torch.nn.CELU(alpha=alpha), roundtrip)(x)


@table.implements("hard_sigmoid", call="torch.nn.functional.hardsigmoid")
def functional_hardsigmoid(x):
    return F.hardsigmoid(x)


@table.implements("hard_sigmoid", call="torch.nn.Hardsigmoid")
def nn_hardsigmoid(x, *, roundtrip=False):
    return reloaded(torch.nn.Hardsigmoid(), roundtrip)(x)


@table.implements("hard_swish", call="torch.nn.functional.hardswish")
def functional_hardswish(x):
    return F.hardswish(x)


@table.implements("hard_swish", call="torch.nn.Hardswish")
def nn_hardswish(x, *, roundtrip=False):
    return reloaded(torch.nn.Hardswish(), roundtrip)(x)


@table.implements("hard_shrink", call="torch.nn.functional.hardshrink")
def functional_hardshrink(x, *, threshold=0.5):
    return F.hardshrink(x, lambd=threshold)


@table.implements("hard_shrink", call="torch.nn.Hardshrink")
def nn_hardshrink(x, *, threshold=0.5, roundtrip=False):
    return reloaded(torch.nn.Hardshrink(lambd=threshold), roundtrip)(x)


@table.implements("soft_shrink", call="torch.nn.functional.softshrink")
def functional_softshrink(x, *, threshold=0.5):
    return F.softshrink(x, lambd=threshold)


@table.implements("soft_shrink", call="torch.nn.Softshrink")
def nn_softshrink(x, *, threshold=0.5, roundtrip=False):
    return reloaded(torch.nn.Softshrink(lambd=threshold), roundtrip)(x)
