"""Classes as in CMU's 11-785, "mytorch", in the forms of several years.

`Linear(in_features, out_features)`, `Conv2d(in_channels, out_channels, kernel_size, stride)` and so
on, with `forward(A)`, `backward(dLdZ)`, `W`, `b`, `dLdW` and `dLdb`, earlier `backward(delta)`,
`dW`, `db`; activations whose `backward()` or `derivative()` may return the derivative; criteria for
one-hot rows; `SGD(model, lr, momentum)`. Kernels are square; layers draw their weights.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._wrapped import Wrapped, WrappedLoss, classes

_ACTIVATIONS = "ReLU", "Sigmoid", "Tanh", "Softmax"
EXPORTS = (
    *(f"{name}.backward(dLdZ)" for name in ("Linear", "Conv2d", "MaxPool2d", "MeanPool2d")),
    *("Conv2d_stride1", "MaxPool2d_stride1", "MeanPool2d_stride1", "Flatten.backward(dLdZ)"),
    *(f"{name}.{way}" for name in _ACTIVATIONS for way in ("backward(dLdA)", "forward(Z)")),
    *(f"{name}.derivative" for name in (*_ACTIVATIONS, "SoftmaxCrossEntropy")),
    *("CrossEntropyLoss.forward(A, Y)", "MSELoss.forward(A, Y)", "SGD(model, lr)"),
    *(f"{name}.backward(delta)" for name in ("Linear", "Conv2D", "Flatten")),
)
DRAWN = {"weight_init_fn": np.random.standard_normal, "bias_init_fn": np.zeros}


class Elementwise(Wrapped):
    """An activation, which may return its derivative and leave the product to the caller."""

    def backward(self, dout: Array) -> Any:
        backward = getattr(self.layer, "backward", None) or self.layer.derivative
        return backward(dout) if inspect.signature(backward).parameters else dout * backward()


class Weighted(Wrapped):
    """A layer with a weight and a bias of its own, which may have any shape."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        weight, self.bias_shape = np.array(self.holder().W), np.shape(self.holder().b)
        self.params["weight"] = weight.T if self.transposed else weight

    def made(self, *args: Any, **sizes: int) -> Any:
        known = inspect.signature(self.foreign).parameters
        _units.refuse({n: size for n, size in sizes.items() if n not in known}, stride=1, padding=0)
        options: dict[str, Any] = {n: size for n, size in sizes.items() if n in known}
        for name, draw in DRAWN.items():
            if name in known and known[name].default is inspect.Parameter.empty:
                options[name] = lambda *shape, draw=draw: draw(shape)
        return self.foreign(*args, **options)

    def holder(self) -> Any:
        return getattr(self.layer, "conv2d_stride1", self.layer)

    def arrays(self) -> list[Array]:
        weight, bias = super().arrays()
        return [weight, bias.reshape(self.bias_shape)]

    def gradients(self) -> list[Any]:
        self.prefix = "dLd" if hasattr(self.holder(), "dLdW") else "d"
        return super().gradients()

    def take(self, *grads: Any) -> None:
        super().take(grads[0], grads[1].reshape(-1))


class Dense(Weighted, _units.Dense):
    def made(self, *args: Any, **sizes: int) -> Any:
        self.transposed = super().made(2, 3).W.shape == (2, 3)  # as in earlier years
        return super().made(*self.sizes)


class Conv2D(Weighted, _units.Conv2D):
    one_number = ("kernel_size", "stride", "padding")

    def made(self, *args: Any, **sizes: int) -> Any:
        inner = *self.sizes, self.kernel_size
        return super().made(*inner, stride=self.stride, padding=self.padding)


class Pool(Wrapped, _units.Pool):
    one_number = ("kernel_size", "stride")

    def made(self) -> Any:
        if "stride" in inspect.signature(self.foreign).parameters:
            return self.foreign(self.kernel_size, self.stride)
        _units.refuse({"stride": self.stride}, stride=1)
        return self.foreign(self.kernel_size)


class Criterion(WrappedLoss):
    takes_rows = True


class SummedCrossEntropy(Criterion):
    own_reduction = "sum"  # in earlier years: the samples' losses, whose sum `derivative` fits

    def forward(self, prediction: Array, target: Array) -> Any:
        return np.sum(super().forward(prediction, target))

    def backward(self) -> Any:
        return self.layer.derivative()


class SGD:
    """An optimizer of a model, in whose layers our parameters are weights beside a bias of 0."""

    def __init__(self, foreign: Any, **settings: Any) -> None:
        self.make, self.layers = partial(foreign, **settings), dict[str, Any]()

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        is_first = not self.layers
        for name in params:
            layer = self.layers.setdefault(name, SimpleNamespace(b=np.zeros((1, 1))))
            layer.W, layer.dLdW, layer.dLdb = params[name], grads[name], np.zeros((1, 1))
        if is_first:
            self.foreign = self.make(SimpleNamespace(layers=[*self.layers.values()]))
        self.foreign.step()
        for name, layer in self.layers.items():
            params[name][...] = layer.W


UNITS: dict[str, tuple[Any, ...]] = {
    "Dense": (Dense, "Linear"),
    "Conv2D": (Conv2D, "Conv2d", "Conv2D", "Conv2d_stride1"),
    "MaxPool2D": (Pool, "MaxPool2d", "MaxPool2d_stride1"),
    "AvgPool2D": (Pool, "MeanPool2d", "MeanPool2d_stride1"),
    "Flatten": (Wrapped, "Flatten"),
    **{name: (Elementwise, name) for name in _ACTIVATIONS},
    "MSE": (Criterion, "MSELoss"),
}


def translate(foreign: Mapping[str, Any]) -> dict[str, object]:
    """Return the units that there are classes for."""
    is_early = hasattr(foreign.get("SoftmaxCrossEntropy"), "derivative")
    loss = SummedCrossEntropy if is_early else Criterion, "CrossEntropyLoss", "SoftmaxCrossEntropy"
    units = classes(UNITS | {"SoftmaxCrossEntropy": loss}, foreign)
    if "SGD" in foreign:
        make = partial(SGD, foreign["SGD"])
        units["SGD"] = _units.optimizer("SGD", make, lr="lr", momentum="momentum")
    return units
