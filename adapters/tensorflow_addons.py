"""TensorFlow Addons: the sigmoid focal, contrastive, triplet and sparsemax losses, each as a function and as a class.

The focal losses sum over the last axis (tensorflow/addons#2431). Here the tensors get one more axis of length 1, whose
sum is the element. By default the class reduces nothing (tensorflow/addons#2349).
"""

from conformance.adapters.mechanics.calling import of_one_rank
from conformance.adapters.mechanics.tensorflow import TensorFlowAdapter  # before tensorflow: it sets the environment

from conformance.worker.adapter import Implementations, Unsupported

import tensorflow as tf  # isort: skip
import tensorflow_addons as tfa  # isort: skip

table = Implementations()
implements = table.implements

# Canonical reduction -> tf.keras.losses.Reduction. Weights never enter the divisor.
REDUCTIONS = {"none": "none", "sum": "sum", "mean": "sum_over_batch_size"}

EPSILON = 1e-7
CLIPPED = {
    "contract": {"clip": (EPSILON, 1 - EPSILON), "shift": EPSILON},
    "documented": "calls tf.keras.backend.binary_crossentropy (source), which clips to [epsilon, 1 - epsilon] "
    "and adds epsilon inside both logarithms; keras-team/keras#15249",
}

# What `conformance doctor` says to someone who lacks it.
INSTALL = "pip install tensorflow-cpu==2.15.1 tensorflow-addons==0.23.0  # in an environment of its own"

SCRIPT = {
    "imports": "import os\n"
    'os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"\n'
    "import numpy as np\n"
    "import tensorflow as tf\n"
    "import tensorflow_addons as tfa",
}


def focal_class(predictions, targets, weights, reduction, **settings):
    if reduction not in REDUCTIONS:
        raise Unsupported("tf.keras.losses.Reduction has no '{}'".format(reduction))
    of_one_rank(predictions, targets)
    loss = tfa.losses.SigmoidFocalCrossEntropy(reduction=REDUCTIONS[reduction], **settings)
    if weights is not None and weights.shape.ndims:
        # Keras would give missing axes at the end, not at the front.
        for _ in range(predictions.shape.ndims - weights.shape.ndims):
            weights = weights[tf.newaxis]
    return loss(targets[..., tf.newaxis], predictions[..., tf.newaxis], sample_weight=weights)


def focal_function(predictions, targets, reduction, **settings):
    if reduction != "none":
        raise Unsupported("tfa.losses.sigmoid_focal_crossentropy has no reductions; the class has")
    of_one_rank(predictions, targets)
    function = tfa.losses.sigmoid_focal_crossentropy
    return function(targets[..., tf.newaxis], predictions[..., tf.newaxis], **settings)


@implements("sigmoid_focal_loss", call="tfa.losses.SigmoidFocalCrossEntropy")
def sigmoid_focal_cross_entropy_of_logits(logits, targets, *, alpha=None, gamma=2.0, weights=None, reduction="none"):
    # The class checks that alpha is a number; 0 is how it is told to leave class balancing out.
    alpha = 0.0 if alpha is None else alpha
    return focal_class(logits, targets, weights, reduction, from_logits=True, alpha=alpha, gamma=gamma)


@implements("sigmoid_focal_loss", call="tfa.losses.sigmoid_focal_crossentropy")
def sigmoid_focal_crossentropy_of_logits(logits, targets, *, alpha=None, gamma=2.0, reduction="none"):
    return focal_function(logits, targets, reduction, from_logits=True, alpha=alpha, gamma=gamma)


@implements(
    "sigmoid_focal_loss",
    call="tfa.losses.sigmoid_focal_crossentropy",
    name="losses.sigmoid_focal_crossentropy-of-rows",
    dtypes=("float32",),
)
def sigmoid_focal_crossentropy_of_rows(logits, targets, *, alpha=None, gamma=2.0, reduction="none"):
    """Without an axis more: the function removes the last axis, as the losses of Keras do, which average over it."""
    if reduction != "mean_last_axis":
        raise Unsupported("this row is about the last axis")
    return tfa.losses.sigmoid_focal_crossentropy(targets, logits, from_logits=True, alpha=alpha, gamma=gamma)


@implements(
    "sigmoid_focal_loss",
    call="tfa.losses.SigmoidFocalCrossEntropy",
    name="losses.SigmoidFocalCrossEntropy-of-default-reduction",
    dtypes=("float32",),
)
def sigmoid_focal_cross_entropy_of_default_reduction(logits, targets, *, alpha=None, gamma=2.0, reduction="none"):
    """As it comes: the losses of Keras then average over the batch."""
    if reduction != "mean":
        raise Unsupported("this row is about what the class does unless it is told")
    return tfa.losses.SigmoidFocalCrossEntropy(from_logits=True, alpha=alpha or 0.0, gamma=gamma)(targets, logits)


