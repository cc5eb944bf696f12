"""Front ends of automatic differentiation: arrays into tensors and out of them, and layers."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from types import ModuleType
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units

TENSORS = "Tensor", "Variable", "Value"
PACKAGES = "nn", "layers", "functional", "functions", "optim", "optimizers", "ops"
GRADIENTS = "gradient", "grad_output", "out_grad", "grad"
NAMES = {
    "inputs": (
        *("in_channels", "in_features", "in_size", "in_dim", "n_in", "nin", "c_in", "cin"),
        *("in_ch", "input_dim", "input_size", "input_channels", "d_in", "fan_in", "n_inputs"),
    ),
    "outputs": (
        *("out_channels", "out_features", "out_size", "out_dim", "n_out", "nout", "c_out", "cout"),
        *(
            "out_ch",
            "output_dim",
            "output_size",
            "output_channels",
            "d_out",
            "fan_out",
            "n_outputs",
        ),
    ),
    "hidden": ("hidden_size", "hidden_dim"),
    "num_embeddings": ("num_embeddings", "vocab_size"),
    "features": ("dim", "num_features", "normalized_shape"),
    "kernel_size": ("kernel_size", "kernel", "ksize", "filter_size", "k"),
    "stride": ("stride", "strides"),
    "padding": ("padding", "pad"),
    "bias": ("bias", "use_bias", "nobias"),
    "axis": ("dim", "axis"),
}
"""What arguments are called where they are not called as in the specification."""
LABELS = "SoftmaxLoss", "softmax_cross_entropy"
"""Losses that are for class indices only, wherever they are called so."""
AS_IF_NOT_GIVEN: dict[str, Any] = {
    "stride": 1,
    "padding": 0,
    "bias": True,
    "dilation": 1,
    "groups": 1,
    "axis": -1,
    "reduction": "mean",
    "count_include_pad": True,
    "ceil_mode": False,
    "nonlinearity": "tanh",
}


class Front:
    """A front end.

    Parameters
    ----------
    foreign : mapping
        What it exports.
    """

    def __init__(self, foreign: Mapping[str, Any]) -> None:
        self.spaces = [*_packages(foreign), foreign]
        self.tensor: Any = next((s[n] for n in TENSORS for s in self.spaces if n in s), None)
        self.spaces.append({n: f for n, f in inspect.getmembers(self.tensor) if n[0] != "_"})

    def find(self, *names: str, takes: tuple[str, ...] = ()) -> Any:
        """Return the first that is exported, in a package, at the top or as a method, or None.

        Parameters
        ----------
        *names : str
            What it may be called.
        takes : tuple of str
            What it must have names for; a class must not ask for anything else.
        """
        found = (s[name] for name in names for s in self.spaces if callable(s.get(name)))
        return next((each for each in found if _takes(each, takes)), None)

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

    def gradient(self, array: Array) -> Any:
        """Return a gradient as the tensors have theirs: an array, or a tensor of it."""
        return np.array(array) if self.keeps_arrays else self.wrap(array, grad=False)

    @cached_property
    def keeps_arrays(self) -> bool:
        """Whether the gradient of a tensor is an array, before or after a first backward."""
        tensor = self.wrap(np.ones(2))
        if getattr(tensor, "grad", None) is None:
            with contextlib.suppress(Exception):  # of whatever kind: it is a stranger's
                self.backward(tensor * self.wrap(np.ones(2)), np.ones(2))
        return isinstance(getattr(tensor, "grad", None), np.ndarray)

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


def gradient(tensor: Any) -> Any:
    """Return the array of a tensor's gradient, None where there is none yet."""
    return unwrap(getattr(tensor, "grad", None))


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
            if isinstance(known[name].default, tuple) and np.isscalar(value):
                told[name] = (value,) * len(known[name].default)
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
        self.take({name: gradient(tensor) for name, tensor in self.inputs.items()})
        return gradient(self.inputs["x"])

    def take(self, grads: dict[str, Any]) -> None:
        """Keep the gradients of the parameters."""


class RecordedLoss:
    """A loss whose forward is recorded, once for each backward."""

    front: Front
    foreign: Any

    def __init__(self, reduction: str = "mean") -> None:
        self.run, self.reduction = prepared(self.foreign, reduction=reduction), reduction

    def forward(self, prediction: Array, target: Array) -> Any:
        """Record, and return the loss."""
        if getattr(self.foreign, "__name__", "") in LABELS:
            _units.labels(target)
        self.given = prediction, target
        self.input = self.front.wrap(prediction)
        self.value = self.run(self.input, self.front.wrap(target, grad=False))
        loss = unwrap(self.value)
        return loss.reshape(()) if np.shape(loss) == (1,) else loss  # tapes without scalars

    def backward(self) -> Any:
        """Return the gradient."""
        if gradient(self.input) is not None:
            self.forward(*self.given)
        self.value.backward()
        return gradient(self.input)


def _takes(function: Any, whats: tuple[str, ...]) -> bool:
    try:
        known = inspect.signature(function).parameters
    except (TypeError, ValueError):  # none is known, as of some functions in C
        return not whats
    if not all(set(NAMES.get(what, (what,))) & known.keys() for what in whats):
        return False
    if not isinstance(function, type):
        return True
    names = {name for what in whats for name in NAMES.get(what, (what,))}
    return not any(p.default is p.empty and n not in names for n, p in known.items())


def _packages(foreign: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in PACKAGES:
        if isinstance(inner := foreign.get(name), ModuleType) and vars(inner) is not foreign:
            yield vars(inner)
            yield from _packages(vars(inner))
