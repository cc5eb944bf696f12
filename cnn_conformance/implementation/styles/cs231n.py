"""Functions with caches, as in the assignments of Stanford's CS231n.

`out, cache = affine_forward(x, w, b)` and `dx, dw, db = affine_backward(dout, cache)`, and so on;
`loss, dx = softmax_loss(x, y)` for labels; `next_w, config = adam(w, dw, config)`. The weights of
the affine layer are (inputs, outputs); strides and paddings are one number for rows and columns.
Of several variants of a function (`_naive`, `_fast`, `_strides`, `_im2col`) the first is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from cnn_conformance.implementation.styles import _cs231n_layers as layers
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._units import Optimizer
from cnn_conformance.implementation.styles._wrapped import Cached, LabelLoss

EXPORTS = (
    *("affine_forward(x, w, b)", "affine_backward(dout, cache)"),
    *("relu_forward(x)", "relu_backward(dout, cache)", "softmax_loss(x, y)", "svm_loss(x, y)"),
    *("conv_forward_naive", "conv_forward_fast", "conv_forward_im2col", "conv_forward_strides"),
    *("max_pool_forward_naive", "max_pool_forward_fast", "max_pool_forward_reshape"),
    *("spatial_batchnorm_forward", "batchnorm_forward", "layernorm_forward"),
    *("spatial_groupnorm_forward", "dropout_forward(x, dropout_param)"),
    *("rnn_forward(x, h0, Wx)", "lstm_forward(x, h0, Wx)"),
    *("sgd(w, dw, config)", "sgd_momentum(w, dw, config)"),
    *("rmsprop(w, dw, config)", "adam(w, dw, config)"),
)
VARIANTS = ("_naive", "_fast", "_strides", "_im2col", "_reshape", "")


LAYERS = {
    "Dense": (layers.Dense, "affine"),
    "ReLU": (Cached, "relu"),
    "Conv2D": (layers.Conv2D, "conv"),
    "MaxPool2D": (layers.MaxPool2D, "max_pool"),
    "BatchNorm2D": (layers.BatchNorm2D, "spatial_batchnorm"),
    "BatchNorm1D": (layers.BatchNorm1D, "batchnorm"),
    "LayerNorm": (layers.LayerNorm, "layernorm"),
    "GroupNorm": (layers.GroupNorm, "spatial_groupnorm"),
    "Dropout": (layers.Dropout, "dropout"),
    "RNN": (layers.RNN, "rnn"),
    "LSTM": (layers.LSTM, "lstm"),
}
LOSSES = {"SoftmaxCrossEntropy": "softmax_loss", "Hinge": "svm_loss"}
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
    for unit, name in LOSSES.items():
        if name in foreign:
            units[unit] = type(unit, (LabelLoss,), {"function": staticmethod(foreign[name])})
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