@implements("binary_focal_cross_entropy", call="tfa.losses.SigmoidFocalCrossEntropy", **CLIPPED)
def sigmoid_focal_cross_entropy(probabilities, targets, *, alpha=None, gamma=2.0, weights=None, reduction="none"):
    alpha = 0.0 if alpha is None else alpha
    return focal_class(probabilities, targets, weights, reduction, alpha=alpha, gamma=gamma)


@implements("binary_focal_cross_entropy", call="tfa.losses.sigmoid_focal_crossentropy", **CLIPPED)
def sigmoid_focal_crossentropy(probabilities, targets, *, alpha=None, gamma=2.0, reduction="none"):
    return focal_function(probabilities, targets, reduction, alpha=alpha, gamma=gamma)


@implements("contrastive", call="tfa.losses.ContrastiveLoss")
def contrastive_class(distances, targets, *, margin=1.0, weights=None, reduction="none", roundtrip=False):
    if reduction not in REDUCTIONS:
        raise Unsupported("tf.keras.losses.Reduction has no '{}'".format(reduction))
    loss = tfa.losses.ContrastiveLoss(margin=margin, reduction=REDUCTIONS[reduction])
    if roundtrip:
        loss = type(loss).from_config(loss.get_config())
    return loss(targets, distances, sample_weight=weights)


@implements("contrastive", call="tfa.losses.contrastive_loss")
def contrastive(distances, targets, *, margin=1.0, reduction="none"):
    if reduction != "none":
        raise Unsupported("tfa.losses.contrastive_loss has no reductions; the class has")
    return tfa.losses.contrastive_loss(targets, distances, margin=margin)


# Canonical distance -> what the triplet losses call it.
DISTANCES = {"euclidean": "L2", "squared": "squared-L2", "cosine": "angular"}
NORM_FLOOR = {
    "contract": {"norm_floor": 1e-6},
    "documented": "tf.math.l2_normalize, which the angular distance calls: the square of each length is at least 1e-12",
}


def triplet_class(kind, embeddings, labels, roundtrip, **settings):
    """The classes have no reduction to choose: they ask for none, and the function gives one number."""
    loss = kind(**settings)
    if roundtrip:
        loss = kind.from_config(loss.get_config())
    return loss(labels, embeddings)


@implements("triplet_semihard", call="tfa.losses.TripletSemiHardLoss", **NORM_FLOOR)
def triplet_semihard_class(embeddings, labels, *, margin=1.0, distance="euclidean", roundtrip=False):
    kind = tfa.losses.TripletSemiHardLoss
    return triplet_class(kind, embeddings, labels, roundtrip, margin=margin, distance_metric=DISTANCES[distance])


@implements("triplet_semihard", call="tfa.losses.triplet_semihard_loss", **NORM_FLOOR)
def triplet_semihard(embeddings, labels, *, margin=1.0, distance="euclidean"):
    return tfa.losses.triplet_semihard_loss(labels, embeddings, margin=margin, distance_metric=DISTANCES[distance])


@implements("triplet_hard", call="tfa.losses.TripletHardLoss", **NORM_FLOOR)
def triplet_hard_class(embeddings, labels, *, margin=1.0, soft=False, distance="euclidean", roundtrip=False):
    settings = {"margin": margin, "soft": soft, "distance_metric": DISTANCES[distance]}
    return triplet_class(tfa.losses.TripletHardLoss, embeddings, labels, roundtrip, **settings)


@implements("triplet_hard", call="tfa.losses.triplet_hard_loss", **NORM_FLOOR)
def triplet_hard(embeddings, labels, *, margin=1.0, soft=False, distance="euclidean"):
    settings = {"margin": margin, "soft": soft, "distance_metric": DISTANCES[distance]}
    return tfa.losses.triplet_hard_loss(labels, embeddings, **settings)


def one_hot_rows(scores, labels):
    """Rows of 0 and 1 in the dtype of the scores. A label that is no class has a row of zeros: the loss takes rows."""
    return tf.one_hot(labels, scores.shape[-1], dtype=scores.dtype)


@implements("sparsemax", call="tfa.losses.SparsemaxLoss", dtypes=("float64", "float32"))
def sparsemax_class(scores, labels, *, weights=None, reduction="none", roundtrip=False):
    if reduction not in REDUCTIONS:
        raise Unsupported("tf.keras.losses.Reduction has no '{}'".format(reduction))
    loss = tfa.losses.SparsemaxLoss(reduction=REDUCTIONS[reduction])
    if roundtrip:
        loss = type(loss).from_config(loss.get_config())
    return loss(one_hot_rows(scores, labels), scores, sample_weight=weights)


@implements("sparsemax", call="tfa.losses.sparsemax_loss", dtypes=("float64", "float32"))
def sparsemax(scores, labels, *, reduction="none"):
    if reduction != "none":
        raise Unsupported("tfa.losses.sparsemax_loss has no reductions; the class has")
    return tfa.losses.sparsemax_loss(scores, tfa.activations.sparsemax(scores), one_hot_rows(scores, labels))


adapter = TensorFlowAdapter(
    "tensorflow-addons",
    table,
    library=("tensorflow-addons", tfa.__version__),
    companions={"tensorflow-addons": tfa.__version__},
)
