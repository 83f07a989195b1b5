"""Each row of the four documents has its case, and what they print agrees with the oracle."""

import math

import numpy as np
import pytest

from conformance.judge.published import agrees
from conformance.loading import load
from conformance.reference import Reference

CASES = {case.id: case for case in load().cases}
SOURCES = {
    "binary-multiclass-loss": "000_291929ba6fde3925.txt",
    "cross-entropy-and-focal-loss": "001_0f1598462e5db52b.txt",
    "tensorflow-losses": "003_d0919227b778dc91.txt",
    "class-weighted-segmentation": "004_718a8957b5f221a1.txt",
}
ITEMS = {
    "S0.1 weighted cross-entropy": ["binary-multiclass-loss/weighted-cross-entropy"],
    "S0.2 sigmoid cross-entropy": ["binary-multiclass-loss/cross-entropy"],
    "S0.3 pos_weight and recall": ["binary-multiclass-loss/pos-weight-scales-the-positive-term"],
    "S0.4 softmax cross-entropy": ["binary-multiclass-loss/softmax-cross-entropy"],
    "S0.5 gathered class weights": [
        "binary-multiclass-loss/sparse-class-weights",
        "binary-multiclass-loss/sparse-gathered-weights",
        "binary-multiclass-loss/argmax-over-classes",
        "binary-multiclass-loss/argmax-over-classes-not-square",
    ],
    "S0.6 class counts": [
        "binary-multiclass-loss/frequency-weights",
        "binary-multiclass-loss/balanced-weights",
        "binary-multiclass-loss/median-frequency-weights",
    ],
    "S0.7 focal_loss_sigmoid": [
        "binary-multiclass-loss/focal-sigmoid",
        "binary-multiclass-loss/focal-sigmoid-paper-alpha",
        "binary-multiclass-loss/focal-sigmoid-gamma",
        "binary-multiclass-loss/focal-sigmoid-clamp",
    ],
    "S0.8 focal_loss_softmax": ["binary-multiclass-loss/focal-softmax"],
    "S0.9 primitives": [
        "binary-multiclass-loss/sigmoid",
        "binary-multiclass-loss/softmax",
        "binary-multiclass-loss/one-hot",
    ],
    "S1.1 ten points": [
        "cross-entropy-and-focal-loss/ten-points",
        "cross-entropy-and-focal-loss/ten-points-from-logits",
        "cross-entropy-and-focal-loss/ten-points-two-decimals",
    ],
    "S1.2 11.522857": [
        "cross-entropy-and-focal-loss/saturated-probabilities",
        "cross-entropy-and-focal-loss/saturated-probabilities-elements",
    ],
    "S1.3 binary code": [
        "cross-entropy-and-focal-loss/double-epsilon",
        "cross-entropy-and-focal-loss/probabilities-of-a-sigmoid",
    ],
    "S1.4 remarks": [
        "cross-entropy-and-focal-loss/logits-are-unbounded",
        "cross-entropy-and-focal-loss/sum-over-batch-size-divides",
    ],
    "S1.5 derivation": [
        "cross-entropy-and-focal-loss/log-sum-identity",
        "cross-entropy-and-focal-loss/negative-form",
    ],
    "S1.6 categorical": [
        "cross-entropy-and-focal-loss/categorical",
        "cross-entropy-and-focal-loss/categorical-weighted",
        "cross-entropy-and-focal-loss/categorical-unnormalised",
    ],
    "S1.7 sparse": ["cross-entropy-and-focal-loss/sparse-categorical"],
    "S1.8 one-hot [1,0,0] is 3": [
        "cross-entropy-and-focal-loss/sparse-label-of-one-hot",
        "cross-entropy-and-focal-loss/sparse-label-3-of-3",
    ],
    "S1.9 focal loss": [
        "cross-entropy-and-focal-loss/focal-gamma-zero",
        "cross-entropy-and-focal-loss/focal-gamma-zero-from-logits",
        "cross-entropy-and-focal-loss/focal-downweights-easy",
    ],
    "S1.10 label smoothing": [
        "cross-entropy-and-focal-loss/smoothed-labels",
        "cross-entropy-and-focal-loss/smoothing-ends",
        "cross-entropy-and-focal-loss/gradient-is-bounded",
    ],
    "S1.11 softmax(10,0,0)": [
        "cross-entropy-and-focal-loss/softmax-10-0-0",
        "cross-entropy-and-focal-loss/one-hot-wants-larger-gaps",
    ],
    "S1.12 3.3322": [
        "cross-entropy-and-focal-loss/softmax-3.3322-0-0",
        "cross-entropy-and-focal-loss/gap-is-ln-28",
        "cross-entropy-and-focal-loss/smoothed-optimum",
        "cross-entropy-and-focal-loss/smoothed-wants-smaller-gaps",
    ],
    "S1.13 binary smoothing": [
        "cross-entropy-and-focal-loss/binary-smoothing",
        "cross-entropy-and-focal-loss/binary-smoothing-from-logits",
        "cross-entropy-and-focal-loss/binary-smoothed-targets",
    ],
    "S3.1 BinaryCrossentropy": [
        "tensorflow-losses/binary",
        "tensorflow-losses/binary-by-hand",
        "tensorflow-losses/binary-elements",
    ],
    "S3.2 CategoricalCrossentropy": ["tensorflow-losses/categorical", "tensorflow-losses/categorical-elements"],
    "S3.3 SparseCategoricalCrossentropy": [
        "tensorflow-losses/sparse-categorical",
        "tensorflow-losses/sparse-categorical-elements",
    ],
    "S3.4 CategoricalAccuracy": [
        "tensorflow-losses/categorical-accuracy",
        "tensorflow-losses/categorical-accuracy-elements",
    ],
    "S3.5 SparseCategoricalAccuracy": [
        "tensorflow-losses/sparse-categorical-accuracy",
        "tensorflow-losses/sparse-categorical-accuracy-elements",
    ],
    "S4.1 median-frequency weights": ["class-weighted-segmentation/median-frequency-weights"],
    "S4.2 weighted_cross_entropy": [
        "class-weighted-segmentation/predicted-class",
        "class-weighted-segmentation/predicted-class-image",
        "class-weighted-segmentation/label-class",
        "class-weighted-segmentation/weight-zero-of-the-predicted-class",
        "class-weighted-segmentation/larger-loss",
        "class-weighted-segmentation/label-mask-by-hand",
    ],
    "S4.3 pixelwise": ["class-weighted-segmentation/pixelwise", "class-weighted-segmentation/pixelwise-clip"],
    "S4.4 check by hand": [
        "class-weighted-segmentation/crossentropy-matrix",
        "class-weighted-segmentation/crossentropy-matrix-weighted",
    ],
    "S4.5 sample weights": ["class-weighted-segmentation/sample-weights-carry-class-weights"],
}
PUBLISHED = sorted(id for id, case in CASES.items() if case.published and id.startswith("documents/"))


