"""Formulas of `oracle.likelihood`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import LABEL
from conformance.oracle.formulas.work import Count, Per, Work

_STIRLING = r"r(t) = \begin{cases} t\ln t - t + \tfrac{1}{2}\ln(2\pi t) & t > 1 \\ 0 & t \le 1 \end{cases}"
_FULL = {"[F]": "full"}


def _full(entry: int, constant: int) -> Count:
    """With the terms that do not depend on the prediction, where they are asked."""
    return lambda call: (entry + (constant if call.parameters["full"] else 0)) * call.entries


FORMULAS = {
    "poisson_nll": Formula(
        r"L = \lambda - t\ln\lambda + [F]\,r(t),\qquad " + _STIRLING,
        {r"\lambda": "rates", "t": "targets", **_FULL, "r(t)": "Stirling's approximation of ln t!"},
        {"rates": r"1 - \frac{t}{\lambda}", "targets": r"-\ln\lambda\;\left[\,+ \ln t + \frac{1}{2t}\,\right]"},
        work=Work(_full(4, 9), _full(4, 3)),
    ),
    "poisson_nll_with_log_rate": Formula(
        r"L = e^x - t\,x + [F]\,r(t),\qquad " + _STIRLING,
        {"x": "log_rates", "t": "targets", **_FULL, "r(t)": "Stirling's approximation of ln t!"},
        {"log_rates": r"e^x - t", "targets": r"-x\;\left[\,+ \ln t + \frac{1}{2t}\,\right]"},
        work=Work(_full(4, 9), _full(3, 3)),
    ),
    "gaussian_nll": Formula(
        r"L = \tfrac{1}{2}\left(\ln v + \frac{(\mu - t)^2}{v}\right) + [F]\,\tfrac{1}{2}\ln(2\pi)",
        {r"\mu": "predictions", "t": "targets", "v": "variances", **_FULL},
        {
            "predictions": r"\frac{\mu - t}{v}",
            "targets": r"-\frac{\mu - t}{v}",
            "variances": r"\frac{v - (\mu - t)^2}{2v^2}",
        },
        (
            "Nix & Weigend, “Estimating the Mean and Variance of the Target Probability Distribution”, 1994, "
            "doi:10.1109/ICNN.1994.374138",
        ),
        work=Work(_full(7, 1), Per(7)),
    ),
    "nll": Formula(
        r"L = -w_k\,a_k",
        {"a": "log_probabilities", **LABEL, "w": "class_weights"},
        {"log_probabilities": r"\begin{cases} -w_k & c = k \\ 0 & c \ne k \end{cases}"},
        work=Work(Per(0, 1), Per(0)),
    ),
    "poly_cross_entropy": Formula(
        r"L = \sum_c t_c\left(-\ln p_c + \varepsilon\,(1 - p_c)\right),\qquad p_c = \frac{e^{x_c}}{\sum_j e^{x_j}}",
        {"x": "logits", "t": "targets", r"\varepsilon": "epsilon"},
        {
            "logits": r"p_c\sum_j t_j - t_c - \varepsilon\,p_c\left(t_c - \sum_j t_j p_j\right)",
            "targets": r"-\ln p_c + \varepsilon\,(1 - p_c)",
        },
        (
            "Leng et al., “PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions”, 2022, "
            "section 3, arXiv:2204.12511",
        ),
        work=Work(Per(9, 1), Per(11)),
    ),
}
