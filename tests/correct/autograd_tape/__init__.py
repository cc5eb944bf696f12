"""A tiny autograd under the layer interface.

Every layer and loss says only what it computes, by a dozen operations on `Var`s that know their
own derivative; `forward` runs it and keeps the graph, `backward` walks the graph in reverse as
often as it is asked to. The parameters enter the graph as the arrays they are at `forward`. A
gradient is a mathematical fact, so derivatives from a tape are as right as formulas by hand.
"""

from .layers import (
    ELU,
    RNN,
    AvgPool2D,
    BatchNorm2D,
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
from .training import MSE, SGD, Sequential, SoftmaxCrossEntropy, evaluate, fit, predict
