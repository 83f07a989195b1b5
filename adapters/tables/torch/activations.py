"""Activations and the primitives that losses are made of, as PyTorch offers them."""

import torch
from conformance.adapters.tables.torch.common import SOFTPLUS, SOFTPLUS_SAYS, implements, one_axis, table
from conformance.adapters.tables.torch.rectifiers import reloaded
from torch.nn import functional as F

from conformance.worker.adapter import Unsupported


@table.implements("sigmoid", call="torch.sigmoid")
def sigmoid(x):
    return torch.sigmoid(x)


@table.implements("sigmoid", call="torch.special.expit")
def special_expit(x):
    return torch.special.expit(x)


@table.implements("sigmoid", call="torch.nn.functional.sigmoid")
def functional_sigmoid(x):
    return F.sigmoid(x)


@table.implements("sigmoid", call="torch.nn.Sigmoid")
def nn_sigmoid(x):
    return torch.nn.Sigmoid()(x)


@table.implements("log_sigmoid", call="torch.nn.functional.logsigmoid")
def functional_logsigmoid(x):
    return F.logsigmoid(x)


@table.implements("log_sigmoid", call="torch.nn.LogSigmoid")
def nn_log_sigmoid(x):
    return torch.nn.LogSigmoid()(x)


@table.implements("softplus", call="torch.nn.functional.softplus", contract=SOFTPLUS, documented=SOFTPLUS_SAYS)
def functional_softplus(x, *, beta=1.0):
    return F.softplus(x, beta=beta)


@table.implements("softplus", call="torch.nn.Softplus", contract=SOFTPLUS, documented=SOFTPLUS_SAYS)
def nn_softplus(x, *, beta=1.0):
    return torch.nn.Softplus(beta=beta)(x)


@table.implements("softmax", call="torch.softmax")
def softmax(x, *, axis=-1):
    return torch.softmax(x, dim=one_axis(axis))


@table.implements("softmax", call="torch.special.softmax")
def special_softmax(x, *, axis=-1):
    return torch.special.softmax(x, dim=one_axis(axis))


@table.implements("softmax", call="torch.nn.functional.softmax")
def functional_softmax(x, *, axis=-1):
    return F.softmax(x, dim=one_axis(axis))


@table.implements("softmax", call="torch.nn.Softmax")
def nn_softmax(x, *, axis=-1):
    return torch.nn.Softmax(dim=one_axis(axis))(x)


@table.implements("softmax", call="torch.nn.Softmax2d")
def nn_softmax2d(x, *, axis=-1):
    if x.dim() not in (3, 4) or one_axis(axis) not in (-3, x.dim() - 3):
        raise Unsupported("takes images (N, C, H, W) or (C, H, W), and the axis of the channels only")
    return torch.nn.Softmax2d()(x)


@table.implements("softmax", call="torch.nn.functional.softmin")
def functional_softmin(x, *, axis=-1):
    """The softmax of what is negated: of the negated numbers it is their softmax."""
    return F.softmin(-x, dim=one_axis(axis))


@table.implements("softmax", call="torch.nn.Softmin")
def nn_softmin(x, *, axis=-1):
    return torch.nn.Softmin(dim=one_axis(axis))(-x)


@implements("softmax", call="torch.masked.softmax")
def masked_softmax(x, *, axis=-1):
    return torch.masked.softmax(x, one_axis(axis))


@table.implements("log_softmax", call="torch.log_softmax")
def log_softmax(x, *, axis=-1):
    return torch.log_softmax(x, dim=one_axis(axis))


@table.implements("log_softmax", call="torch.special.log_softmax")
def special_log_softmax(x, *, axis=-1):
    return torch.special.log_softmax(x, dim=one_axis(axis))


@table.implements("log_softmax", call="torch.nn.functional.log_softmax")
def functional_log_softmax(x, *, axis=-1):
    return F.log_softmax(x, dim=one_axis(axis))


@table.implements("log_softmax", call="torch.nn.LogSoftmax")
def nn_log_softmax(x, *, axis=-1):
    return torch.nn.LogSoftmax(dim=one_axis(axis))(x)


@implements("log_softmax", call="torch.masked.log_softmax")
def masked_log_softmax(x, *, axis=-1):
    return torch.masked.log_softmax(x, one_axis(axis))


@table.implements("logsumexp", call="torch.logsumexp")
def logsumexp(x, *, axis=-1):
    return torch.logsumexp(x, dim=axis)


@table.implements("logsumexp", call="torch.special.logsumexp")
def special_logsumexp(x, *, axis=-1):
    return torch.special.logsumexp(x, dim=axis)


@implements("logsumexp", call="torch.masked.logsumexp")
def masked_logsumexp(x, *, axis=-1):
    return torch.masked.logsumexp(x, axis)


@table.implements("one_hot", call="torch.nn.functional.one_hot", differentiable=False)
def functional_one_hot(labels, *, classes):
    return F.one_hot(labels, classes)


@table.implements("tanh", call="torch.tanh")
def tanh(x):
    return torch.tanh(x)


@table.implements("tanh", call="torch.nn.functional.tanh")
def functional_tanh(x):
    return F.tanh(x)


@table.implements("tanh", call="torch.nn.Tanh")
def nn_tanh(x, *, roundtrip=False):
    return reloaded(torch.nn.Tanh(), roundtrip)(x)


@table.implements("tanh_shrink", call="torch.nn.functional.tanhshrink")
def functional_tanhshrink(x):
    return F.tanhshrink(x)


@table.implements("tanh_shrink", call="torch.nn.Tanhshrink")
def nn_tanhshrink(x, *, roundtrip=False):
    return reloaded(torch.nn.Tanhshrink(), roundtrip)(x)


@table.implements("silu", call="torch.nn.functional.silu")
def functional_silu(x):
    return F.silu(x)


@table.implements("silu", call="torch.nn.SiLU")
def nn_silu(x, *, roundtrip=False):
    return reloaded(torch.nn.SiLU(), roundtrip)(x)


@table.implements("mish", call="torch.nn.functional.mish")
def functional_mish(x):
    return F.mish(x)


@table.implements("mish", call="torch.nn.Mish")
def nn_mish(x, *, roundtrip=False):
    return reloaded(torch.nn.Mish(), roundtrip)(x)


@table.implements("gelu", call="torch.nn.functional.gelu")
def functional_gelu(x):
    return F.gelu(x)


@table.implements("gelu", call="torch.nn.GELU")
def nn_gelu(x, *, roundtrip=False):
    return reloaded(torch.nn.GELU(), roundtrip)(x)


@table.implements("gelu_tanh", call="torch.nn.functional.gelu")
def functional_gelu_tanh(x):
    return F.gelu(x, approximate="tanh")


@table.implements("gelu_tanh", call="torch.nn.GELU")
def nn_gelu_tanh(x, *, roundtrip=False):
    return reloaded(torch.nn.GELU(approximate="tanh"), roundtrip)(x)


@table.implements("softsign", call="torch.nn.functional.softsign")
def functional_softsign(x):
    return F.softsign(x)


@table.implements("softsign", call="torch.nn.Softsign")
def nn_softsign(x, *, roundtrip=False):
    return reloaded(torch.nn.Softsign(), roundtrip)(x)


@table.implements("glu", call="torch.nn.functional.glu")
def functional_glu(x, *, axis=-1):
    return F.glu(x, dim=axis)


@table.implements("glu", call="torch.nn.GLU")
def nn_glu(x, *, axis=-1, roundtrip=False):
    return reloaded(torch.nn.GLU(dim=axis), roundtrip)(x)
