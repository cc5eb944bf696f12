"""Units that are right one by one and wrong together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakSet

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.adaptive import PlainAdam
from cnn_conformance.mistakes.plain_optimizer import Arrays, Plain
from cnn_conformance.mistakes.sgd_extended import PlainMomentum

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

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        _inputs[self.number], self.ready = x.copy(), True
        return y

    def backward(self, dout: Array) -> Array:
        if self.ready:
            super().forward(_inputs[self.number])
        return super().backward(dout)


class _Conv2D(_KeepsItsInputUnderItsNumber, reference.Conv2D):
    pass


class _MaxPool2D(_KeepsItsInputUnderItsNumber, reference.MaxPool2D):
    pass


class _ReLU(_KeepsItsInputUnderItsNumber, reference.ReLU):
    pass


class _Flatten(_KeepsItsInputUnderItsNumber, reference.Flatten):
    pass


class _Dense(_KeepsItsInputUnderItsNumber, reference.Dense):
    pass


class EveryClassCountsForItself:
    Conv2D = _Conv2D
    MaxPool2D = _MaxPool2D
    ReLU = _ReLU
    Flatten = _Flatten
    Dense = _Dense


_masks: dict[int, Any] = {}


class _MaskedDropout(_Numbered, reference.Dropout):
    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        _masks[self.number] = self._mask
        return y


class _MaskedReLU(_Numbered, reference.ReLU):
    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        _masks[self.number] = self._positive
        return y

    def backward(self, dout: Array) -> Array:
        if self._positive is not None:
            self._positive = _masks[self.number]
        return super().backward(dout)


class MasksKeptTogether:
    ReLU = _MaskedReLU
    Dropout = _MaskedDropout


class _Stubborn:
    """A model of which some layers stay in training."""

    def __init__(self, model: Any, stays: Callable[[Any], bool]) -> None:
        self.model, self.stays = model, stays

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    @property
    def training(self) -> bool:
        return bool(self.model.training)

    @training.setter
    def training(self, value: bool) -> None:
        staying = [layer for layer in getattr(self.model, "layers", ()) if self.stays(layer)]
        before = [layer.training for layer in staying]
        self.model.training = value
        for layer, was in zip(staying, before, strict=True):
            layer.training = was


def _loops(stays: Callable[[Any], bool]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return evaluate and predict for which some layers stay in training."""

    def evaluate(model: Any, *args: Any, **options: Any) -> Any:
        return reference.evaluate(_Stubborn(model, stays), *args, **options)

    def predict(model: Any, *args: Any, **options: Any) -> Any:
        return reference.predict(_Stubborn(model, stays), *args, **options)

    return evaluate, predict


class OnlyLayersWithParametersAreSwitched:
    evaluate, predict = _loops(lambda layer: not layer.params)


class BatchNormalizationIsNotSwitched:
    evaluate, predict = _loops(lambda layer: isinstance(layer, reference.BatchNorm2D))


class _ShortNames(Plain):
    """Keeps what is carried over under the last word of a parameter's key."""

    def state(self, name: str, p: Array) -> Arrays:
        return super().state(name.rpartition(".")[2], p)


class _Adam(_ShortNames, PlainAdam):
    pass


class _SGD(_ShortNames, PlainMomentum):
    pass


class MemoriesUnderShortNames:
    Adam = _Adam
    SGD = _SGD
