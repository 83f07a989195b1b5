"""The formulas of the four documents as they print them, in NumPy at the dtype under test, faults included.

A reader who copies a formula from a page becomes an implementer; this adapter is that reader. What a page
writes as a clip or an added epsilon is a contract. What it gets wrong (a product for a power, an argmax over
the wrong axis, the weight of the predicted class for that of the label) is no contract: it diverges, and the
records say why.

    binary_multiclass_loss         000_291929ba6fde3925.txt
    cross_entropy_and_focal_loss   001_0f1598462e5db52b.txt
    tensorflow_losses              003_d0919227b778dc91.txt
    class_weighted_segmentation    004_718a8957b5f221a1.txt

The pages print code for other libraries. Library calls in it (a sigmoid, a softmax cross-entropy) are written
here in their stable form: the page's own arithmetic is judged, not the library's. Only NumPy is needed;
bfloat16, which NumPy does not have, is not offered.
"""

import numpy as np

from conformance.worker.adapter import Adapter, Implementations, Unsupported
from conformance.worker.arrays import of_numpy

table = Implementations()

SCRIPT = {
    "imports": "import numpy as np",
    "array": "np.array({literal}, np.{dtype})",
    "labels": "np.array({literal}, np.int64)",
    "printing": "np.set_printoptions(precision={digits})",
    "value": "print({function}({arguments}))",
    # One page alone prints a gradient: that of the cross-entropy of a softmax, p - y.
    "gradient": "grown = np.exp({wrt} - {wrt}.max(-1, keepdims=True))\n"
    "print(grown / grown.sum(-1, keepdims=True) - targets)",
    "modes": {},
}


def constant(value, like):
    """A Python number in the dtype of an array, so that it widens nothing on any NumPy."""
    return like.dtype.type(value)


def sigmoid(x):
    """1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(x))
    one = constant(1, x)
    return np.where(x >= 0, one / (one + small), small / (one + small))


def log_softmax(x, axis=-1):
    """x - log(sum(exp(x))) along an axis, shifted by the maximum."""
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def one_hot(labels, classes, dtype):
    """Rows of 0 and 1; a label outside the classes gives a row of zeros."""
    return (labels[..., None] == np.arange(classes)).astype(dtype)


def smoothed(targets, amount, classes):
    """(1 - amount) targets + amount / classes, at the dtype of the targets."""
    if not amount:
        return targets
    return targets * constant(1.0 - amount, targets) + constant(amount / classes, targets)


def reduced(losses, reduction, weights=None, offered=("none", "sum", "mean", "mean_last_axis", "batch_mean")):
    """From losses to one number; raises Unsupported for a reduction that the page does not print."""
    if reduction not in offered:
        raise Unsupported("the page prints no reduction '{}'".format(reduction))
    if weights is not None:
        losses = losses * weights
    if reduction == "none":
        return losses
    if reduction == "sum":
        return np.sum(losses)
    if reduction == "mean":
        return np.mean(losses)
    if reduction == "mean_last_axis":
        return np.mean(losses, axis=-1)
    if reduction == "batch_mean":
        return np.mean(np.sum(losses.reshape(len(losses), -1), axis=1))
    counted = np.broadcast_to(weights if weights is not None else constant(1, losses), losses.shape)
    return np.sum(losses) / constant(np.count_nonzero(counted), losses)


# 000_291929ba6fde3925.txt


@table.implements(
    "sigmoid_focal_loss",
    call="published.binary_multiclass_loss.focal_loss_sigmoid",
    contract={"clip": (1e-14, 1.0)},
    documented="000_291929ba6fde3925.txt, focal_loss_sigmoid: tf.log of tf.maximum(y_pred, 1e-14)",
    differentiable=False,
)
def focal_loss_sigmoid(logits, targets, *, alpha=None, gamma=2.0, reduction="none"):
    """The page's alpha weighs the negatives: it is 1 - alpha. The positive factor is a product with gamma."""
    if alpha is None:
        raise Unsupported("the page's function always weighs with alpha")
    p, one, floor = sigmoid(logits), constant(1, logits), constant(1e-14, logits)
    on_positives, on_negatives = constant(alpha, logits), constant(1.0 - alpha, logits)
    power = constant(gamma, logits)
    positive = targets * on_positives * ((one - p) * power) * np.log(np.maximum(p, floor))
    negative = (one - targets) * on_negatives * (p**power) * np.log(np.maximum(one - p, floor))
    return reduced(-positive - negative, reduction)


