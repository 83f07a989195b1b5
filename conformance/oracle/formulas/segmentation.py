"""Formulas of `oracle.segmentation`."""

from conformance.oracle.formulas.formula import Formula
from conformance.oracle.formulas.work import Per, Work

FORMULAS = {
    "class_weighted_pixelwise_cross_entropy": Formula(
        r"L = -\sum_c w_c\,t_c\ln p_c",
        {"p": "probabilities", "t": "targets", "w": "class_weights"},
        {"probabilities": r"-\frac{w_c\,t_c}{p_c}"},
        (
            "Eigen & Fergus, “Predicting Depth, Surface Normals and Semantic Labels with a Common Multi-Scale "
            "Convolutional Architecture”, 2015, section 4.3, arXiv:1411.4734",
        ),
        work=Work(Per(4, 1), Per(2)),
    ),
    "predicted_class_weighted_cross_entropy": Formula(
        r"L = -\sum_c t_c\ln s_c,\qquad s_c = \frac{e^{w_a x_c}}{\sum_j e^{w_a x_j}}",
        {"x": "logits", "t": "targets", "w": "class_weights", "a": "the class of the first largest logit"},
        {"logits": r"w_a\left(s_c\sum_j t_j - t_c\right)"},
        work=Work(Per(7, 2), Per(5, 1)),
    ),
}
