"""Habits that go wrong in any loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.misconceptions.catalogue import habit

if TYPE_CHECKING:

    class Loss:
        """Any loss of the reference."""

        def __init__(self, *args: Any, **options: Any) -> None: ...
        def forward(self, prediction: Array, target: Array) -> float: ...
        def backward(self) -> Array: ...
else:
    Loss = object


def losses(loses: str, **special: str) -> dict[str, str]:
    """Return what every loss loses, some of them something else."""
    return {unit: special.get(unit, loses) for unit in ("SoftmaxCrossEntropy", "MSE")}


@habit(losses("42 48"))
class WritesIntoThePrediction(Loss):
    """forward writes into the prediction.

    The specification asks that it changes neither prediction nor target ({ID}-42). Look for an
    operator such as -= on one of the arguments.
    """

    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction.copy(), target)
        prediction -= prediction.max()
        return value


@habit(losses("42"))
class WritesIntoTheTarget(Loss):
    """forward writes into the target, where it can.

    The specification asks that it changes neither prediction nor target ({ID}-42). Look for an
    assignment to elements of the target.
    """

    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction, target.copy())
        if target.flags.writeable:
            target[...] = 0
        return value


@habit(losses("43 48"))
class GradientOverwritesThePrediction(Loss):
    """backward writes the gradient over the prediction that forward was given.

    The specification asks that backward changes neither prediction nor target ({ID}-43). Look at
    which array the gradient is written into.
    """

    kept: Any = None

    def forward(self, prediction: Array, target: Array) -> float:
        self.kept = prediction
        return super().forward(prediction.copy(), target.copy())

    def backward(self) -> Array:
        gradient = super().backward()
        self.kept[...] = gradient
        return gradient


@habit(losses("45"))
class FirstForwardRemembered(Loss):
    """backward belongs to the first forward, not to the latest.

    The specification asks for the latest ({ID}-45), whose batch may have another size. Look at
    where forward keeps what backward needs, and whether it always does.
    """

    first: Any = None

    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction, target)
        self.first = (prediction.copy(), target.copy()) if self.first is None else self.first
        return value

    def backward(self) -> Array:
        if self.first is not None:
            super().forward(*self.first)
        return super().backward()


@habit(losses("46"))
class GradientDividedAgain(Loss):
    """Every backward divides the same array once more.

    The specification asks that a second backward returns the same gradient ({ID}-46). Look for an
    operator such as /= on what forward has kept.
    """

    calls = 0

    def forward(self, prediction: Array, target: Array) -> float:
        self.calls = 0
        return super().forward(prediction, target)

    def backward(self) -> Array:
        gradient = super().backward()
        self.calls += 1
        return gradient / gradient.dtype.type(len(gradient) ** (self.calls - 1))


@habit(losses("47"))
class StateOnTheClass(Loss):
    """What forward keeps for backward is kept on the class: all instances share it.

    The specification asks that two instances share nothing ({ID}-47). Look for what is assigned in
    the body of the class, outside of any method, or for a global variable.
    """

    shared: Any = None
    ready = False

    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction, target)
        type(self).shared, self.ready = (prediction.copy(), target.copy()), True
        return value

    def backward(self) -> Array:
        if self.ready:
            super().forward(*type(self).shared)
        return super().backward()


@habit(losses("47"))
class StateOnTheClassByShape(Loss):
    """What forward keeps for backward is kept on the class, under the shape of the prediction.

    The specification asks that two instances share nothing ({ID}-47), two of the same shape too.
    Look for a dict of arrays in the body of the class, or for a global one.
    """

    shared: Any = {}  # noqa: RUF012
    shape: Any = None

    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction, target)
        self.shape = prediction.shape
        self.shared[self.shape] = prediction.copy(), target.copy()
        return value

    def backward(self) -> Array:
        if self.shape is not None:
            super().forward(*self.shared[self.shape])
        return super().backward()


@habit(losses("48"))
class MemoryOrderTaken(Loss):
    """The elements of the prediction are taken in the order in which they lie in memory.

    The specification asks for the order of the axes, also for a view whose memory lies otherwise
    ({ID}-48). Look for the order "K" or "A" of a reshape or a ravel.
    """

    def forward(self, prediction: Array, target: Array) -> float:
        return super().forward(prediction.ravel(order="K").reshape(prediction.shape), target)


@habit(losses("60"))
class ComputedInFloat32(Loss):
    """Everything is computed in float32, whatever came.

    The numbers are right to seven digits; the specification asks for float64 where float64 came
    ({ID}-60). Look for a dtype that is written into the code.
    """

    def forward(self, prediction: Array, target: Array) -> float:
        self.dtype = prediction.dtype
        target = target.astype(np.float32) if target.dtype.kind == "f" else target
        return super().forward(prediction.astype(np.float32), target)

    def backward(self) -> Array:
        gradient = super().backward()
        return gradient.astype(self.dtype)


@habit(losses("61"))
class GradientAlwaysFloat64(Loss):
    """The gradient is float64, whatever came.

    The specification asks for float32 where float32 came ({ID}-61). Look at the dtype of what the
    prediction is combined with.
    """

    def backward(self) -> Array:
        return super().backward().astype(np.float64)


@habit(losses("71 74"))
class BadInputGivesZero(Loss):
    """Input that does not fit together gives a loss of 0.

    The specification asks for a ValueError ({ID}-71). Look for an except that catches everything.
    """

    def forward(self, prediction: Array, target: Array) -> float:
        try:
            return super().forward(prediction, target)
        except ValueError:
            return 0.0


@habit(losses("73 74"))
class NothingKeptIsNotNoticed(Loss):
    """backward before any forward ends in an error of Python's own.

    The specification asks for a RuntimeError that names the loss ({ID}-73). Look at what backward
    finds where forward has kept nothing yet.
    """

    ready = False

    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction, target)
        self.ready = True
        return value

    def backward(self) -> Array:
        if not self.ready:
            raise AttributeError("'NoneType' object has no attribute 'shape'")
        return super().backward()


@habit(losses("74"))
class ErrorsSayNothing(Loss):
    """The text of an error does not say what came.

    The specification asks that it names the loss and the shape or label ({ID}-74). Look at the
    texts of your errors.
    """

    def forward(self, prediction: Array, target: Array) -> float:
        try:
            return super().forward(prediction, target)
        except ValueError:
            raise ValueError("invalid input") from None