@table.implements(
    "softmax_focal_loss", call="published.binary_multiclass_loss.focal_loss_softmax", differentiable=False
)
def focal_loss_softmax(logits, labels, *, gamma=2.0, reduction="none"):
    """-(1 - p)^gamma log p of the label's class, the zeros of the one-hot row summed with it."""
    p = np.exp(log_softmax(logits))
    hot = one_hot(labels, p.shape[-1], p.dtype)
    losses = -hot * ((constant(1, p) - p) ** constant(gamma, p)) * np.log(p)
    return reduced(np.sum(losses, axis=-1), reduction)


@table.implements(
    "softmax_cross_entropy",
    call="published.binary_multiclass_loss.sparse_softmax_cross_entropy",
    differentiable=False,
)
def sparse_softmax_cross_entropy(logits, targets, *, class_weights=None, reduction="none"):
    """Labels are the argmax of the one-hot rows over axis 0; weights are gathered by them."""
    if class_weights is None:
        raise Unsupported("the page gathers class weights by label")
    offered = ("none", "sum", "mean", "nonzero_weight_mean")
    if reduction not in offered:
        raise Unsupported("the page prints no reduction '{}'".format(reduction))
    labels = np.argmax(targets, axis=0)
    if labels.shape != logits.shape[:-1]:
        raise ValueError("labels of shape {} for logits of shape {}".format(labels.shape, logits.shape))
    losses = -np.take_along_axis(log_softmax(logits), labels[..., None], axis=-1)[..., 0]
    return reduced(losses, reduction, class_weights[labels], offered)


# 001_0f1598462e5db52b.txt


@table.implements(
    "binary_cross_entropy",
    call="published.cross_entropy_and_focal_loss.binary_crossentropy",
    contract={"clip": (1e-7, 1 - 1e-7), "shift": 1e-7},
    documented="001_0f1598462e5db52b.txt, K.binary_crossentropy: clip_by_value, then log(output + epsilon())",
    differentiable=False,
)
def binary_crossentropy(probabilities, targets, *, label_smoothing=0.0, reduction="none"):
    """The listing ends in the middle of its last word; it is read as the negative of the sum."""
    one, epsilon = constant(1, probabilities), constant(1e-7, probabilities)
    targets = smoothed(targets, label_smoothing, 2)
    output = np.clip(probabilities, epsilon, one - epsilon)
    losses = targets * np.log(output + epsilon) + (one - targets) * np.log(one - output + epsilon)
    return reduced(-losses, reduction, offered=("none", "sum", "mean", "mean_last_axis"))


@table.implements(
    "binary_cross_entropy_with_logits",
    call="published.cross_entropy_and_focal_loss.sigmoid_cross_entropy_with_logits",
    differentiable=False,
)
def sigmoid_cross_entropy_with_logits(logits, targets, *, label_smoothing=0.0, reduction="none"):
    """max(x, 0) - x z + log(1 + exp(-|x|)), as the page's code selects the branches."""
    targets = smoothed(targets, label_smoothing, 2)
    rising = logits >= 0
    relu = np.where(rising, logits, constant(0, logits))
    negative = np.where(rising, -logits, logits)
    losses = relu - logits * targets + np.log1p(np.exp(negative))
    return reduced(losses, reduction, offered=("none", "sum", "mean", "mean_last_axis"))


@table.implements(
    "binary_cross_entropy_with_logits",
    call="published.cross_entropy_and_focal_loss.logistic_loss",
    differentiable=False,
)
def logistic_loss(logits, targets, *, reduction="none"):
    """The first line of the page's derivation: z (-log σ(x)) + (1 - z) (-log(1 - σ(x)))."""
    p, one = sigmoid(logits), constant(1, logits)
    return reduced(targets * -np.log(p) + (one - targets) * -np.log(one - p), reduction)


@table.implements(
    "binary_cross_entropy_with_logits",
    call="published.cross_entropy_and_focal_loss.logistic_loss_collected",
    differentiable=False,
)
def logistic_loss_collected(logits, targets, *, reduction="none"):
    """The last line of the page's derivation before it avoids overflow: x - x z + log(1 + exp(-x))."""
    one = constant(1, logits)
    return reduced(logits - logits * targets + np.log(one + np.exp(-logits)), reduction)


@table.implements(
    "binary_cross_entropy_with_logits",
    call="published.cross_entropy_and_focal_loss.logistic_loss_for_negative_logits",
    differentiable=False,
)
def logistic_loss_for_negative_logits(logits, targets, *, reduction="none"):
    """The page's form for x below 0, -x z + log(1 + exp(x)), here for every x."""
    one = constant(1, logits)
    return reduced(-logits * targets + np.log(one + np.exp(logits)), reduction)


