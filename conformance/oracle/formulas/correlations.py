"""Formulas of `oracle.correlations`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Per, Work

_MOMENTS = (
    r"s_{py} = \frac{1}{n}\sum_i (p_i - \bar{p})(y_i - \bar{y}),"
    r"\qquad s_{pp} = \frac{1}{n}\sum_i (p_i - \bar{p})^2,\qquad s_{yy} = \frac{1}{n}\sum_i (y_i - \bar{y})^2"
)
_PAIRS = {"p": "predictions", "y": "targets"}
_VECTORS = {
    **_PAIRS,
    r"\bar{p}": "the mean of the predictions",
    r"\bar{y}": "the mean of the targets",
    "n": "the number of samples",
}

FORMULAS = {
    "root_mean_squared_error": Formula(
        r"E = \sqrt{\frac{\sum_i w_i\,(p_i - y_i)^2}{\sum_i w_i}}",
        {**_PAIRS, "w": "weights"},
        work=Work(Per(3, weighted=2)),
    ),
    "pearson_correlation": Formula(
        r"r = \frac{s_{py}}{\sqrt{s_{pp}\,s_{yy}}},\qquad " + _MOMENTS,
        _VECTORS,
        {},
        (
            "Pearson, “Notes on regression and inheritance in the case of two parents”, 1895, "
            "doi:10.1098/rspl.1895.0041",
        ),
        work=Work(Per(10)),
    ),
    "concordance_correlation": Formula(
        r"\rho = \frac{2\,s_{py}}{s_{pp} + s_{yy} + (\bar{p} - \bar{y})^2},\qquad " + _MOMENTS,
        _VECTORS,
        {},
        (
            "Lin, “A concordance correlation coefficient to evaluate reproducibility”, 1989, equation 3, "
            "doi:10.2307/2532051",
        ),
        work=Work(Per(10)),
    ),
}
