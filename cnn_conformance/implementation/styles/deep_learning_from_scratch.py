"""Classes as in the book "Deep Learning from Scratch" by Saitoh, volumes 1 and 2.

A layer is made with its weights, `Affine(W, b)` and `Convolution(W, b, stride, pad)`, and has their
gradients in `dW` and `db` or, in volume 2, in the list `grads`. Optimizers have
`update(params, grads)`, with dicts or lists. The weights of `Affine` are (inputs, outputs); strides
and paddings are one number for rows and columns. `BatchNormalization` is not translated: it
normalizes features, not channels.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from typing import Any

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _from_scratch_layers as layers
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._wrapped import Wrapped, WrappedLoss, classes

EXPORTS = (
    *("Affine(W, b)", "Convolution(W, b)", "Pooling(pool_h, pool_w)", "TimeRNN(Wx, Wh, b)"),
    *("TimeLSTM(Wx, Wh, b)", "TimeEmbedding(W)"),
    *("Relu.backward(dout)", "SoftmaxWithLoss.forward(x, t)", "Dropout.forward(x, train_flg)"),
    *(f"{name}.update(params, grads)" for name in ("SGD", "Momentum", "AdaGrad", "Adam")),
    *("RMSprop.update(params, grads)", "RMSProp.update(params, grads)"),
)
ALSO = "Sigmoid", "Softmax", "RNN", "Embedding"


class Optimizer:
    """An optimizer whose `update` takes dicts, or lists if it goes by number."""

    def __init__(self, foreign: Any) -> None:
        self.foreign = foreign
        self.takes_lists = "range(" in inspect.getsource(type(foreign).update)

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        if self.takes_lists:
            names = sorted(params)
            self.foreign.update([params[n] for n in names], [grads[n] for n in names])
        else:
            self.foreign.update(params, grads)


UNITS: dict[str, tuple[Any, ...]] = {
    "Dense": (layers.Dense, "Affine"),
    "Conv2D": (layers.Conv2D, "Convolution"),
    "MaxPool2D": (layers.MaxPool2D, "Pooling"),
    "ReLU": (Wrapped, "Relu"),
    "Sigmoid": (Wrapped, "Sigmoid"),
    "Softmax": (Wrapped, "Softmax"),
    "Dropout": (layers.Dropout, "Dropout"),
    "RNN": (layers.RNN, "TimeRNN"),
    "LSTM": (layers.LSTM, "TimeLSTM"),
    "Embedding": (layers.Embedding, "TimeEmbedding", "Embedding"),
    "SoftmaxCrossEntropy": (WrappedLoss, "SoftmaxWithLoss"),
}
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "AdaGrad": {"lr": "lr"},
    "RMSprop": {"lr": "lr", "alpha": "decay_rate"},
    "Adam": {"lr": "lr", "betas": ("beta1", "beta2")},
}


def translate(foreign: Mapping[str, Any]) -> dict[str, object]:
    """Return the units that there are classes for."""
    units = classes(UNITS, foreign)
    if {"SGD", "Momentum"} & set(foreign):
        momentum = {"momentum": "momentum"} if "Momentum" in foreign else {}
        units["SGD"] = _units.optimizer("SGD", partial(sgd, foreign), lr="lr", **momentum)
    for unit, names in OPTIMIZERS.items():
        name = unit if unit in foreign else unit.replace("prop", "Prop")
        if name in foreign:
            make = partial(wrapped, foreign[name])
            units[unit] = _units.optimizer(unit, make, **names)
    return units


def sgd(foreign: Mapping[str, Any], **settings: Any) -> Optimizer:
    is_plain = "SGD" in foreign and not settings.get("momentum")
    return wrapped(foreign["SGD" if is_plain else "Momentum"], **settings)


def wrapped(foreign: Any, **settings: Any) -> Optimizer:
    return Optimizer(foreign(**settings))
