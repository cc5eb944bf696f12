"""Units that are right one by one and wrong together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakSet

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.misconceptions.adaptive import PlainAdam
from cnn_conformance.misconceptions.catalogue import misconceptions_together
from cnn_conformance.misconceptions.plain_optimizer import Arrays, Plain
from cnn_conformance.misconceptions.sgd_extended import PlainMomentum

if TYPE_CHECKING:
    from cnn_conformance.misconceptions.habits import Layer
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


@misconceptions_together(loses="1-6 8 20-24")
class EveryClassCountsForItself:
    """All layers keep what backward needs in one place, under numbers that each class counts alone.

    The first convolution and the first dense layer have the same number then. Each unit is right by
    itself; the specification asks for the gradients of the whole network (NETWORK-20). Look at what
    is shared between layers of different kinds.
    """

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


@misconceptions_together(loses="23-24")
class MasksKeptTogether:
    """ReLU and Dropout keep their masks in one place, under numbers that each class counts alone.

    What the first Dropout has dropped replaces where the first ReLU was positive. The specification
    asks for the gradients of the network with what was dropped (NETWORK-23), and in evaluation for
    those of the network without dropout (NETWORK-24). Look at where the masks are kept.
    """

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


@misconceptions_together(loses="7")
class OnlyLayersWithParametersAreSwitched:
    """While evaluating, only layers that have parameters are told that this is no training.

    Dropout has none, and goes on dropping. The specification asks that evaluate and predict leave
    it out wherever it is (NETWORK-7). Look at which layers are told when training is switched.
    """

    evaluate, predict = _loops(lambda layer: not layer.params)


@misconceptions_together(loses="5")
class BatchNormalizationIsNotSwitched:
    """While evaluating, batch normalization is not told that this is no training.

    It goes on using the statistics of each batch, and moves its own. The specification asks that
    evaluate and predict use the statistics that training has left, and leave them alone
    (NETWORK-5). Look at which layers are told when training is switched.
    """

    evaluate, predict = _loops(lambda layer: isinstance(layer, reference.BatchNorm2D))


class _ShortNames(Plain):
    """Keeps what is carried over under the last word of a parameter's key."""

    def state(self, name: str, p: Array) -> Arrays:
        return super().state(name.rpartition(".")[2], p)


class _Adam(_ShortNames, PlainAdam):
    pass


class _SGD(_ShortNames, PlainMomentum):
    pass


@misconceptions_together(loses="8")
class MemoriesUnderShortNames:
    """What an optimizer carries over is kept under "weight" and "bias", whatever the layer.

    All weights of a network share one memory then. The specification asks that each parameter of
    each layer has its own (NETWORK-8). Look at the keys: they are those of the whole network, such
    as "0.weight" and "4.weight".
    """

    Adam = _Adam
    SGD = _SGD
