"""Work space that is allocated when first needed, and kept for the next batch of that shape.

Every layer asks its `Workspace` for named scratch arrays (padded image, columns, and so on). Only
what `forward` returns is new each time, as the contract asks; scratch never leaves a layer, but
for AvgPool2D's dx, which its next `backward` overwrites (only the result of `forward` has to stay
as it is). BatchNorm2D keeps its statistics privately; `buffers` shows them as a dict that is
built at each access. Optimizers allocate a state when a step needs it.
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
