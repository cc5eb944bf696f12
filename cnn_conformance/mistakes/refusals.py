"""Bad input that any layer takes, or refuses with the wrong error."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.habits import Layer


class ShapeOfTheOutputKept(Layer):
    shape: Any = None

    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        self.shape = y.shape
        return y


class UpstreamReshaped(ShapeOfTheOutputKept):
    def backward(self, dout: Array, *more: Array) -> Array:
        if self.shape is not None and dout.size == np.prod(self.shape):
            dout = dout.reshape(self.shape)
        return super().backward(dout, *more)


class UpstreamBroadcast(ShapeOfTheOutputKept):
    def backward(self, dout: Array, *more: Array) -> Array:
        return super().backward(np.resize(dout, self.shape) if self.shape else dout)


class NothingKeptIsNotNoticed(Layer):
    ready = False

    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        self.ready = True
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        if not self.ready:
            raise AttributeError("'NoneType' object has no attribute 'shape'")
        return super().backward(dout, *more)


class AssertsItsArguments(Layer):
    def __init__(self, *args: Any, **options: Any) -> None:
        self.asserted(super().__init__, *args, **options)

    def forward(self, *inputs: Array) -> Array:
        return self.asserted(super().forward, *inputs)

    def backward(self, dout: Array, *more: Array) -> Array:
        return self.asserted(super().backward, dout, *more)

    def asserted(self, method: Any, *args: Any, **options: Any) -> Any:
        """Call a method; every ValueError of it is an AssertionError."""
        try:
            return method(*args, **options)
        except ValueError:
            raise AssertionError from None


class ErrorsSayNothing(Layer):
    def __init__(self, *args: Any, **options: Any) -> None:
        self.silent(super().__init__, *args, **options)

    def forward(self, *inputs: Array) -> Array:
        return self.silent(super().forward, *inputs)

    def backward(self, dout: Array, *more: Array) -> Array:
        return self.silent(super().backward, dout, *more)

    def silent(self, method: Any, *args: Any, **options: Any) -> Any:
        """Call a method; the text of its errors is lost."""
        try:
            return method(*args, **options)
        except (ValueError, RuntimeError) as error:
            raise type(error)("invalid input") from None
