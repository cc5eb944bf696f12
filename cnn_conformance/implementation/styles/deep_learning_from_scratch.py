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
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._wrapped import Wrapped, WrappedLoss, classes

EXPORTS = (
    *("Affine(W, b)", "Convolution(W, b)", "Pooling(pool_h, pool_w)", "TimeRNN(Wx, Wh, b)"),
    *("Relu.backward(dout)", "SoftmaxWithLoss.forward(x, t)", "Dropout.forward(x, train_flg)"),
    *(f"{name}.update(params, grads)" for name in ("SGD", "Momentum", "AdaGrad", "Adam")),
    *("RMSprop.update(params, grads)", "RMSProp.update(params, grads)"),
)
ALSO = "Sigmoid", "Softmax", "RNN"


class Weighted(Wrapped):
    """A layer that is made with its parameters, and made anew only for those of another dtype."""

    settings: tuple[Any, ...] = ()

    def made(self) -> Any:
        self.dtype = next(iter(self.params.values())).dtype
        return self.foreign(*self.arrays(), *self.settings)

    def put(self) -> None:
        if next(iter(self.params.values())).dtype != self.dtype:
            self.layer = self.made()
        elif isinstance(getattr(self.layer, "params", None), list):
            self.layer.params = self.arrays()
        else:
            super().put()

    def gradients(self) -> list[Any]:
        grads = getattr(self.layer, "grads", None)
        return grads if isinstance(grads, list) else super().gradients()


class Dense(Weighted, _units.Dense):
    transposed = True


class Conv2D(Weighted, _units.Conv2D):
    one_number = ("stride", "padding")

    def made(self) -> Any:
        self.settings = self.stride, self.padding
        return super().made()


class MaxPool2D(Wrapped, _units.Pool):
    one_number, pads = ("stride", "padding"), True

    def made(self) -> Any:
        return self.foreign(*self.kernel_size, self.stride, self.padding)


class Dropout(Wrapped, _units.Dropout):
    def made(self) -> Any:
        return self.foreign(self.p)

    def forward(self, x: Array) -> Any:
        return self.layer.forward(x, self.training)


class RNN(Weighted, _units.RNN):
    weights = ("Wx", "Wh", "b")

    def arrays(self) -> list[Array]:
        wx, wh, *biases = self.params.values()
        return [wx.T, wh.T, biases[0] + biases[1]]

    def take(self, *grads: Any) -> None:
        dwx, dwh, db = grads
        self.keep(weight_ih_l0=dwx.T, weight_hh_l0=dwh.T, bias_ih_l0=db, bias_hh_l0=db)


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
    "Dense": (Dense, "Affine"),
    "Conv2D": (Conv2D, "Convolution"),
    "MaxPool2D": (MaxPool2D, "Pooling"),
    "ReLU": (Wrapped, "Relu"),
    "Sigmoid": (Wrapped, "Sigmoid"),
    "Softmax": (Wrapped, "Softmax"),
    "Dropout": (Dropout, "Dropout"),
    "RNN": (RNN, "TimeRNN"),
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