@table.implements(
    "categorical_cross_entropy",
    call="published.cross_entropy_and_focal_loss.categorical_crossentropy",
    contract={"normalise": True, "clip": (1e-7, 1 - 1e-7)},
    documented="001_0f1598462e5db52b.txt, K.categorical_crossentropy: scaled to sum to 1, then clip_by_value",
    differentiable=False,
)
def categorical_crossentropy(probabilities, targets, *, axis=-1, label_smoothing=0.0, weights=None, reduction="none"):
    """The page counts the classes of smoothed labels along axis 1, whatever the rank."""
    if label_smoothing:
        targets = smoothed(targets, label_smoothing, targets.shape[1])
    output = probabilities / np.sum(probabilities, axis=axis, keepdims=True)
    one, epsilon = constant(1, output), constant(1e-7, output)
    output = np.clip(output, epsilon, one - epsilon)
    losses = -np.sum(targets * np.log(output), axis=axis)
    return reduced(losses, reduction, weights, ("none", "sum", "mean"))


@table.implements("smooth_labels", call="published.cross_entropy_and_focal_loss.label_smooth", differentiable=False)
def label_smooth(targets, *, alpha=0.0):
    """(1 - α) y + α / K."""
    return smoothed(targets, alpha, targets.shape[-1])


@table.implements(
    "softmax_cross_entropy",
    call="published.cross_entropy_and_focal_loss.softmax_cross_entropy",
    contract={"unnormalised_gradient": True},
    documented="001_0f1598462e5db52b.txt, label smooth: the gradient by the logits is p - y",
)
def softmax_cross_entropy(logits, targets, *, label_smoothing=0.0, reduction="none"):
    """-Σ y log p for p the softmax of the logits and smoothed y; the page states its gradient, p - y."""
    targets = smoothed(targets, label_smoothing, targets.shape[-1])
    losses = -np.sum(targets * log_softmax(logits), axis=-1)
    return reduced(losses, reduction, offered=("none", "sum", "mean"))


# 003_d0919227b778dc91.txt


@table.implements("binary_cross_entropy", call="published.tensorflow_losses.bce_loss_manual", differentiable=False)
def bce_loss_manual(probabilities, targets, *, reduction="none"):
    """-(y log p + (1 - y) log(1 - p)), with nothing done about a logarithm of 0."""
    one = constant(1, probabilities)
    losses = -one * (targets * np.log(probabilities) + (one - targets) * np.log(one - probabilities))
    return reduced(losses, reduction)


@table.implements("categorical_cross_entropy", call="published.tensorflow_losses.cce_loss_manual", differentiable=False)
def cce_loss_manual(probabilities, targets, *, reduction="none"):
    """-y log p summed over the classes, with nothing done about a logarithm of 0."""
    losses = -targets * np.log(probabilities)
    return reduced(np.sum(losses, axis=-1), reduction, offered=("none", "sum", "mean"))


@table.implements(
    "sparse_categorical_cross_entropy",
    call="published.tensorflow_losses.scce_loss_manual",
    differentiable=False,
)
def scce_loss_manual(probabilities, labels, *, reduction="none"):
    """A loop that adds -log of the label's probability; a negative index counts from the end."""
    rows = probabilities.reshape(-1, probabilities.shape[-1])
    losses = [-np.log(row[label]) for row, label in zip(rows, labels.ravel())]
    losses = np.array(losses, probabilities.dtype).reshape(labels.shape)
    if reduction == "mean":
        total = constant(0, losses)
        for loss in losses.ravel():
            total = total + loss
        return total / constant(losses.size, losses)
    return reduced(losses, reduction, offered=("none", "sum", "mean"))


@table.implements("categorical_accuracy", call="published.tensorflow_losses.categorical_accuracy", differentiable=False)
def categorical_accuracy(probabilities, targets, *, reduction="none"):
    """The share of rows whose largest probability is at the class of the one-hot row."""
    hits = np.argmax(probabilities, axis=-1) == np.argmax(targets, axis=-1)
    return reduced(hits.astype(probabilities.dtype), reduction, offered=("none", "sum", "mean"))


