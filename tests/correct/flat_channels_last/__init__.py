"""Channels last inside, PyTorch's layout outside; parameters in one flat vector per layer.

Images are turned to (N, H, W, C) for the arithmetic and results are handed back as transposed
views. Each layer owns one float64 vector for its parameters and one for their gradients (a kernel
lies there as KH, KW, C, K); `params` and `grads` are properties that build a fresh dict of
writable views at each access, so parameters are set by writing into their arrays, and an entry
that is replaced is not kept ("where `params` keeps what is put into it"). The arithmetic is in
the dtype of x. Gradients are overwritten where they lie, and `buffers` is a snapshot of private
statistics.
"""

from .layers import (
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAvgPool2D,
    GlobalMaxPool2D,
    MaxPool2D,
    ReLU,
)
from .training import MSE, SGD, Sequential, SoftmaxCrossEntropy, evaluate, fit, predict
