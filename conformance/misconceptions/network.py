"""Units that are right one by one and wrong together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakSet

import reference
from conformance.arrays import Array
from conformance.misconceptions.catalogue import misconceptions_together

if TYPE_CHECKING:
    from conformance.misconceptions.habits import Layer
else:
    Layer = object

_inputs: dict[int, Any] = {}


class _KeepsItsInputUnderItsNumber(Layer):
    """Keeps what backward needs in one dict for all layers."""

    alive: ClassVar[WeakSet[Any]]
    ready = False

    def __init_subclass__(cls) -> None:
        cls.alive = WeakSet()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number = len(self.alive)
        self.alive.add(self)

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


@misconceptions_together(loses="1-3 20")
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