def value_of(identifier, dtype="float64", **chosen):
    case = CASES[f"documents/{identifier}"]
    (variant,) = [v for v in case.variants() if dict(v.chosen) == chosen]
    return Reference(variant, dtype).truth.value.value


@pytest.mark.parametrize("item", sorted(ITEMS))
def test_each_item_of_the_documents_is_a_case_with_its_source(item):
    for identifier in ITEMS[item]:
        assert CASES[f"documents/{identifier}"].source == SOURCES[identifier.split("/")[0]]


def test_no_case_of_a_document_is_missing_from_the_table():
    listed = {f"documents/{identifier}" for identifiers in ITEMS.values() for identifier in identifiers}
    assert {id for id in CASES if id.startswith("documents/")} == listed


@pytest.mark.parametrize("identifier", PUBLISHED)
def test_the_printed_digits_agree_with_the_oracle(identifier):
    case = CASES[identifier]
    (variant,) = case.variants()
    reference = Reference(variant, case.published.dtype)
    under = reference.under(case.published.under) if case.published.under else reference.truth
    values = np.ravel(under.value.value).astype(case.published.dtype)
    printed = case.published.digits.strip("()").split(",")
    assert len(values) == len(printed)
    assert all(agrees(float(value), digits) for value, digits in zip(values, printed, strict=True))


def test_every_number_that_the_documents_print_is_published():
    printed = {CASES[identifier].published.digits for identifier in PUBLISHED}
    assert printed == {
        "11.522857", "0.3329", "3.3322", "(0.9333,0.0333,0.0333)", "(0.9999,0,0)", "(0.1,0.9)", "0.2899", "0.7803",
        "0.5000",
    }  # fmt: skip


def test_11_522857_is_not_the_mathematics():
    assert value_of("cross-entropy-and-focal-loss/saturated-probabilities") == np.inf


