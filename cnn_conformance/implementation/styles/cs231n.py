"""Functions with caches, as in the assignments of Stanford's CS231n.

`out, cache = affine_forward(x, w, b)` and `dx, dw, db = affine_backward(dout, cache)`, and so on;
`loss, dx = softmax_loss(x, y)` for labels; `next_w, config = adam(w, dw, config)`. The weights of
the affine layer are (inputs, outputs); strides and paddings are one number for rows and columns.
Of several variants of a function (`_naive`, `_fast`, `_strides`, `_im2col`) the first is taken.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._units import Optimizer
from cnn_conformance.implementation.styles._wrapped import Cached, LabelLoss

EXPORTS = (
    *("affine_forward(x, w, b)", "affine_backward(dout, cache)"),
    *("relu_forward(x)", "relu_backward(dout, cache)", "softmax_loss(x, y)", "svm_loss(x, y)"),
    *("conv_forward_naive", "conv_forward_fast", "conv_forward_im2col", "conv_forward_strides"),
    *("max_pool_forward_naive", "max_pool_forward_fast", "max_pool_forward_reshape"),
    *("spatial_batchnorm_forward", "batchnorm_forward", "layernorm_forward"),
    *("dropout_forward(x, dropout_param)", "rnn_forward(x, h0, Wx)"),
    *("sgd(w, dw)", "sgd_momentum(w, dw)", "rmsprop(w, dw)", "adam(w, dw)"),
)
VARIANTS = ("_naive", "_fast", "_strides", "_im2col", "_reshape", "")


class Weighted(Cached):
    """A layer whose `backward` returns dx and the gradients of a weight and a bias."""

    def backward(self, dout: Array) -> Any:
        dx, dw, db = super().backward(dout)
        self.keep(weight=dw.T if isinstance(self, Dense) else dw, bias=db)
        return dx


class Dense(Weighted, _units.Dense):
    def forward(self, x: Array) -> Any:
        return super().forward(x, self.params["weight"].T, self.bias)


class Conv2D(Weighted, _units.Conv2D):
    one_number = ("stride", "padding")

    def forward(self, x: Array) -> Any:
        conv_param = {"stride": self.stride, "pad": self.padding}
        return super().forward(x, self.params["weight"], self.bias, conv_param)


class MaxPool2D(Cached, _units.Pool):
    one_number = ("stride",)

    def forward(self, x: Array) -> Any:
        height, width = self.kernel_size
        pool_param = {"pool_height": height, "pool_width": width, "stride": self.stride}
        return super().forward(x, pool_param)


class BatchNorm2D(Weighted, _units.BatchNorm2D):
    def forward(self, x: Array) -> Any:
        mode = "train" if self.training else "test"
        self.state |= {"mode": mode, "eps": self.eps, "momentum": 1 - self.momentum}
        return super().forward(x, self.params["weight"], self.params["bias"], self.state)


class LayerNorm(Weighted, _units.LayerNorm):
    def forward(self, x: Array) -> Any:
        gamma, beta = (p.reshape(-1) for p in self.params.values())
        rows = x.reshape(-1, max(1, gamma.size))  # of several axes, or of sequences, too
        return super().forward(rows, gamma, beta, {"eps": self.eps}).reshape(x.shape)

    def backward(self, dout: Array) -> Any:
        shapes = {name: p.shape for name, p in self.params.items()}
        dx = super().backward(dout.reshape(-1, math.prod(shapes["weight"])))
        self.keep(**{name: self.grads[name].reshape(shapes[name]) for name in shapes})
        return dx.reshape(dout.shape)


class Dropout(Cached, _units.Dropout):
    """The course's p was the share that is dropped, and since 2018 is the share that is kept."""

    def forward(self, x: Array) -> Any:
        is_dropped = "drop each" in (inspect.getdoc(self.functions[0]) or "")
        mode = "train" if self.training else "test"
        return super().forward(x, {"p": self.p if is_dropped else 1 - self.p, "mode": mode})


class RNN(Cached, _units.RNN):
    def forward(self, x: Array) -> Any:
        wx, wh, *biases = self.params.values()
        h0 = np.zeros((len(x), len(wh)), x.dtype)
        return super().forward(x, h0, wx.T, wh.T, biases[0] + biases[1])

    def backward(self, dout: Array) -> Any:
        dx, _, dwx, dwh, db = super().backward(dout)
        self.keep(weight_ih_l0=dwx.T, weight_hh_l0=dwh.T, bias_ih_l0=db, bias_hh_l0=db)
        return dx


LAYERS = {
    "Dense": (Dense, "affine"),
    "ReLU": (Cached, "relu"),
    "Conv2D": (Conv2D, "conv"),
    "MaxPool2D": (MaxPool2D, "max_pool"),
    "BatchNorm2D": (BatchNorm2D, "spatial_batchnorm"),
    "BatchNorm1D": (BatchNorm2D, "batchnorm"),
    "LayerNorm": (LayerNorm, "layernorm"),
    "Dropout": (Dropout, "dropout"),
    "RNN": (RNN, "rnn"),
}
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "RMSprop": {"lr": "learning_rate", "alpha": "decay_rate", "eps": "epsilon"},
    "Adam": {"lr": "learning_rate", "betas": ("beta1", "beta2"), "eps": "epsilon"},
}


def translate(foreign: Mapping[str, Any]) -> dict[str, object]:
    """Return the units that there are functions for."""
    units: dict[str, object] = {}
    for unit, (layer, name) in LAYERS.items():
        for variant in reversed(VARIANTS):
            pair = [foreign.get(f"{name}_{way}{variant}") for way in ("forward", "backward")]
            if all(pair):
                units[unit] = type(unit, (layer,), {"functions": tuple(pair)})
    if "softmax_loss" in foreign:
        bound = {"function": staticmethod(foreign["softmax_loss"])}
        units["SoftmaxCrossEntropy"] = type("SoftmaxCrossEntropy", (LabelLoss,), bound)
    if {"sgd", "sgd_momentum"} & set(foreign):
        momentum = {"momentum": "momentum"} if "sgd_momentum" in foreign else {}
        units["SGD"] = _units.optimizer(
            "SGD", partial(sgd, foreign), lr="learning_rate", **momentum
        )
    for unit, names in OPTIMIZERS.items():
        if unit.lower() in foreign:
            update = partial(Optimizer, foreign[unit.lower()])
            units[unit] = _units.optimizer(unit, update, **names)
    return units


def sgd(foreign: Mapping[str, Any], **config: Any) -> Optimizer:
    name = "sgd" if "sgd" in foreign and not config.get("momentum") else "sgd_momentum"
    return Optimizer(foreign[name], **config)