@table.implements(
    "sparse_categorical_accuracy",
    call="published.tensorflow_losses.sparse_categorical_accuracy",
    differentiable=False,
)
def sparse_categorical_accuracy(probabilities, labels, *, reduction="none"):
    """The share of rows whose largest probability is at the label."""
    hits = np.argmax(probabilities, axis=-1) == labels
    return reduced(hits.astype(probabilities.dtype), reduction, offered=("none", "sum", "mean"))


# 004_718a8957b5f221a1.txt


def scaled_by_predicted_class(logits, targets, class_weights):
    """Logits times the weight of their own argmax, then softmax cross-entropy, pixel by pixel."""
    predictions = np.argmax(logits, axis=-1)
    mask = np.zeros(predictions.shape, logits.dtype)
    for index in range(logits.shape[-1]):
        mask = mask + (predictions == index).astype(logits.dtype) * class_weights[index]
    return -np.sum(targets * log_softmax(logits * mask[..., None]), axis=-1)


@table.implements(
    "softmax_cross_entropy",
    call="published.class_weighted_segmentation.weighted_cross_entropy",
    dtypes=("float32",),  # the page's code casts everything to float32
    differentiable=False,
)
def weighted_cross_entropy(logits, targets, *, class_weights=None, reduction="none"):
    """What the page's question takes for class-weighted cross-entropy."""
    if class_weights is None:
        raise Unsupported("the page's function needs class weights")
    losses = scaled_by_predicted_class(logits, targets, class_weights)
    return reduced(losses, reduction, offered=("none", "sum", "mean"))


@table.implements(
    "predicted_class_weighted_cross_entropy",
    call="published.class_weighted_segmentation.weighted_cross_entropy",
    dtypes=("float32",),
    differentiable=False,
)
def predicted_class_weighted_cross_entropy(logits, targets, class_weights, *, reduction="none"):
    """The same code under a name that says what it computes."""
    losses = scaled_by_predicted_class(logits, targets, class_weights)
    return reduced(losses, reduction, offered=("none", "sum", "mean"))


@table.implements(
    "class_weighted_pixelwise_cross_entropy",
    call="published.class_weighted_segmentation.class_weighted_pixelwise_crossentropy",
    contract={"clip": (1e-7, 1 - 1e-7)},
    documented="004_718a8957b5f221a1.txt: tf.clip_by_value(output, 10e-8, 1.-10e-8)",
    differentiable=False,
)
def class_weighted_pixelwise_crossentropy(probabilities, targets, class_weights, *, reduction="none"):
    """-Σ target · weight · log(output) over everything: the page's answer returns a sum and nothing else."""
    if reduction != "sum":
        raise Unsupported("the page's function returns a sum")
    output = np.clip(probabilities, constant(10e-8, probabilities), constant(1.0 - 10e-8, probabilities))
    return -np.sum(targets * class_weights * np.log(output))


@table.implements(
    "categorical_cross_entropy",
    call="published.class_weighted_segmentation.crossentropy_matrix",
    differentiable=False,
)
def crossentropy_matrix(probabilities, targets, *, reduction="none"):
    """-Σ target · log(output) over the classes, and over everything: the page's check."""
    if reduction == "sum":
        return -np.sum(targets * np.log(probabilities))
    return reduced(-np.sum(targets * np.log(probabilities), axis=-1), reduction, offered=("none",))


class Published(Adapter):
    """NumPy arrays in, NumPy arrays out; nothing compiles, and one formula has a printed gradient."""

    dtypes = ("float64", "float32", "float16")

    def environment(self):
        return {"framework": "numpy", "version": np.__version__, "devices": ["cpu"], "switches": {}}

    def put(self, array):
        return np.array(array.storage)

    def take(self, tensor):
        return of_numpy(np.asarray(tensor)), "cpu"

    def evaluate(self, row, inputs, parameters, mode):
        with np.errstate(all="ignore"):
            return row.function(**dict(inputs, **parameters))

    def differentiate(self, row, inputs, parameters, mode, wrt, cotangent):
        """p - y times the cotangent of each row; raises Unsupported where the value does."""
        self.evaluate(row, inputs, parameters, mode)
        logits, targets = inputs["logits"], inputs["targets"]
        with np.errstate(all="ignore"):
            targets = smoothed(targets, parameters.get("label_smoothing", 0.0), targets.shape[-1])
            gradient = np.exp(log_softmax(logits)) - targets
            if parameters.get("reduction", "none") == "mean":
                gradient = gradient / constant(max(1, gradient[..., 0].size), gradient)
            elif cotangent is not None:
                gradient = gradient * cotangent[..., None]
        return {"logits": gradient}


adapter = Published("published", table)
