"""Windows as strided views, results as whatever view or order the arithmetic leaves.

Everything is `sliding_window_view`, `einsum` and `tensordot`. Nothing is copied to make a result
tidy: outputs may be transposed, broadcast, in Fortran order or read-only (frozen on purpose, so
that no one changes what a layer still needs), as the contract wants arrays and not a layout. The
losses return a numpy scalar (SoftmaxCrossEntropy) and an array of shape () (MSE): both are
floats.
"""

from .layers import (
    ELU,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    GlobalMaxPool2D,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from .training import MSE, SGD, Sequential, SoftmaxCrossEntropy, evaluate, fit, predict
from .windows import AvgPool2D, Conv2D, MaxPool2D
