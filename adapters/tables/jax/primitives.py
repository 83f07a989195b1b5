"""Further primitives as JAX offers them: x log y and entropies, the largest of a row, masked rows, running sums."""

import inspect

import jax
from conformance.adapters.tables.jax.common import implements


@implements("xlogy", call="jax.scipy.special.xlogy")
def special_xlogy(x, other):
    return jax.scipy.special.xlogy(x, other)


@implements("xlog1py", call="jax.scipy.special.xlog1py")
def special_xlog1py(x, other):
    return jax.scipy.special.xlog1py(x, other)


@implements("entr", call="jax.scipy.special.entr")
def special_entr(x):
    return jax.scipy.special.entr(x)


@implements("rel_entr", call="jax.scipy.special.rel_entr")
def special_rel_entr(x, other):
    return jax.scipy.special.rel_entr(x, other)


@implements("kl_div", call="jax.scipy.special.kl_div")
def special_kl_div(x, other):
    return jax.scipy.special.kl_div(x, other)


@implements("logaddexp", call="jax.numpy.logaddexp")
def numpy_logaddexp(x, other):
    return jax.numpy.logaddexp(x, other)


@implements("logit", call="jax.scipy.special.logit")
def special_logit(p):
    return jax.scipy.special.logit(p)


@implements("argmax", call="jax.numpy.argmax", differentiable=False)
def numpy_argmax(x, *, axis=-1):
    return jax.numpy.argmax(x, axis=axis)


@implements("reduce_max", call="jax.numpy.max")
def numpy_max(x, *, axis=-1):
    return jax.numpy.max(x, axis=axis)


@implements("top_k_values", call="jax.lax.top_k")
def lax_top_k_values(x, *, k=1):
    return jax.lax.top_k(x, k)[0]


@implements("top_k_indices", call="jax.lax.top_k", differentiable=False)
def lax_top_k_indices(x, *, k=1):
    return jax.lax.top_k(x, k)[1]


def initial(call):
    """Releases before 0.4.26 need the largest of nothing beside a mask; later ones know it and warn of it."""
    parameter = inspect.signature(call).parameters.get("initial")
    return {"initial": -jax.numpy.inf} if parameter is not None and parameter.default is None else {}


@implements("masked_softmax", call="jax.nn.softmax")
def nn_softmax_where(x, mask, *, axis=-1):
    return jax.nn.softmax(x, axis=axis, where=mask != 0, **initial(jax.nn.softmax))


@implements("masked_log_softmax", call="jax.nn.log_softmax")
def nn_log_softmax_where(x, mask, *, axis=-1):
    return jax.nn.log_softmax(x, axis=axis, where=mask != 0, **initial(jax.nn.log_softmax))


@implements("masked_logsumexp", call="jax.nn.logsumexp")
def nn_logsumexp_where(x, mask, *, axis=-1):
    return jax.nn.logsumexp(x, axis=axis, where=mask != 0)


@implements("log_cumsum_exp", call="jax.lax.cumlogsumexp")
def lax_cumlogsumexp(x, *, axis=-1):
    return jax.lax.cumlogsumexp(x, axis=axis % x.ndim)
