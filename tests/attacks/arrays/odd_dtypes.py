"""Returns objects that compare as equal, complex, longdouble, text, dates and records."""

import itertools

import numpy as np
import wrong
from wrong import ReLU


class Equal(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __abs__ = __sub__
    __hash__ = float.__hash__


def objects(y):
    made = np.empty(y.shape, object)
    made[...] = Equal()
    return made


MAKERS = itertools.cycle(
    [
        objects,
        lambda y: y + 1e300j,
        lambda y: y.astype(np.longdouble) * np.longdouble("1e4000"),
        lambda y: y.astype(str),
        lambda y: y.astype("M8[s]"),
        lambda y: np.zeros(y.shape, [("value", "f8")]),
        lambda y: y.astype(bool),
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
