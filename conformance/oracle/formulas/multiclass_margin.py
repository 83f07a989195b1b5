"""Formulas of `oracle.multiclass_margin`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import CLASSES, LABEL, LOGISTIC

_XK = {"x": "scores", **LABEL}
_HOLDS = {r"[\,\cdot\,]": "1 where the statement holds, else 0"}

FORMULAS = {
    "multiclass_hinge": Formula(
        r"L = \max_c\left(x_c + [\,c \ne k\,]\right) - x_k",
        {**_XK, **_HOLDS, "a": "the class where the maximum stands"},
        {"scores": r"[\,c = a\,] - [\,c = k\,]"},
        ("Crammer & Singer, “On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines”, 2001",),
    ),
    "multiclass_perceptron": Formula(
        r"L = \max_c x_c - x_k",
        {**_XK, **_HOLDS, "a": "the class of the largest score"},
        {"scores": r"[\,c = a\,] - [\,c = k\,]"},
        ("Collins, “Discriminative Training Methods for Hidden Markov Models”, 2002, doi:10.3115/1118693.1118694",),
    ),
    "categorical_hinge": Formula(
        r"L = \max\left(0, 1 + \max_c\,(1 - t_c)\,x_c - \sum_c t_c\,x_c\right)",
        {"x": "scores", "t": "targets"},
        {},
        ("keras.losses.CategoricalHinge",),
    ),
    "multi_margin": Formula(
        r"L = \frac{w_k}{C}\sum_{c \ne k} \max(0, m - x_k + x_c)^p",
        {**_XK, "w": "class_weights", "m": "margin", "p": "p", **CLASSES},
        {"scores": r"\frac{p\,w_k}{C}\,\max(0, m - x_k + x_c)^{p - 1}\quad (c \ne k,\ x_c > x_k - m)"},
        ("Weston & Watkins, “Support Vector Machines for Multi-Class Pattern Recognition”, 1999",),
    ),
    "multilabel_margin": Formula(
        r"L = \frac{1}{C}\sum_{j \in T}\,\sum_{i \notin T} \max(0, 1 - x_j + x_i)",
        {"x": "scores", "T": "labels", **CLASSES},
    ),
    "multilabel_soft_margin": Formula(
        r"L = \frac{1}{C}\sum_c w_c\left(t_c\ln\left(1 + e^{-x_c}\right) + (1 - t_c)\ln\left(1 + e^{x_c}\right)\right)",
        {"x": "scores", "t": "targets", "w": "class_weights", **CLASSES, **LOGISTIC},
        {"scores": r"\frac{w_c}{C}\left(\sigma(x_c) - t_c\right)", "targets": r"-\frac{w_c\,x_c}{C}"},
    ),
    "sparsemax": Formula(
        r"L = \tfrac{1}{2}\sum_{c:\,x_c > \tau}\left(x_c^2 - \tau^2\right) + \tfrac{1}{2} - x_k,"
        r"\qquad \tau \text{ such that } \sum_c \max(0, x_c - \tau) = 1",
        {**_XK, **_HOLDS},
        {"scores": r"\max(0, x_c - \tau) - [\,c = k\,]"},
        (
            "Martins & Astudillo, “From Softmax to Sparsemax: A Sparse Model of Attention and Multi-Label "
            "Classification”, 2016, arXiv:1602.02068",
        ),
    ),
}
