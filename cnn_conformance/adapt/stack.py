"""Containers of layers over other code.

    class Sequential(runtime.Sequential):
        calls = {"forward": "forward_pass", "backward": "backward_pass"}

        def make(self):
            return model.Network(layers=self.at.layers)

        def run(self, x):
            return self.layer.predict(x)

In `make`, `self.at.layers` has layers with the methods that the other code calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

from cnn_conformance.adapt.code import AdapterError
from cnn_conformance.adapt.places import find
from cnn_conformance.arrays import Array

BUILD = ("build", "initialize", "set_input_shape", "init_weights", "compile")
"""What code calls of a layer before it can be used."""


class Theirs:
    """A layer of the specification with the names by which other code calls it.

    What a call has besides the array is left out, but for whether this is training.

    Parameters
    ----------
    layer : object
        The layer.
    calls : mapping
        How the code calls its `forward` and its `backward`, and how it tells whether this is
        training: the name of an attribute, or of a method, "mode()".
    """

    def __init__(self, layer: Any, calls: Mapping[str, str]) -> None:
        self.__dict__.update(_layer=layer, _names={name: ours for ours, name in calls.items()})

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Return what forward returns."""
        return self._forward(*given, **named)

    def _forward(self, x: Array, *given: Any, **named: Any) -> Any:
        for value in (*given, *named.values()):
            if isinstance(value, bool):
                self._layer.training = value
        return self._layer.forward(x)

    def _backward(self, dout: Array, *given: Any, **named: Any) -> Any:
        return self._layer.backward(dout)

    def __getattr__(self, name: str) -> Any:
        ours = self._names.get(name)
        if ours == "training":
            return self._layer.training
        if ours in ("forward", "backward"):
            return self._forward if ours == "forward" else self._backward
        if name in ("train", "eval"):
            return lambda mode=True: setattr(self._layer, "training", mode and name == "train")
        if self._names.get(f"{name}()") == "training":
            return lambda mode: setattr(self._layer, "training", bool(mode))
        if name in BUILD:  # there is nothing to be made for a shape, which is handed on
            return lambda shape=None, *given, **named: shape
        if name in ("params", "grads", "training"):
            return getattr(self._layer, name)
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        is_told = "train" in name or self._names.get(name) == "training"
        if isinstance(value, bool) and is_told:
            self._layer.training = value
        self.__dict__[name] = value


class Sequential:
    """A `Sequential` of the specification over other code. Subclasses say how it is called."""

    calls: ClassVar[dict[str, str]] = {"forward": "forward", "backward": "backward"}
    """The names by which the code calls its layers; "mode" is a method of its own that tells them
    whether this is training, in the attribute or by the method "training"."""
    dx: ClassVar[str] = "returned"
    """Where the gradient for x is after `run_back`."""

    def __init__(self, layers: Sequence[Any]) -> None:
        self.layers = layers
        theirs = [Theirs(layer, self.calls) for layer in layers]
        self.at = SimpleNamespace(layers=theirs, x=None, returned=None)
        self._training = True
        self.layer = self.make()

    def make(self) -> Any:
        """Return an object of the code."""
        raise AdapterError("Sequential has no object of the code")

    def run(self, x: Array) -> Any:
        """Call the code's forward."""
        raise AdapterError("Sequential has no forward")

    def run_back(self, dout: Array) -> Any:
        """Call the code's backward."""
        raise NotImplementedError("unsupported: backward")

    @property
    def params(self) -> dict[str, Array]:
        """The layers' own arrays, by the specification's keys."""
        return self._flat("params")

    @property
    def grads(self) -> dict[str, Array]:
        """The layers' gradients, by the specification's keys."""
        return self._flat("grads")

    def _flat(self, what: str) -> dict[str, Array]:
        return {
            f"{index}.{name}": array
            for index, layer in enumerate(self.layers)
            for name, array in getattr(layer, what).items()
        }

    @property
    def training(self) -> bool:
        """Whether this is training; the code's own `train` and `eval` are told, if it has them."""
        return self._training

    @training.setter
    def training(self, mode: bool) -> None:
        self._training = mode
        if "mode" in self.calls:
            getattr(self.layer, self.calls["mode"])(mode)
            return
        tell = getattr(self.layer, "train" if mode else "eval", None)
        if callable(tell) and callable(getattr(self.layer, "eval", None)):
            tell()

    def forward(self, x: Array) -> Any:
        """Return the output."""
        self.at.x = x
        self.at.returned = self.run(x)
        return self.at.returned

    def backward(self, dout: Array) -> Any:
        """Return the gradient for x."""
        return find(self.layer, self.run_back(dout), self.dx)


def filled(model: Any, add: str, layers: Sequence[Any]) -> Any:
    """Return a container after all layers have been added to it, by the method `add`."""
    for layer in layers:
        getattr(model, add)(layer)
    return model
