"""Similarity and contrastive losses, as Optax offers them."""

from conformance.adapters.tables.jax.common import along, implements, optax, reduced

TRIPLET = {
    "contract": {"power_shift": 1e-6},
    "documented": "optax.losses.triplet_margin_loss: eps, 1e-6, is added to the sum of the powers before the root "
    "(source)",
}


def length_floor(dtype):
    """The square of each length is at least the machine epsilon of the dtype."""
    machine = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
    return {"norm_floor": machine[dtype] ** 0.5}


@implements("cosine_similarity", call="optax.losses.cosine_similarity")
def losses_cosine_similarity(predictions, targets, *, axis=-1, weights=None, reduction="none"):
    call = optax.losses.cosine_similarity
    return reduced(call(predictions, targets, **along(call, axis, predictions)), weights, reduction)


@implements("cosine_distance", call="optax.losses.cosine_distance")
def losses_cosine_distance(predictions, targets, *, axis=-1, weights=None, reduction="none"):
    call = optax.losses.cosine_distance
    return reduced(call(predictions, targets, **along(call, axis, predictions)), weights, reduction)


@implements("triplet_margin", call="optax.losses.triplet_margin_loss", **TRIPLET)
def losses_triplet_margin_loss(
    anchors, positives, negatives, *, margin=1.0, p=2, axis=-1, weights=None, reduction="none"
):
    losses = optax.losses.triplet_margin_loss(anchors, positives, negatives, axis=axis, norm_degree=p, margin=margin)
    return reduced(losses, weights, reduction)


@implements(
    "ntxent",
    call="optax.losses.ntxent",
    contract=length_floor,
    documented="optax.losses.ntxent (source): the square of each length is at least the machine epsilon; "
    "google-deepmind/optax#946",
)
def losses_ntxent(embeddings, labels, *, temperature=0.07):
    return optax.losses.ntxent(embeddings, labels, temperature=temperature)
