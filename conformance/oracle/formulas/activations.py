"""Formulas of `oracle.activations`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import LOGISTIC, SOFTPLUS
from conformance.oracle.formulas.work import Per, Work

_X = {"x": "x"}
_NORMAL = {
    r"\Phi": "the distribution function of the standard normal",
    r"\varphi": "its density",
}
_GELU = ("Hendrycks & Gimpel, “Gaussian Error Linear Units (GELUs)”, 2016, arXiv:1606.08415",)

FORMULAS = {
    "tanh": Formula(
        r"\tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}}", _X, {"x": r"1 - \tanh^2 x"}, work=Work(Per(1), Per(3))
    ),
    "tanh_shrink": Formula(r"f(x) = x - \tanh x", _X, {"x": r"\tanh^2 x"}, work=Work(Per(2), Per(2))),
    "silu": Formula(
        r"f(x) = x\,\sigma(x)",
        {**_X, **LOGISTIC},
        {"x": r"\sigma(x)\left(1 + x\,\sigma(-x)\right)"},
        _GELU,
        work=Work(Per(4), Per(5)),
    ),
    "mish": Formula(
        r"f(x) = x\tanh\left(\operatorname{softplus}(x)\right)",
        {**_X, **SOFTPLUS, **LOGISTIC},
        {"x": r"w + x\,\sigma(x)\,(1 - w^2),\qquad w = \tanh\left(\operatorname{softplus}(x)\right)"},
        ("Misra, “Mish: A Self Regularized Non-Monotonic Activation Function”, 2019, arXiv:1908.08681",),
        work=Work(Per(5), Per(7)),
    ),
    "gelu": Formula(
        r"f(x) = x\,\Phi(x)", {**_X, **_NORMAL}, {"x": r"\Phi(x) + x\,\varphi(x)"}, _GELU, work=Work(Per(5), Per(7))
    ),
    "gelu_tanh": Formula(
        r"f(x) = \tfrac{1}{2}\,x\left(1 + \tanh u\right) = x\,\sigma(2u),"
        r"\qquad u = \sqrt{\frac{2}{\pi}}\left(x + 0.044715\,x^3\right)",
        {**_X, **LOGISTIC},
        {
            "x": r"\sigma(2u) + 2\,x\,\sigma(2u)\,\sigma(-2u)\,u',"
            r"\qquad u' = \sqrt{\frac{2}{\pi}}\left(1 + 0.134145\,x^2\right)"
        },
        _GELU,
        work=Work(Per(9), Per(10)),
    ),
    "softsign": Formula(
        r"f(x) = \frac{x}{1 + |x|}",
        _X,
        {"x": r"\frac{1}{(1 + |x|)^2}"},
        ("Bergstra, Desjardins, Lamblin & Bengio, “Quadratic Polynomials Learn Better Image Features”, 2009",),
        work=Work(Per(3), Per(2)),
    ),
    "squareplus": Formula(
        r"f(x) = \frac{x + \sqrt{x^2 + b}}{2}",
        {**_X, "b": "b"},
        {"x": r"\frac{1}{2}\left(1 + \frac{x}{\sqrt{x^2 + b}}\right)"},
        ("Barron, “Squareplus: A Softplus-Like Algebraic Rectifier”, 2021, arXiv:2112.11687",),
        work=Work(Per(5), Per(4)),
    ),
    "glu": Formula(
        r"f(a, b) = a\,\sigma(b),\qquad x = (a, b)",
        {**_X, "a, b": "the first and the second half of the axis", **LOGISTIC},
        {"x": r"\left(\sigma(b),\ a\,\sigma(b)\,\sigma(-b)\right)"},
        (
            "Dauphin, Fan, Auli & Grangier, “Language Modeling with Gated Convolutional Networks”, 2017, "
            "arXiv:1612.08083",
        ),
        work=Work(Per(2), Per(2)),
    ),
}
