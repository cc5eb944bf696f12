"""Front ends of automatic differentiation: arrays into tensors and out of them, and layers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units

TENSORS = "Tensor", "Variable", "Value"
PACKAGES = "nn", "functional", "functions", "layers", "optim", "optimizers", "ops"
GRADIENTS = "gradient", "grad_output", "out_grad", "grad"
NAMES = {
    "inputs": ("in_channels", "in_features", "in_size", "in_dim", "n_in", "nin"),
    "outputs": ("out_channels", "out_features", "out_size", "out_dim", "n_out", "nout"),
    "kernel_size": ("kernel_size", "kernel"),
    "padding": ("padding", "pad"),
    "bias": ("bias", "use_bias", "nobias"),
    "axis": ("dim", "axis"),
}
"""What arguments are called where they are not called as in the specification."""
AS_IF_NOT_GIVEN: dict[str, Any] = {
    "stride": 1,
    "padding": 0,
    "bias": True,
    "dilation": 1,
    "groups": 1,
    "axis": -1,
    "reduction": "mean",
    "count_include_pad": True,
}


class Front:
    """A front end.

    Parameters
    ----------
    foreign : mapping
        What it exports.
    """

    def __init__(self, foreign: Mapping[str, Any]) -> None:
        self.spaces = [foreign, *_packages(foreign)]
        self.tensor: Any = self.find(*TENSORS)

    def find(self, *names: str) -> Any:
        """Return the first that is exported, at the top or in a package, or None."""
        return next((s[name] for name in names for s in self.spaces if callable(s.get(name))), None)

    def method(self, *names: str) -> Any:
        """Return the first of these methods that a tensor has, as a function, or None."""
        return next((getattr(self.tensor, n) for n in names if hasattr(self.tensor, n)), None)

    def wrap(self, array: Array, grad: bool = True) -> Any:
        """Return a tensor of a copy of an array."""
        make = self.find("tensor") or self.tensor
        array = np.array(array, order="C")
        if not grad:
            return make(array)
        try:
            return make(array, requires_grad=True)
        except TypeError:
            return make(array)

    def replaced(self, parameter: Any, array: Array) -> Any:
        """Return a parameter, of the same class as another."""
        if type(parameter) is self.tensor:
            return self.wrap(array)
        try:
            return type(parameter)(self.wrap(array))
        except TypeError:
            return type(parameter)(np.array(array))

    def backward(self, y: Any, dout: Array) -> None:
        """Run backward from a tensor whose gradient is given."""
        takes = next((n for n in GRADIENTS if n in inspect.signature(y.backward).parameters), None)
        if takes:
            y.backward(**{takes: self.wrap(dout, grad=False)})
        else:
            (y * self.wrap(dout, grad=False)).sum().backward()


def unwrap(value: Any) -> Any:
    """Return a copy of the array of a tensor, or of a gradient: None where there is none."""
    for name in ("detach", "numpy"):
        if callable(getattr(value, name, None)):
            value = getattr(value, name)()
    while not isinstance(value, (np.ndarray, np.generic)) and hasattr(value, "data"):
        value = value.data
    return None if value is None else np.array(value)


def prepared(function: Any, **given: Any) -> Any:
    """Return a module or a function with its arguments, by the names that it has for them.

    What has no name there is refused, unless it is as if not given.
    """
    known = inspect.signature(function).parameters
    told = {}
    for what, value in given.items():
        name = next((n for n in NAMES.get(what, (what,)) if n in known), None)
        if name is not None:
            told[name] = not value if name == "nobias" else value
        elif what in AS_IF_NOT_GIVEN:
            _units.refuse({what: value}, **{what: AS_IF_NOT_GIVEN[what]})
    return function(**told) if isinstance(function, type) else partial(function, **told)


def sizes_of(layer: Any) -> dict[str, Any]:
    """Return a window's sizes; two equal numbers as one, which every front end takes."""
    sizes = {name: getattr(layer, name) for name in ("kernel_size", "stride", "padding")}
    return {name: value[0] if value[0] == value[1] else value for name, value in sizes.items()}


class Recorded(_units.Layer):
    """A layer whose forward is recorded, once for each backward."""

    front: Front
    foreign: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.run = prepared(self.foreign, **self.given())

    def given(self) -> dict[str, Any]:
        """Return what the foreign module or function is given."""
        return {"axis": -1} if "Softmax" in type(self).__name__ else {}

    def record(self, x: Array) -> None:
        """Run forward on new tensors."""
        self.x, self.is_fresh = x, True
        self.inputs = {"x": self.front.wrap(x), **self.placed()}
        self.y = self.run(self.inputs["x"])

    def placed(self) -> dict[str, Any]:
        """Put the parameters into the module; return their tensors."""
        return {}

    def forward(self, x: Array) -> Any:
        """Record, and return what came out."""
        self.record(np.array(x))
        return unwrap(self.y)

    def backward(self, dout: Array) -> Any:
        """Run backward through the latest record, or one like it if that is used up."""
        if not self.is_fresh:
            self.record(self.x)
        self.is_fresh = False
        self.front.backward(self.y, dout)
        self.take({name: unwrap(tensor.grad) for name, tensor in self.inputs.items()})
        return unwrap(self.inputs["x"].grad)

    def take(self, grads: dict[str, Any]) -> None:
        """Keep the gradients of the parameters."""


def _packages(foreign: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in PACKAGES:
        if isinstance(inner := foreign.get(name), ModuleType) and vars(inner) is not foreign:
            yield vars(inner)
            yield from _packages(vars(inner))
