"""Bad input that any layer takes, or refuses with the wrong error."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.misconceptions.catalogue import habit
from cnn_conformance.misconceptions.habits import ELEMENTWISE, Layer, layers


@habit(layers("72 74"))
class UpstreamBroadcast(Layer):
    """A dout of another shape than the output is stretched or cut until it fits.

    The specification asks for a ValueError ({ID}-72). Look at what backward does with a dout that
    has one row where the output has many.
    """

    shape: Any = None

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        self.shape = y.shape
        return y

    def backward(self, dout: Array) -> Array:
        return super().backward(np.resize(dout, self.shape) if self.shape else dout)


@habit(layers("73 74"))
class NothingKeptIsNotNoticed(Layer):
    """backward before any forward ends in an error of Python's own.

    The specification asks for a RuntimeError that names the layer ({ID}-73). Look at what backward
    finds where forward has kept nothing yet.
    """

    ready = False

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        self.ready = True
        return y

    def backward(self, dout: Array) -> Array:
        if not self.ready:
            raise AttributeError("'NoneType' object has no attribute 'shape'")
        return super().backward(dout)


@habit(
    layers(
        "71 72 74",
        Conv2D="70 71 72 74",
        MaxPool2D="70 71 72 74",
        AvgPool2D="70 71 72 74",
        RNN="70 71 72 74",
        **dict.fromkeys(ELEMENTWISE, "72 74"),
    )
)
class AssertsItsArguments(Layer):
    """Bad input ends in an AssertionError.

    An assert is gone with python -O, and says nothing of what came; the specification asks for a
    ValueError ({ID}-74 says what its text names). Look for assert.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.asserted(super().__init__, *args, **options)

    def forward(self, x: Array) -> Array:
        return self.asserted(super().forward, x)

    def backward(self, dout: Array) -> Array:
        return self.asserted(super().backward, dout)

    def asserted(self, method: Any, *args: Any, **options: Any) -> Any:
        """Call a method; every ValueError of it is an AssertionError."""
        try:
            return method(*args, **options)
        except ValueError:
            raise AssertionError from None


@habit(layers("74"))
class ErrorsSayNothing(Layer):
    """The text of an error does not say what came.

    The specification asks that it names the layer and the size or shape ({ID}-74). Look at the
    texts of your errors.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.silent(super().__init__, *args, **options)

    def forward(self, x: Array) -> Array:
        return self.silent(super().forward, x)

    def backward(self, dout: Array) -> Array:
        return self.silent(super().backward, dout)

    def silent(self, method: Any, *args: Any, **options: Any) -> Any:
        """Call a method; the text of its errors is lost."""
        try:
            return method(*args, **options)
        except (ValueError, RuntimeError) as error:
            raise type(error)("invalid input") from None
