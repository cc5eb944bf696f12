"""Returns arrays with negative and zero strides, and one that claims more memory than it has."""

import itertools

import numpy as np
import wrong
from numpy.lib.stride_tricks import as_strided
from wrong import ReLU

MAKERS = itertools.cycle(
    [
        lambda y: y[::-1, ::-1],
        lambda y: as_strided(y, y.shape, (0, 0)),
        lambda y: as_strided(y, (1 << 20, 1 << 20), (0, 0)),
    ]
)


class Dense(wrong.Dense):
    def forward(self, x):
        y = super().forward(x)
        if "bias" in self.params:
            print("reached")
            return next(MAKERS)(y)
        return y

    def backward(self, dout):
        dx = super().backward(dout)
        self.grads["weight"] = next(MAKERS)(self.grads["weight"])
        return dx
