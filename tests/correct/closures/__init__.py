"""Layers, losses and optimizers as functions that return objects made of closures.

`Conv2D(3, 8, 3)` calls a function, and what it returns is a namespace with the attributes that
the contract asks for; its state is in the variables that `forward` and `backward` share.
Activations are `functools.partial`s of one function. An implementation exports names that are
called like this; that they be classes is nowhere said. Optimizers keep their state in lists, by
the position that a key got when it was first seen, so that the order of later dicts does not
matter.
"""

from .layers import (
    ELU,
    AvgPool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    GlobalMaxPool2D,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from .training import (
    MSE,
    SGD,
    AdaGrad,
    Adam,
    RMSprop,
    Sequential,
    SoftmaxCrossEntropy,
    evaluate,
    fit,
    predict,
)
