"""Hyper-parameters, sizes and flags as numpy scalars; convolutions by FFT.

What a configuration read with numpy gives is np.float64, np.int64 and np.bool_, so such values
are kept as they come and shapes are small integer arrays (errors show them as `[2 5 6]`). As
np.float64 would turn float32 arrays into float64, each is cast to the dtype of x where it is
used. Sums of products go through `np.fft` in float64, which the contract allows by its tolerance.
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
