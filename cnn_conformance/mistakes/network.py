"""Units that are right one by one and wrong together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakSet

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.edits import edited
from cnn_conformance.reference import clear

if TYPE_CHECKING:
    from cnn_conformance.mistakes.habits import Layer
else:
    Layer = object

_inputs: dict[int, Any] = {}


class _Numbered(Layer):
    """Has a number that its class counts."""

    alive: ClassVar[WeakSet[Any]]

    def __init_subclass__(cls) -> None:
        cls.alive = WeakSet()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number = len(self.alive)
        self.alive.add(self)


class _KeepsItsInputUnderItsNumber(_Numbered):
    """Keeps what backward needs in one dict for all layers."""

    ready = False

    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        _inputs[self.number], self.ready = inputs[0].copy(), True
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        if self.ready:
            super().forward(_inputs[self.number])
        return super().backward(dout, *more)


class _Conv2D(_KeepsItsInputUnderItsNumber, clear.Conv2D):
    pass


class _MaxPool2D(_KeepsItsInputUnderItsNumber, clear.MaxPool2D):
    pass


class _ReLU(_KeepsItsInputUnderItsNumber, clear.ReLU):
    pass


class _Flatten(_KeepsItsInputUnderItsNumber, clear.Flatten):
    pass


class _Dense(_KeepsItsInputUnderItsNumber, clear.Dense):
    pass


class EveryClassCountsForItself:
    Conv2D = _Conv2D
    MaxPool2D = _MaxPool2D
    ReLU = _ReLU
    Flatten = _Flatten
    Dense = _Dense


_masks: dict[int, Any] = {}


class _MaskedDropout(_Numbered, clear.Dropout):
    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        _masks[self.number] = self._mask
        return y


class _MaskedReLU(_Numbered, clear.ReLU):
    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        _masks[self.number] = self._positive
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        if self._positive is not None:
            self._positive = _masks[self.number]
        return super().backward(dout, *more)


class MasksKeptTogether:
    ReLU = _MaskedReLU
    Dropout = _MaskedDropout


def _not_switched(name: str, stays: str) -> tuple[object, object]:
    """Return `evaluate` and `predict` that leave the training of some layers as it is."""
    was = "    model.training = value\n    try:"
    now = f"""
    model.training = value
    for layer in getattr(model, "layers", ()):
        if {stays}:
            layer.training = before
    try:"""
    return edited("evaluate", name, [(was, now)]), edited("predict", name, [(was, now)])


class OnlyLayersWithParametersAreSwitched:
    evaluate, predict = _not_switched("only layers with parameters", "not layer.params")


class BatchNormalizationIsNotSwitched:
    evaluate, predict = _not_switched(
        "batch normalization", 'type(layer).__name__ == "BatchNorm2D"'
    )
