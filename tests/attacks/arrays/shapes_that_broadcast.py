"""Returns scalars, (1,), zero-size and one-row arrays, which broadcast to the right shape."""

import itertools

import numpy as np
import wrong
from wrong import ReLU

SHAPES = itertools.cycle([(), (1,), (1, 1), (0,), (0, 1), (1, 1, 1, 1)])


class Dense(wrong.Dense):
    def forward(self, x):
        y = super().forward(x)
        if "bias" in self.params:
            print("reached")
            return np.zeros(next(SHAPES))
        return y

    def backward(self, dout):
        dx = super().backward(dout)
        self.grads["weight"] = np.zeros(next(SHAPES))
        return dx
