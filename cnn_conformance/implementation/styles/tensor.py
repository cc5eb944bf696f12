"""Tensors that record what is done with them: `data`, `grad`, `backward()`; PyTorch and its like.

A class `Tensor`, `Variable` or `Value`; for each unit a module (`Conv2d`, `Linear`, `MaxPool2d`,
`ReLU`, `CrossEntropyLoss`), a function (`pooling`, `relu`, `softmax_cross_entropy`) or a method of
the tensor, the first of these that there is; `SGD(params, lr)`. Arguments are found by name. A
module's parameters are `weight` and `bias`, or `W` and `b`; the order of the weight's axes is told
by its shape. `dout` goes to `backward` where it takes a gradient; else `(y * dout).sum()` is what
is differentiated.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._front import (
    TENSORS,
    Front,
    Recorded,
    RecordedLoss,
    prepared,
    sizes_of,
    unwrap,
)

EXPORTS = tuple(f"{name}.backward" for name in TENSORS)
UNITS: dict[str, tuple[str, ...]] = {
    "Dense": ("Linear", "Dense"),
    "Conv2D": ("Conv2d", "Conv", "Conv2D"),
    "MaxPool2D": ("MaxPool2d", "MaxPool2D", "pooling", "max_pool2d", "maxpool2d"),
    "AvgPool2D": ("AvgPool2d", "AvgPool2D", "average_pooling", "avg_pool2d", "avgpool2d"),
    "Flatten": ("Flatten", "flatten"),
    **{name: (name, name.lower()) for name in ("ReLU", "Sigmoid", "Tanh", "Softmax")},
    "SoftmaxCrossEntropy": ("CrossEntropyLoss", "SoftmaxLoss", "softmax_cross_entropy"),
    "MSE": ("MSELoss", "mse_loss", "mean_squared_error"),
}
ALSO = (
    *(name for names in UNITS.values() for name in names),
    *("SGD", "Adam", "AdaGrad", "RMSprop", "RNN", "Dropout", "BatchNorm2D", "LeakyReLU", "ELU"),
)


class Weighted(Recorded):
    """A module with parameters, whose axes may be in another order, or one more."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = {"weight": ("weight", "W", "w"), "bias": ("bias", "b")}
        self.names = {
            name: next(n for n in names[name] if hasattr(self.run, n)) for name in self.params
        }
        probe = prepared(self.foreign, inputs=2, outputs=3, kernel_size=5)
        theirs = unwrap(getattr(probe, self.names["weight"])).shape
        ours = (3, 2, 5, 5)[: len(theirs)]
        orders = permutations(range(self.params["weight"].ndim))
        fitting = (order for order in orders if theirs == tuple(ours[i] for i in order))
        self.order = next(fitting, tuple(range(self.params["weight"].ndim)))

    def placed(self) -> dict[str, Any]:
        placed = {}
        for name, array in self.params.items():
            old = getattr(self.run, self.names[name])
            is_weight = name == "weight"
            array = array.transpose(self.order) if is_weight else array.reshape(np.shape(old.data))
            placed[name] = self.front.replaced(old, array)
            setattr(self.run, self.names[name], placed[name])
        return placed

    def take(self, grads: dict[str, Any]) -> None:
        weight, bias = grads["weight"], grads.get("bias")
        turned = None if weight is None else weight.transpose(np.argsort(self.order))
        self.keep(weight=turned, bias=None if bias is None else bias.reshape(-1))


class Dense(Weighted, _units.Dense):
    def given(self) -> dict[str, Any]:
        inputs, outputs = self.sizes
        return {"inputs": inputs, "outputs": outputs, "bias": "bias" in self.params}


class Conv2D(Weighted, _units.Conv2D):
    accepts = ("dilation", "groups")

    def given(self) -> dict[str, Any]:
        inputs, outputs = self.sizes
        given = {"inputs": inputs, "outputs": outputs, "bias": "bias" in self.params}
        return {**given, **sizes_of(self), **self.others}


class Pool(Recorded, _units.Pool):
    pads, accepts = True, ("count_include_pad",)

    def given(self) -> dict[str, Any]:
        sizes = sizes_of(self)
        if "stride" not in inspect.signature(self.foreign).parameters:
            _units.refuse({"stride": sizes.pop("stride")}, stride=sizes["kernel_size"])
        return {**sizes, **self.others}


class SGD:
    def __init__(self, front: Front, **settings: Any) -> None:
        self.front, self.settings = front, settings
        self.tensors: dict[str, Any] = {}

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        if not self.tensors:
            self.tensors = {name: self.front.wrap(array) for name, array in params.items()}
            self.foreign = self.front.find("SGD", takes=PARAMS)(
                [*self.tensors.values()], **self.settings
            )
        for name, tensor in self.tensors.items():
            tensor.grad = self.front.wrap(grads[name], grad=False)
        self.foreign.step()
        for name, tensor in self.tensors.items():
            params[name][...] = unwrap(tensor)


PARAMS = "params", "lr"
TAKEN = {"Dense": ("inputs", "outputs"), "Conv2D": ("inputs", "outputs", "kernel_size")}
BASES: dict[str, type] = {"Dense": Dense, "Conv2D": Conv2D, "MaxPool2D": Pool, "AvgPool2D": Pool}


def translate(foreign: Mapping[str, Any]) -> dict[str, object]:
    """Return the units for which there is a module, a function or a method."""
    front = Front(foreign)
    units: dict[str, object] = {}
    for unit, names in UNITS.items():
        if found := front.find(*names, takes=TAKEN.get(unit, ())):
            given = {"front": front, "foreign": staticmethod(found)}
            base = (
                RecordedLoss
                if unit in ("SoftmaxCrossEntropy", "MSE")
                else BASES.get(unit, Recorded)
            )
            units[unit] = type(unit, (base,), given)
    if sgd := front.find("SGD", takes=PARAMS):
        known = inspect.signature(sgd).parameters
        settings = ("lr", "momentum", "weight_decay", "nesterov")
        made = partial(SGD, front)
        units["SGD"] = _units.optimizer("SGD", made, **{n: n for n in settings if n in known})
    return units
