"""The layers, criteria and the optimizer of "mytorch": `mytorch` says which classes are whose."""

from __future__ import annotations

import inspect
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._wrapped import Wrapped, WrappedLoss

DRAWN = {"weight_init_fn": np.random.standard_normal, "bias_init_fn": np.zeros}


class Elementwise(Wrapped):
    """An activation, which may return its derivative and leave the product to the caller."""

    def backward(self, dout: Array) -> Any:
        backward = getattr(self.layer, "backward", None) or self.layer.derivative
        return backward(dout) if inspect.signature(backward).parameters else dout * backward()


class GELU(Elementwise, _units.GELU):
    pass


class BatchNorm1D(Wrapped, _units.BatchNorm2D):
    """Its `alpha` is the share of the old average, `eps` an attribute; `forward` takes `eval`."""

    weights, prefix = ("BW", "Bb"), "dLd"

    def made(self) -> Any:
        layer = self.foreign(self.size, 1 - self.momentum)
        layer.eps = self.eps
        return layer

    def arrays(self) -> list[Array]:
        return [p[None] for p in self.params.values()]

    def take(self, *grads: Any) -> None:
        super().take(*(grad.reshape(-1) for grad in grads))

    def forward(self, x: Array) -> Any:
        self.put()
        return self.layer.forward(x) if self.training else self.layer.forward(x, eval=True)

    @property
    def buffers(self) -> dict[str, Any]:
        held = self.layer.running_M, self.layer.running_V
        return {n: np.reshape(value, -1) for n, value in zip(self.names, held, strict=True)}


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
        inner = (getattr(self.layer, f"conv{n}d_stride1", None) for n in (1, 2))
        return next((each for each in inner if each is not None), self.layer)

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


class Convolution(Weighted):
    """A convolution along one axis or two."""

    sizes: tuple[int, int]
    kernel_size: Any
    stride: Any
    padding: Any

    def made(self, *args: Any, **sizes: int) -> Any:
        inner = *self.sizes, self.kernel_size
        return super().made(*inner, stride=self.stride, padding=self.padding)


class Conv2D(Convolution, _units.Conv2D):
    one_number = ("kernel_size", "stride", "padding")


class Conv1D(Convolution, _units.Conv1D):
    pass


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
