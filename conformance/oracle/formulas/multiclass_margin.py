"""Formulas of `oracle.multiclass_margin`."""

import math

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.symbols import CLASSES, LABEL, LOGISTIC
from conformance.oracle.formulas.work import Call, Count, Per, Work

_XK = {"x": "scores", **LABEL}
_HOLDS = {r"[\,\cdot\,]": "1 where the statement holds, else 0"}


def _pairs(call: Call) -> float:
    """Of a right class and another one, where half of the classes are right: the most that there can be."""
    right = call.classes // 2
    return call.rows * right * (call.classes - right)


def _margins(entry: int, row: int, power: int = 1) -> Count:
    """Of the rivals of a label; a power of 1 takes nothing."""
    return lambda call: (entry + (0 if call.parameters["p"] == 1 else power)) * call.entries + row * call.rows


FORMULAS = {
    "multiclass_hinge": Formula(
        r"L = \max_c\left(x_c + [\,c \ne k\,]\right) - x_k",
        {**_XK, **_HOLDS, "a": "the class where the maximum stands"},
        {"scores": r"[\,c = a\,] - [\,c = k\,]"},
        ("Crammer & Singer, “On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines”, 2001",),
        work=Work(Per(2, 2), Per(0, 1)),
    ),
    "multiclass_perceptron": Formula(
        r"L = \max_c x_c - x_k",
        {**_XK, **_HOLDS, "a": "the class of the largest score"},
        {"scores": r"[\,c = a\,] - [\,c = k\,]"},
        ("Collins, “Discriminative Training Methods for Hidden Markov Models”, 2002, doi:10.3115/1118693.1118694",),
        work=Work(Per(1, 2), Per(0, 1)),
    ),
    "categorical_hinge": Formula(
        r"L = \max\left(0, 1 + \max_c\,(1 - t_c)\,x_c - \sum_c t_c\,x_c\right)",
        {"x": "scores", "t": "targets"},
        {},
        ("keras.losses.CategoricalHinge",),
        work=Work(Per(5, 4), Per(2, 3)),
    ),
    "multi_margin": Formula(
        r"L = \frac{w_k}{C}\sum_{c \ne k} \max(0, m - x_k + x_c)^p",
        {**_XK, "w": "class_weights", "m": "margin", "p": "p", **CLASSES},
        {"scores": r"\frac{p\,w_k}{C}\,\max(0, m - x_k + x_c)^{p - 1}\quad (c \ne k,\ x_c > x_k - m)"},
        ("Weston & Watkins, “Support Vector Machines for Multi-Class Pattern Recognition”, 1999",),
        work=Work(_margins(3, 3), _margins(2, 1, 2)),
    ),
    "multilabel_margin": Formula(
        r"L = \frac{1}{C}\sum_{j \in T}\,\sum_{i \notin T} \max(0, 1 - x_j + x_i)",
        {"x": "scores", "T": "labels", **CLASSES},
        work=Work(lambda call: 4 * _pairs(call) + 2 * call.rows, lambda call: 2 * _pairs(call)),
    ),
    "multilabel_soft_margin": Formula(
        r"L = \frac{1}{C}\sum_c w_c\left(t_c\ln\left(1 + e^{-x_c}\right) + (1 - t_c)\ln\left(1 + e^{x_c}\right)\right)",
        {"x": "scores", "t": "targets", "w": "class_weights", **CLASSES, **LOGISTIC},
        {"scores": r"\frac{w_c}{C}\left(\sigma(x_c) - t_c\right)", "targets": r"-\frac{w_c\,x_c}{C}"},
        work=Work(Per(11, 2), Per(4)),
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
        work=Work(lambda call: call.entries * (math.log2(call.classes) + 7) + 7 * call.rows, Per(3, 1)),
    ),
}
