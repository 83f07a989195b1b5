"""Formulas of `oracle.regression`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Per, Work

_PY = {"p": "predictions", "y": "targets"}
_D = r",\qquad d = p - y"

FORMULAS = {
    "squared_error": Formula(
        r"L = (p - y)^2", _PY, {"predictions": r"2\,(p - y)", "targets": r"-2\,(p - y)"}, work=Work(Per(3), Per(2))
    ),
    "half_squared_error": Formula(
        r"L = \tfrac{1}{2}\,(p - y)^2", _PY, {"predictions": r"p - y", "targets": r"y - p"}, work=Work(Per(4), Per(1))
    ),
    "absolute_error": Formula(
        r"L = |p - y|",
        _PY,
        {"predictions": r"\operatorname{sign}(p - y)", "targets": r"-\operatorname{sign}(p - y)"},
        work=Work(Per(3), Per(1)),
    ),
    "absolute_percentage_error": Formula(
        r"L = 100\,\frac{|p - y|}{|y|}",
        _PY,
        {
            "predictions": r"\frac{100\,\operatorname{sign}(p - y)}{|y|}",
            "targets": r"-\frac{100\,\operatorname{sign}(p - y)\,p\,\operatorname{sign}(y)}{y^2}",
        },
        work=Work(Per(6), Per(4)),
    ),
    "squared_logarithmic_error": Formula(
        r"L = \left(\ln(1 + p) - \ln(1 + y)\right)^2",
        _PY,
        {
            "predictions": r"\frac{2\left(\ln(1 + p) - \ln(1 + y)\right)}{1 + p}",
            "targets": r"-\frac{2\left(\ln(1 + p) - \ln(1 + y)\right)}{1 + y}",
        },
        work=Work(Per(7), Per(4)),
    ),
    "huber": Formula(
        r"L = \begin{cases} \tfrac{1}{2}\,d^2 & |d| \le \delta \\"
        r" \delta\left(|d| - \tfrac{1}{2}\,\delta\right) & |d| > \delta \end{cases}" + _D,
        {**_PY, r"\delta": "delta"},
        {"predictions": r"\min(\max(d, -\delta), \delta)", "targets": r"-\min(\max(d, -\delta), \delta)"},
        ("Huber, “Robust Estimation of a Location Parameter”, 1964, doi:10.1214/aoms/1177703732",),
        work=Work(Per(6), Per(3)),
    ),
    "smooth_l1": Formula(
        r"L = \begin{cases} \frac{d^2}{2\beta} & |d| < \beta \\ |d| - \tfrac{1}{2}\,\beta & |d| \ge \beta \end{cases}"
        + _D,
        {**_PY, r"\beta": "beta"},
        {
            "predictions": r"\min\left(\max\left(\tfrac{d}{\beta}, -1\right), 1\right)",
            "targets": r"-\min\left(\max\left(\tfrac{d}{\beta}, -1\right), 1\right)",
        },
        ("Girshick, “Fast R-CNN”, 2015, equation 3, arXiv:1504.08083",),
        work=Work(Per(6), Per(3)),
    ),
    "log_cosh": Formula(
        r"L = \ln\cosh(p - y)",
        _PY,
        {"predictions": r"\tanh(p - y)", "targets": r"-\tanh(p - y)"},
        ("Chen et al., “Log Hyperbolic Cosine Loss Improves Variational Auto-Encoder”, 2019",),
        work=Work(Per(4), Per(2)),
    ),
    "mean_pairwise_squared_error": Formula(
        r"L = \frac{2}{n\,(n - 1)}\sum_{i < j} (d_i - d_j)^2" + _D,
        {**_PY, "n": "the number of entries of a row", r"\bar{d}": "the mean of d over the row"},
        {
            "predictions": r"\frac{4\,(d_i - \bar{d})}{n - 1}",
            "targets": r"-\frac{4\,(d_i - \bar{d})}{n - 1}",
        },
        (
            "Eigen, Puhrsch & Fergus, “Depth Map Prediction from a Single Image using a Multi-Scale Deep Network”, "
            "2014, section 3.2, arXiv:1406.2283",
        ),
        work=Work(Per(4, 5), Per(2, 1)),
    ),
}
