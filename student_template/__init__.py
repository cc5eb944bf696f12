"""A convolutional network in numpy: yours to write."""

from .conv2d import Conv2D
from .dense import Dense
from .flatten import Flatten
from .layer import Layer
from .maxpool2d import MaxPool2D
from .mse import MSE
from .relu import ReLU
from .sequential import Sequential
from .sgd import SGD
from .softmaxcrossentropy import SoftmaxCrossEntropy
from .training import evaluate, fit, predict

__all__ = [
    "MSE",
    "SGD",
    "Conv2D",
    "Dense",
    "Flatten",
    "Layer",
    "MaxPool2D",
    "ReLU",
    "Sequential",
    "SoftmaxCrossEntropy",
    "evaluate",
    "fit",
    "predict",
]
