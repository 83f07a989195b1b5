"""The formulas that people read say what the oracle computes: they are evaluated, values and gradients."""

import numpy as np
import pytest
from latex import Evaluator, parts

from conformance.oracle import load_all
from conformance.oracle.formulas import all_formulas
from conformance.oracle.operation import OPERATIONS, cotangent_for, evaluate

load_all()
ROWS, WIDTH = 4, 3
# What a symbol of these operations stands for that is no plain number of a row.
SIGNS = ("hinge", "perceptron", "squared_hinge", "binary_sparsemax", "soft_margin", "hinge_embedding", "margin_ranking")
POSITIVE = ("entr", "rel_entr", "kl_div", "xlogy", "xlog1py", "poisson_nll", "gaussian_nll")
# Gradients that hold on one side, or name a class that the evaluator does not know.
UNREAD = (r"\left[\,+", r"\quad", "c = a")
# Formulas over pairs, ranks, paths or sets, that a reader of rows does not read.
BY_HAND = {
    "accuracy", "argmax", "auc_pr", "auc_roc", "binary_accuracy", "categorical_accuracy", "circle", "cohen_kappa",
    "concordance_correlation", "confusion_counts", "confusion_matrix", "cosine_distance", "cosine_embedding",
    "cosine_similarity", "ctc", "f_beta", "glu", "hamming_distance", "in_top_k", "log_cumsum_exp",
    "matthews_correlation", "mean_iou", "mean_pairwise_squared_error", "multilabel_margin", "negative_predictive_value",
    "ntxent", "one_hot", "pearson_correlation", "precision", "precision_at_recall",
    "predicted_class_weighted_cross_entropy", "recall", "recall_at_precision", "sensitivity_at_specificity",
    "sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy", "sparsemax", "specificity",
    "specificity_at_sensitivity", "top_k_categorical_accuracy", "top_k_indices", "top_k_values", "triplet_hard",
    "triplet_margin", "triplet_semihard",
}  # fmt: skip
# Parameters other than the defaults, so that what they do is seen.
PARAMETERS = {
    "label_smoothing": 0.2, "alpha": 0.3, "gamma": 2.5, "pos_weight": 1.7, "delta": 0.8, "beta": 0.7, "margin": 0.6,
    "full": True, "smooth": 0.4, "epsilon": 0.9, "threshold": 0.45, "b": 2.5, "negative_slope": 0.15, "low": -0.9,
    "high": 0.8, "p": 2, "axes": (-1,),
}  # fmt: skip


def inputs_of(operation, rng):
    made = {}
    for i in operation.inputs:
        if operation.reduces and i.name in ("weights", "mask"):
            continue
        if operation.name in ("running_mean", "running_sum", "r2_score", "root_mean_squared_error"):
            shape = (ROWS,)
        elif i.name == "class_weights":
            shape = (WIDTH,)
        else:
            shape = (ROWS, WIDTH)
        if i.kind == "label":
            made[i.name] = rng.integers(0, 2, shape) if i.name == "mask" else rng.integers(0, WIDTH, shape[:-1])
        elif i.kind in ("probability", "weight") or (operation.name in POSITIVE and i.kind == "real"):
            made[i.name] = rng.uniform(0.1, 0.9, shape)
        elif operation.name in SIGNS and i.name == "targets":
            made[i.name] = rng.choice([-1.0, 1.0], shape)
        elif i.kind == "target":
            made[i.name] = rng.uniform(0.1, 0.9, shape) + 1.5 * rng.integers(0, 2, shape) * (
                operation.name[:7] == "poisson"
            )
        else:
            made[i.name] = rng.uniform(-0.95, 1.9, shape)
    if operation.name.startswith("masked"):
        made["mask"][:, 0] = 1
    return made


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - BY_HAND))
def test_a_formula_and_its_gradients_give_what_the_oracle_gives(name):
    operation, formula = OPERATIONS[name], all_formulas()[name]
    rng = np.random.default_rng(7)
    inputs = inputs_of(operation, rng)
    parameters = {p: PARAMETERS[p] for p in operation.parameters if p in PARAMETERS}
    found = evaluate(operation, inputs, parameters)
    asked = {p: d.default for p, d in operation.parameters.items()} | parameters
    values = {}
    for symbol, meaning in formula.symbols.items():
        if meaning in inputs:
            values[symbol] = inputs[meaning]
        elif meaning in asked and meaning != "axes":
            values[symbol] = asked[meaning]
        elif meaning.replace(".", "").isdigit():
            values[symbol] = float(meaning)
    values["C"] = WIDTH
    if "the softmax of x" in formula.symbols.get("s", ""):
        first = inputs[operation.inputs[0].name]
        values["s"] = np.exp(first) / np.exp(first).sum(-1, keepdims=True)
    values[r"\full"] = float(parameters.get("full", False))
    label = inputs.get("labels")
    if label is not None:
        values.pop("k", None)
    cotangent = cotangent_for(operation, np.shape(found.value.value))
    values["g"] = cotangent if cotangent is not None else 1.0
    equations = list(parts(formula.value))
    definitions = [(left, right[-1]) for left, right in equations]
    for right in equations[0][1]:
        said = Evaluator(values, definitions[1:], label).evaluate(right)
        exact = np.asarray(found.value.value)
        np.testing.assert_allclose(np.broadcast_to(np.squeeze(said), exact.shape), exact, rtol=1e-9, atol=1e-12)
    if not formula.gradients:
        return
    gradients = found.gradient(np.ones(()) if cotangent is None else cotangent)
    for by, latex in formula.gradients.items():
        if any(mark in latex for mark in UNREAD):
            continue
        first, *rest = parts(latex)
        right = first[1][-1] if first[1] else first[0]
        more = [(left, sides[-1]) for left, sides in rest if sides]
        said = Evaluator(values, [*definitions, *more], label).evaluate(right)
        exact = gradients[by].value
        np.testing.assert_allclose(np.broadcast_to(said, exact.shape), exact, rtol=1e-9, atol=1e-12)
