"""The registry, the template of all layers, and its mixins."""

import abc
from typing import Any, ClassVar, NamedTuple

import numpy as np

Array = np.ndarray
REGISTRY: dict[str, type] = {}


def register(unit: type) -> type:
    """Put a class into the registry."""
    REGISTRY[unit.__name__] = unit
    return unit


class Geometry(NamedTuple):
    """Kernel, stride and dilation along one axis, and the padding on its two sides."""

    kernel: int
    stride: int
    dilation: int = 1
    before: int = 0
    after: int = 0

    @property
    def extent(self) -> int:
        return self.dilation * (self.kernel - 1) + 1

    def count(self, size: int) -> int:
        return (size + self.before + self.after - self.extent) // self.stride + 1

    def taps(self, k: int, size: int) -> slice:
        """Return the padded places that element k of the windows falls on."""
        start = k * self.dilation
        return slice(start, start + (self.count(size) - 1) * self.stride + 1, self.stride)


class Layer(abc.ABC):
    """The template of all layers."""

    __slots__ = ("_context", "_shape", "grads", "params", "training")

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.training = True
        self._shape: tuple[int, ...] | None = None
        self._context: Any = None

    @property
    def name(self) -> str:
        return type(self).__name__

    def __call__(self, x: Array) -> Array:
        return self.forward(x)

    def _check(self, x: Array) -> None:  # noqa: B027
        """Raise ValueError where x does not fit."""

    @abc.abstractmethod
    def _forward(self, x: Array) -> tuple[Array, Any]: ...

    @abc.abstractmethod
    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]: ...

    def forward(self, x: Array) -> Array:
        self._check(x)
        y, self._context = self._forward(x if x.dtype.kind == "f" else x.astype(np.float64))
        self._shape = y.shape
        return y

    def backward(self, dout: Array) -> Array:
        if self._shape is None:
            raise RuntimeError(f"{self.name}.backward() needs a {self.name}.forward() before")
        if dout.shape != self._shape:
            raise ValueError(f"{self.name}.backward() wants {self._shape}, not {dout.shape}")
        dx, self.grads = self._backward(dout, self._context)
        return dx

    def _at_least_one(self, **sizes: int) -> None:
        for name, size in sizes.items():
            if size < 1:
                raise ValueError(f"{self.name}({name}={size}): must be at least 1")


class Dimensions:
    """Mixin: x has so many dimensions, and `features` along `axis`."""

    __slots__ = ()
    dimensions: ClassVar[int]
    axis: ClassVar[int | None] = None

    def _check(self, x: Array) -> None:
        if x.ndim != self.dimensions:
            raise ValueError(f"{self.name} takes {self.dimensions} dimensions, not {x.ndim}")
        if self.axis is not None and x.shape[self.axis] != self.features:
            raise ValueError(f"{self.name} takes {self.features} features, not shape {x.shape}")


class Images(Dimensions):
    __slots__ = ()
    dimensions = 4


class Rows:
    """Mixin: x has two dimensions or more."""

    __slots__ = ()

    def _check(self, x: Array) -> None:
        if x.ndim < 2:
            raise ValueError(f"{self.name} takes at least 2 dimensions, not {x.ndim}")
