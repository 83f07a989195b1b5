"""Further primitives as PyTorch offers them: x log y and entropies, the largest of a row, masked rows, running sums."""

import torch
from conformance.adapters.tables.torch.common import implements


@implements("xlogy", call="torch.xlogy")
def xlogy(x, other):
    return torch.xlogy(x, other)


@implements("xlogy", call="torch.special.xlogy")
def special_xlogy(x, other):
    return torch.special.xlogy(x, other)


@implements("xlog1py", call="torch.special.xlog1py")
def special_xlog1py(x, other):
    return torch.special.xlog1py(x, other)


@implements("entr", call="torch.special.entr")
def special_entr(x):
    return torch.special.entr(x)


@implements("logaddexp", call="torch.logaddexp")
def logaddexp(x, other):
    return torch.logaddexp(x, other)


@implements("logit", call="torch.logit")
def logit(p):
    return torch.logit(p)


@implements("logit", call="torch.special.logit")
def special_logit(p):
    return torch.special.logit(p)


@implements("argmax", call="torch.argmax", differentiable=False)
def argmax(x, *, axis=-1):
    return torch.argmax(x, dim=axis)


@implements("argmax", call="torch.max", differentiable=False)
def max_indices(x, *, axis=-1):
    return torch.max(x, dim=axis).indices


@implements("reduce_max", call="torch.amax")
def amax(x, *, axis=-1):
    return torch.amax(x, dim=axis)


@implements("reduce_max", call="torch.max")
def max_values(x, *, axis=-1):
    return torch.max(x, dim=axis).values


@implements("top_k_values", call="torch.topk")
def topk_values(x, *, k=1):
    return torch.topk(x, k).values


@implements("top_k_indices", call="torch.topk", differentiable=False)
def topk_indices(x, *, k=1):
    return torch.topk(x, k).indices


@implements("masked_softmax", call="torch.masked.softmax")
def masked_softmax(x, mask, *, axis=-1):
    # By its documentation masked-out elements of the result are undefined: the caller sets them.
    kept = mask.bool()
    return torch.where(kept, torch.masked.softmax(x, axis, mask=kept), 0.0)


@implements("masked_log_softmax", call="torch.masked.log_softmax")
def masked_log_softmax(x, mask, *, axis=-1):
    kept = mask.bool()
    return torch.where(kept, torch.masked.log_softmax(x, axis, mask=kept), -float("inf"))


@implements("masked_logsumexp", call="torch.masked.logsumexp")
def masked_logsumexp(x, mask, *, axis=-1):
    return torch.masked.logsumexp(x, axis, mask=mask.bool())


@implements("log_cumsum_exp", call="torch.logcumsumexp")
def logcumsumexp(x, *, axis=-1):
    return torch.logcumsumexp(x, dim=axis)
