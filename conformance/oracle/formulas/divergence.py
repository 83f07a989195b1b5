"""Formulas of `oracle.divergence`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Per, Work

_Q = {"q": "probabilities", "t": "targets"}
_A = {"a": "log_probabilities", "t": "targets"}
_AB = {"a": "log_probabilities", "b": "log_targets"}
_KULLBACK = ("Kullback & Leibler, “On Information and Sufficiency”, 1951, doi:10.1214/aoms/1177729694",)

FORMULAS = {
    "kl_divergence": Formula(
        r"D = \sum_c t_c\ln\frac{t_c}{q_c},\qquad 0\ln 0 = 0",
        _Q,
        {"probabilities": r"-\frac{t_c}{q_c}", "targets": r"\ln\frac{t_c}{q_c} + 1"},
        _KULLBACK,
        work=Work(Per(4, 1), Per(3)),
    ),
    "kl_divergence_with_log_probabilities": Formula(
        r"D = \sum_c t_c\left(\ln t_c - a_c\right),\qquad 0\ln 0 = 0",
        _A,
        {"log_probabilities": "-t_c", "targets": r"\ln t_c - a_c + 1"},
        _KULLBACK,
        work=Work(Per(4, 1), Per(3)),
    ),
    "kl_divergence_with_log_targets": Formula(
        r"D = \sum_c e^{b_c}\left(b_c - a_c\right)",
        _AB,
        {"log_probabilities": r"-e^{b_c}", "log_targets": r"e^{b_c}\left(b_c - a_c + 1\right)"},
        _KULLBACK,
        work=Work(Per(4, 1), Per(3)),
    ),
    "kl_divergence_pointwise": Formula(
        r"D_c = t_c\left(\ln t_c - a_c\right),\qquad 0\ln 0 = 0",
        _A,
        {"log_probabilities": "-t_c", "targets": r"\ln t_c - a_c + 1"},
        _KULLBACK,
        work=Work(Per(4), Per(3)),
    ),
    "kl_divergence_pointwise_with_log_targets": Formula(
        r"D_c = e^{b_c}\left(b_c - a_c\right)",
        _AB,
        {"log_probabilities": r"-e^{b_c}", "log_targets": r"e^{b_c}\left(b_c - a_c + 1\right)"},
        _KULLBACK,
        work=Work(Per(4), Per(3)),
    ),
    "generalized_kl_divergence": Formula(
        r"D = \sum_c \left(t_c\left(\ln t_c - a_c\right) + e^{a_c} - t_c\right)",
        _A,
        {"log_probabilities": r"e^{a_c} - t_c", "targets": r"\ln t_c - a_c"},
        (*_KULLBACK, "Boyd & Vandenberghe, “Convex Optimization”, 2004, section 3.1.5"),
        work=Work(Per(7, 1), Per(3)),
    ),
    "jensen_shannon": Formula(
        r"D = \tfrac{1}{2}\sum_c \left(t_c\ln\frac{t_c}{m_c} + q_c\ln\frac{q_c}{m_c}\right),"
        r"\qquad m_c = \tfrac{1}{2}\,(t_c + q_c)",
        _Q,
        {"probabilities": r"\tfrac{1}{2}\ln\frac{q_c}{m_c}", "targets": r"\tfrac{1}{2}\ln\frac{t_c}{m_c}"},
        ("Lin, “Divergence Measures Based on the Shannon Entropy”, 1991, section 4, doi:10.1109/18.61115",),
        work=Work(Per(10, 2), Per(2, 1)),
    ),
}
