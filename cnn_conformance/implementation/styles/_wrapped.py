"""Units around foreign objects, and pairs of functions, that go forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units


class Cached(_units.Layer):
    """A layer of two functions: the first returns a cache that the second takes."""

    functions: tuple[_units.Function, _units.Function]
    cache: Any = None

    def forward(self, *args: Any) -> Any:
        """Run the first function, and keep the cache."""
        y, self.cache = self.functions[0](*args)
        return y

    def backward(self, dout: Array) -> Any:
        """Run the second function."""
        return self.functions[1](dout, self.cache)


class LabelLoss(_units.Loss):
    """A loss of one function, which takes class indices and returns a mean and its gradient."""

    function: _units.Function
    dx: Any = None

    def forward(self, logits: Array, target: Array) -> Any:
        """Run the function."""
        loss, self.dx = self.function(logits, _units.labels(target))
        return loss

    def backward(self) -> Any:
        """Return what it has returned."""
        return self.dx


class Wrapped(_units.Layer):
    """A layer around a foreign one. Its weights are attributes there, and so are their gradients.

    Parameters
    ----------
    *args, **options : Any
        What the specification gives.
    """

    foreign: Callable[..., Any]
    weights: tuple[str, ...] = ("W", "b")
    prefix = "d"
    transposed = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.layer = self.made()

    def made(self) -> Any:
        """Return the foreign layer."""
        return self.foreign()

    def holder(self) -> Any:
        """Return what has the weights and the gradients: the foreign layer, or a part of it."""
        return self.layer

    def arrays(self) -> list[Array]:
        """Return the parameters as the foreign layer has them."""
        weight = self.params["weight"]
        return [weight.T if self.transposed else weight, self.bias]

    def take(self, *grads: Any) -> None:
        """Keep the foreign layer's gradients, which are as its parameters."""
        dw, db = grads
        self.keep(weight=dw.T if self.transposed else dw, bias=db)

    def put(self) -> None:
        """Give the foreign layer the parameters."""
        for name, array in zip(self.weights, self.arrays(), strict=True):
            setattr(self.holder(), name, array)

    def gradients(self) -> list[Any]:
        """Return the foreign layer's gradients."""
        return [getattr(self.holder(), f"{self.prefix}{name}") for name in self.weights]

    def forward(self, x: Array) -> Any:
        """Run the foreign forward with the parameters of now."""
        if self.params:
            self.put()
        return self.layer.forward(x)

    def backward(self, dout: Array) -> Any:
        """Run the foreign backward, and keep the gradients of the parameters."""
        dx = self.layer.backward(dout)
        if self.params:
            self.take(*(np.array(grad) for grad in self.gradients()))
        return dx


class WrappedLoss(_units.Loss):
    """A loss around a foreign one, which may take a row for each sample in place of a class."""

    foreign: Callable[..., Any]
    takes_rows = False

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.layer = self.foreign()

    def forward(self, prediction: Array, target: Array) -> Any:
        """Run the foreign forward."""
        if self.takes_rows and np.ndim(prediction) > np.ndim(target):
            target = _units.one_hot(prediction, target)
        return self.layer.forward(prediction, target)

    def backward(self) -> Any:
        """Run the foreign backward."""
        return self.layer.backward()


def classes(rows: Mapping[str, tuple[Any, ...]], foreign: Mapping[str, Any]) -> dict[str, object]:
    """Return a class for each unit of which a foreign one is there.

    Parameters
    ----------
    rows : mapping
        For each unit the class to be derived from, and the foreign names, the likeliest first.
    foreign : mapping
        What the code exports.
    """
    made: dict[str, object] = {}
    for unit, (base, *names) in rows.items():
        found = next((foreign[name] for name in names if name in foreign), None)
        if found is not None:
            made[unit] = type(unit, (base,), {"foreign": found})
    return made
