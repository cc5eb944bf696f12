"""Habits that go wrong in any loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnn_conformance.arrays import Array

if TYPE_CHECKING:

    class Loss:
        """Any loss of the reference."""

        def __init__(self, *args: Any, **options: Any) -> None: ...
        def forward(self, prediction: Array, target: Array) -> float: ...
        def backward(self) -> Array: ...
else:
    Loss = object


class WritesIntoThePrediction(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction.copy(), target)
        prediction -= prediction.max()
        return value


class WritesIntoTheTarget(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction, target.copy())
        if target.flags.writeable:
            target[...] = 0
        return value


class GradientOverwritesThePrediction(Loss):
    kept: Any = None

    def forward(self, prediction: Array, target: Array) -> float:
        self.kept = prediction
        return super().forward(prediction.copy(), target.copy())

    def backward(self) -> Array:
        gradient = super().backward()
        self.kept[...] = gradient
        return gradient


class FirstForwardRemembered(Loss):
    first: Any = None

    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction, target)
        self.first = (prediction.copy(), target.copy()) if self.first is None else self.first
        return value

    def backward(self) -> Array:
        if self.first is not None:
            super().forward(*self.first)
        return super().backward()


class OldestForwardFirst(Loss):
    now: Any = None

    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction, target)
        vars(self).setdefault("queue", []).append((prediction.copy(), target.copy()))
        return value

    def backward(self) -> Array:
        queue = vars(self).get("queue")
        if queue:
            self.now = queue.pop(0)
        if self.now is not None:
            super().forward(*self.now)
        return super().backward()


class GradientDividedAgain(Loss):
    calls = 0

    def forward(self, prediction: Array, target: Array) -> float:
        self.calls = 0
        return super().forward(prediction, target)

    def backward(self) -> Array:
        gradient = super().backward()
        self.calls += 1
        return gradient / gradient.dtype.type(len(gradient) ** (self.calls - 1))


class StateOnTheClass(Loss):
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


class StateOnTheClassByShape(Loss):
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


class MemoryOrderTaken(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        return super().forward(prediction.ravel(order="K").reshape(prediction.shape), target)


class ComputedInFloat32(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        self.dtype = prediction.dtype
        target = target.astype(np.float32) if target.dtype.kind == "f" else target
        return super().forward(prediction.astype(np.float32), target)

    def backward(self) -> Array:
        gradient = super().backward()
        return gradient.astype(self.dtype)


class GradientAlwaysFloat64(Loss):
    def backward(self) -> Array:
        return super().backward().astype(np.float64)


class BadInputGivesZero(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        try:
            return super().forward(prediction, target)
        except ValueError:
            return 0.0


class NothingKeptIsNotNoticed(Loss):
    ready = False

    def forward(self, prediction: Array, target: Array) -> float:
        value = super().forward(prediction, target)
        self.ready = True
        return value

    def backward(self) -> Array:
        if not self.ready:
            raise AttributeError("'NoneType' object has no attribute 'shape'")
        return super().backward()


class ErrorsSayNothing(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        try:
            return super().forward(prediction, target)
        except ValueError:
            raise ValueError("invalid input") from None


class NegativeLabelsFromTheEnd(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        if target.ndim == 1 and prediction.ndim == 2:
            target = np.where(target < 0, target + prediction.shape[1], target)
        return super().forward(prediction, target)


class LabelsInOneByte(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        labels = target.astype(np.uint8)
        return super().forward(prediction, np.where(target < 0, target, labels))


class UnsignedLabelsRefused(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        if target.dtype.kind == "u":
            raise ValueError("expected integer labels")
        return super().forward(prediction, target)


class LabelsOfOneDtypeOnly(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        if target.dtype != np.int64:
            raise ValueError("expected labels of int64")
        return super().forward(prediction, target)


class LabelsLessOne(Loss):
    def forward(self, prediction: Array, target: Array) -> float:
        if 0 <= target.min() <= target.max() < prediction.shape[-1]:
            target = np.maximum(target, 1) - 1
        return super().forward(prediction, target)
