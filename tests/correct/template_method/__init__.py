"""Abstract base classes with template methods, mixins, slots and a registry.

`forward` and `backward` are written once: they check, keep what is needed and call the hooks
`_forward(x) -> (y, context)` and `_backward(dout, context) -> (dx, grads)` of the class. Mixins
add the checks of images or rows, `__slots__` forbids any other attribute, and `REGISTRY` lists
all units. Losses and optimizers are dataclasses with slots, so they compare by value (and have no
hash).
"""

from .layers import (
    ELU,
    RNN,
    BatchNorm2D,
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
from .windows import AvgPool2D, Conv2D, MaxPool2D
