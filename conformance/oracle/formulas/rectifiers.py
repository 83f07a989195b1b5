"""Formulas of `oracle.rectifiers`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Per, Work

_X = {"x": "x"}


def _cases(*rows: tuple[str, str]) -> str:
    return r"\begin{cases} " + r" \\ ".join(f"{value} & {where}" for value, where in rows) + r" \end{cases}"


_HOWARD = ("Howard et al., “Searching for MobileNetV3”, 2019, arXiv:1905.02244",)
_MENSCH = (
    "Mensch & Blondel, “Differentiable Dynamic Programming for Structured Prediction and Attention”, 2018, "
    "arXiv:1802.03676; scaled as jax.nn does",
)

FORMULAS = {
    "relu": Formula(
        r"f(x) = \max(x, 0)",
        _X,
        {"x": _cases(("1", "x > 0"), ("0", "x < 0"))},
        ("Nair & Hinton, “Rectified Linear Units Improve Restricted Boltzmann Machines”, 2010",),
        work=Work(Per(1), Per(1)),
    ),
    "relu6": Formula(
        r"f(x) = \min(\max(x, 0), 6)",
        _X,
        {"x": _cases(("1", "0 < x < 6"), ("0", r"x < 0 \text{ or } x > 6"))},
        work=Work(Per(2), Per(1)),
    ),
    "hard_tanh": Formula(
        r"f(x) = \min(\max(x, l), h)",
        {**_X, "l": "low", "h": "high"},
        {"x": _cases(("1", "l < x < h"), ("0", r"x < l \text{ or } x > h"))},
        work=Work(Per(2), Per(1)),
    ),
    "leaky_relu": Formula(
        "f(x) = " + _cases(("x", "x > 0"), (r"\alpha\,x", r"x \le 0")),
        {**_X, r"\alpha": "negative_slope"},
        {"x": _cases(("1", "x > 0"), (r"\alpha", "x < 0"))},
        ("Maas, Hannun & Ng, “Rectifier Nonlinearities Improve Neural Network Acoustic Models”, 2013",),
        work=Work(Per(2), Per(1)),
    ),
    "elu": Formula(
        "f(x) = " + _cases(("x", "x > 0"), (r"\alpha\left(e^x - 1\right)", r"x \le 0")),
        {**_X, r"\alpha": "alpha"},
        {"x": _cases(("1", "x > 0"), (r"\alpha\,e^x", "x < 0"))},
        (
            "Clevert, Unterthiner & Hochreiter, “Fast and Accurate Deep Network Learning by Exponential Linear Units "
            "(ELUs)”, 2015, arXiv:1511.07289",
        ),
        work=Work(Per(3), Per(1)),
    ),
    "selu": Formula(
        "f(x) = " + _cases((r"\lambda\,x", "x > 0"), (r"\lambda\,\alpha\left(e^x - 1\right)", r"x \le 0")),
        {**_X, r"\lambda": "1.0507009873554805", r"\alpha": "1.6732632423543772"},
        {"x": _cases((r"\lambda", "x > 0"), (r"\lambda\,\alpha\,e^x", "x < 0"))},
        ("Klambauer, Unterthiner, Mayr & Hochreiter, “Self-Normalizing Neural Networks”, 2017, arXiv:1706.02515",),
        work=Work(Per(4), Per(2)),
    ),
    "celu": Formula(
        "f(x) = " + _cases(("x", "x > 0"), (r"\alpha\left(e^{x/\alpha} - 1\right)", r"x \le 0")),
        {**_X, r"\alpha": "alpha"},
        {"x": _cases(("1", "x > 0"), (r"e^{x/\alpha}", r"x \le 0"))},
        ("Barron, “Continuously Differentiable Exponential Linear Units”, 2017, arXiv:1704.07483",),
        work=Work(Per(3), Per(1)),
    ),
    "hard_sigmoid": Formula(
        r"f(x) = \frac{\min(\max(x + 3, 0), 6)}{6}",
        _X,
        {"x": _cases((r"\tfrac{1}{6}", "-3 < x < 3"), ("0", "|x| > 3"))},
        _HOWARD,
        work=Work(Per(4), Per(2)),
    ),
    "hard_swish": Formula(
        r"f(x) = x\,\frac{\min(\max(x + 3, 0), 6)}{6}",
        _X,
        {"x": _cases(("0", "x < -3"), (r"\frac{2x + 3}{6}", "-3 < x < 3"), ("1", "x > 3"))},
        _HOWARD,
        work=Work(Per(5), Per(4)),
    ),
    "hard_shrink": Formula(
        "f(x) = " + _cases(("x", r"|x| > \lambda"), ("0", r"|x| \le \lambda")),
        {**_X, r"\lambda": "threshold"},
        {"x": _cases(("1", r"|x| > \lambda"), ("0", r"|x| < \lambda"))},
        work=Work(Per(2), Per(1)),
    ),
    "threshold": Formula(
        "f(x) = " + _cases(("x", r"x > \theta"), ("v", r"x \le \theta")),
        {**_X, r"\theta": "threshold", "v": "value"},
        {"x": _cases(("1", r"x > \theta"), ("0", r"x < \theta"))},
        work=Work(Per(1), Per(1)),
    ),
    "soft_shrink": Formula(
        r"f(x) = \operatorname{sign}(x)\,\max(|x| - \lambda, 0)",
        {**_X, r"\lambda": "threshold"},
        {"x": _cases(("1", r"|x| > \lambda"), ("0", r"|x| < \lambda"))},
        work=Work(Per(4), Per(1)),
    ),
    "sparse_plus": Formula(
        "f(x) = " + _cases(("0", r"x \le -1"), (r"\tfrac{1}{4}\,(x + 1)^2", "-1 < x < 1"), ("x", r"x \ge 1")),
        _X,
        {"x": r"\frac{\min(\max(x + 1, 0), 2)}{2}"},
        _MENSCH,
        work=Work(Per(5), Per(4)),
    ),
    "sparse_sigmoid": Formula(
        r"f(x) = \frac{\min(\max(x + 1, 0), 2)}{2}",
        _X,
        {"x": _cases((r"\tfrac{1}{2}", "-1 < x < 1"), ("0", "|x| > 1"))},
        _MENSCH,
        work=Work(Per(4), Per(2)),
    ),
}
