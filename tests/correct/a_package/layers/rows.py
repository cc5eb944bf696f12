"""Layers for rows, and for anything."""

import numpy as np

from .base import Layer, ShapeError


class Dense(Layer):
    __slots__ = ("in_features",)

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.in_features = in_features
        self.params["weight"] = np.random.triangular(-1, 0, 1, (out_features, in_features))
        self.params |= {"bias": np.zeros(out_features)} if bias else {}

    def forward(self, x):
        self.check_rank(x, 2)
        if x.shape[1] != self.in_features:
            raise ShapeError(f"Dense: rows of {x.shape[1]} instead of {self.in_features}")
        y = np.inner(x, self.params["weight"])
        if "bias" in self.params:
            y = y + self.params["bias"]
        self.cache = {"x": x, "shape": y.shape}
        return y

    def backward(self, dout):
        x = self.recall(dout)["x"]
        grads = {"weight": dout.T.dot(x), "bias": dout.sum(0)}
        self.grads = {name: grads[name] for name in self.params}
        return dout.dot(self.params["weight"])


class Flatten(Layer):
    __slots__ = ()

    def forward(self, x):
        if x.ndim < 2:
            raise ShapeError(f"Flatten expects at least 2-d input, got {x.ndim}-d")
        y = np.ascontiguousarray(x).reshape(x.shape[0], -1)
        self.cache = {"x": x.shape, "shape": y.shape}
        return y

    def backward(self, dout):
        return dout.reshape(self.recall(dout)["x"])


class ReLU(Layer):
    __slots__ = ()

    def forward(self, x):
        y = (x + abs(x)) / 2
        self.cache = {"on": np.heaviside(x, 0).astype(x.dtype), "shape": y.shape}
        return y

    def backward(self, dout):
        return self.recall(dout)["on"] * dout
