"""A convolutional network in numpy: the reference implementation of the kit's specification.

`clear` has every unit as a lecture would show it; this package exports the fast version where
`fast` has one.
"""

from . import clear
from .clear import (
    ELU,
    MSE,
    RNN,
    SGD,
    AdaGrad,
    Adam,
    BatchNorm1D,
    BatchNorm2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    GlobalMaxPool2D,
    Layer,
    LayerNorm,
    LeakyReLU,
    ReLU,
    RMSprop,
    Sequential,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
    evaluate,
    fit,
    predict,
)
from .fast import AvgPool2D, Conv2D, MaxPool2D

__all__ = [
    "ELU",
    "MSE",
    "RNN",
    "SGD",
    "AdaGrad",
    "Adam",
    "AvgPool2D",
    "BatchNorm1D",
    "BatchNorm2D",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "MaxPool2D",
    "RMSprop",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "SoftmaxCrossEntropy",
    "Tanh",
    "clear",
    "evaluate",
    "fit",
    "predict",
]
