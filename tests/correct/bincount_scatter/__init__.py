"""Index arrays: windows are gathered with `take` and scattered with `np.bincount`.

An image is a row of pixels, padding is one more pixel at its end, so convolution and pooling need
a single table of indices, cached for each size of image. Parameters are plain attributes that
`params` collects into a dict at each access; gradients likewise. Everything is computed as
float64 and handed out in the dtype of the input. Optimizers keep their state in one flat vector,
in which every key has a slice from the first step that has the key.
"""

from .layers import (
    AvgPool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    GlobalMaxPool2D,
    MaxPool2D,
    ReLU,
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
