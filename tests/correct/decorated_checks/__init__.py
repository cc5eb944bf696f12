"""Checks as decorators, optimizer state per key, a network that is a list of its layers.

Shapes are checked by two decorators, `accepts` around every `forward` and `follows_forward`
around every `backward`, so that the bodies hold mathematics only. Optimizers make the state of a
key when they first see it, SGD its velocity with a momentum of 0 too. `Sequential` is a `list`,
as it is nothing but its layers; `layers` is that very list. All are ordinary readings of the
contract.
"""

from .layers import Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU
from .training import MSE, SGD, Adam, Sequential, SoftmaxCrossEntropy, evaluate, fit, predict