def test_the_fixed_instances_have_the_values_of_the_catalogue():
    def close(identifier, expected, **chosen):
        np.testing.assert_allclose(value_of(identifier, **chosen), expected, rtol=1e-13, err_msg=identifier)

    document = "binary-multiclass-loss"
    close(f"{document}/weighted-cross-entropy", [[0.40282655596550482], [1.0665949901103562], [4.539889921686465e-05]])
    close(f"{document}/cross-entropy", [[0.2014132779827524], [0.6943966600735709], [4.539889921686465e-05]])
    close(f"{document}/sparse-class-weights", 0.5151310610391653, reduction="weighted_mean")
    close(f"{document}/sparse-gathered-weights", 0.17171035367972173, reduction="nonzero_weight_mean")
    close(
        f"{document}/focal-sigmoid",
        [0.008917161420745015, 0.0752949566164478, 0.15683505680134727, 0.030303125231616653, 0.041198060922016465],
    )
    close(
        f"{document}/focal-sigmoid-paper-alpha",
        [0.026751484262235045, 0.02509831887214927, 0.47050517040404183, 0.09090937569484996, 0.013732686974005488],
    )
    close(
        f"{document}/focal-softmax",
        [1.2081830818110888, 1.601965793294016, 1.2782871880212765, 0.3484754337472643, 2.064848723472186],
        gamma=2.0,
    )
    document = "cross-entropy-and-focal-loss"
    close(f"{document}/ten-points", 0.33291140995039037)
    close(f"{document}/ten-points-from-logits", 0.33291140995039037)
    close(f"{document}/ten-points-two-decimals", 0.3335227947407202, reduction="mean")
    close(f"{document}/categorical", [0.05129329438755058, 2.3025850929940455], reduction="none")
    close(f"{document}/categorical-weighted", 0.8135987767060484, reduction="mean")
    close(f"{document}/categorical-weighted", 1.6271975534120968, reduction="weighted_mean")
    close(f"{document}/categorical-unnormalised", [0.0, math.log(4)])
    close(f"{document}/one-hot-wants-larger-gaps", [9.079573746724446e-05])
    close(f"{document}/smoothed-wants-smaller-gaps", [0.6667574624041339])
    close(f"{document}/smoothed-optimum", [0.29113983883196504])
    document = "class-weighted-segmentation"
    close(f"{document}/predicted-class", 7.745271400125213, reduction="mean")
    close(f"{document}/predicted-class-image", 7.745271400125213, reduction="mean")
    close(f"{document}/label-class", 15.119998594943874, reduction="mean")
    close(f"{document}/label-class", 4.195920242803905, reduction="weighted_mean")
    close(f"{document}/label-class", 18.14399831393265, reduction="nonzero_weight_mean")
    close(f"{document}/weight-zero-of-the-predicted-class", np.full(12, math.log(12)))
    close(f"{document}/crossentropy-matrix", 4.017383521085972, reduction="sum")
    close(f"{document}/crossentropy-matrix-weighted", 7.013115794639963, reduction="sum")
    close(f"{document}/crossentropy-matrix-weighted", 1.1688526324399937, reduction="weighted_mean")


def test_class_weights_and_gathered_sample_weights_are_the_same_loss():
    for reduction in ("none", "mean", "weighted_mean", "nonzero_weight_mean"):
        by_class = value_of("class-weighted-segmentation/median-frequency-weights", reduction=reduction)
        by_sample = value_of("class-weighted-segmentation/sample-weights-carry-class-weights", reduction=reduction)
        np.testing.assert_allclose(by_class, by_sample, rtol=1e-15)


def test_the_argmax_over_axis_0_differs_from_the_labels():
    case = CASES["documents/binary-multiclass-loss/argmax-over-classes"]
    rows = case.inputs["targets"].make()
    assert np.argmax(rows, axis=-1).tolist() == [2, 0, 1]
    assert np.argmax(rows, axis=0).tolist() == [1, 2, 0]


def test_the_median_frequency_weights_are_those_of_the_question():
    weights = CASES["documents/class-weighted-segmentation/label-class"].inputs["class_weights"].make()
    assert weights.sum() == pytest.approx(32.2134)
    assert weights[11] == 0


def test_the_class_weights_come_from_the_counts_of_the_linked_question():
    counts = np.array([198, 436, 710, 272])
    frequencies = counts / counts.sum()
    for name, weights in {
        "frequency": frequencies,
        "balanced": counts.sum() / (4 * counts),
        "median-frequency": np.median(frequencies) / frequencies,
    }.items():
        given = CASES[f"documents/binary-multiclass-loss/{name}-weights"].inputs["class_weights"].make()
        np.testing.assert_allclose(given, weights, rtol=1e-15)


def test_the_smoothed_gradient_stays_between_minus_1_and_1():
    for variant in CASES["documents/cross-entropy-and-focal-loss/gradient-is-bounded"].variants():
        gradient = Reference(variant, "float64").answers("gradient")["logits"].value
        assert np.abs(gradient).max() <= 1
