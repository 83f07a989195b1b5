"""Symbols and references that several families share."""

LOGISTIC = {r"\sigma(x)": "the logistic function 1/(1 + e^(-x))"}
SOFTPLUS = {r"\operatorname{softplus}(x)": "ln(1 + e^x)"}
LABEL = {"k": "labels"}
CLASSES = {"C": "the number of classes"}

GOODFELLOW = "Goodfellow, Bengio & Courville, “Deep Learning”, MIT Press, 2016, "
SZEGEDY = (
    "Szegedy et al., “Rethinking the Inception Architecture for Computer Vision”, 2016, section 7 (label smoothing), "
    "arXiv:1512.00567"
)
