"""Habits that go wrong in any layer: what is kept, what is overwritten, in which precision.

Each is a mixin, laid over the reference's layers one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnn_conformance.arrays import Array

if TYPE_CHECKING:

    class Layer:
        """Any layer of the reference."""

        params: dict[str, Array]
        grads: dict[str, Array]
        training: bool

        def __init__(self, *args: Any, **options: Any) -> None: ...
        def forward(self, *inputs: Array) -> Array: ...
        def backward(self, dout: Array, *more: Array) -> Array: ...
else:
    Layer = object


def copies(arrays: tuple[Array, ...]) -> tuple[Array, ...]:
    """Return copies of arrays."""
    return tuple(array.copy() for array in arrays)


class WritesIntoItsInput(Layer):
    def forward(self, *inputs: Array) -> Array:
        x, *others = inputs
        y = super().forward(x.copy(), *others)
        np.negative(x, out=x)
        return y


class WritesIntoTheUpstreamGradient(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        dx = super().backward(dout.copy(), *more)
        dout *= 2
        return dx


class WritesIntoItsInputWhereItCan(Layer):
    def forward(self, *inputs: Array) -> Array:
        x, *others = inputs
        y = super().forward(x.copy(), *others)
        if x.flags.writeable:
            np.negative(x, out=x)
        return y


class WritesIntoTheUpstreamGradientWhereItCan(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        dx = super().backward(dout.copy(), *more)
        if dout.flags.writeable:
            dout *= 2
        return dx


class OutputBufferReused(Layer):
    buffer: Any = None

    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        if self.buffer is None or self.buffer.shape != y.shape:
            self.buffer = np.empty_like(y)
        self.buffer[...] = y
        return self.buffer


class OutputOverwrittenByBackward(Layer):
    output: Any = None

    def forward(self, *inputs: Array) -> Array:
        self.output = super().forward(*inputs)
        return self.output

    def backward(self, dout: Array, *more: Array) -> Array:
        dx = super().backward(dout, *more)
        self.output *= dout
        return dx


class FirstForwardRemembered(Layer):
    first: Any = None

    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        self.first = copies(inputs) if self.first is None else self.first
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        if self.first is not None:
            super().forward(*self.first)
        return super().backward(dout, *more)


class LatestForwardInTraining(Layer):
    kept: Any = None

    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        if self.training:
            self.kept = copies(inputs)
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        if self.kept is not None:
            super().forward(*self.kept)
        return super().backward(dout, *more)


class OldestForwardFirst(Layer):
    now: Any = None

    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        vars(self).setdefault("queue", []).append(copies(inputs))
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        queue = vars(self).get("queue")
        if queue:
            self.now = queue.pop(0)
        if self.now is not None:
            super().forward(*self.now)
        return super().backward(dout, *more)


class BatchSizeKeptForAnImageSize(Layer):
    size: Any = None

    def forward(self, *inputs: Array) -> Array:
        (x,) = inputs
        if self.size is None or x.shape[1:] != self.size[1:]:
            self.size = x.shape
        return super().forward(*inputs)

    def backward(self, dout: Array, *more: Array) -> Array:
        dx = super().backward(dout, *more)
        return dx if dx.shape == self.size else np.resize(dx, self.size)


class ShapeKeptForACount(Layer):
    shape: Any = None

    def forward(self, *inputs: Array) -> Array:
        (x,) = inputs
        if self.shape is None or x.size != np.prod(self.shape):
            self.shape = x.shape
        return super().forward(*inputs)

    def backward(self, dout: Array, *more: Array) -> Array:
        return super().backward(dout, *more).reshape(self.shape)


class CacheThrownAwayByBackward(Layer):
    used = False

    def forward(self, *inputs: Array) -> Array:
        self.used = False
        return super().forward(*inputs)

    def backward(self, dout: Array, *more: Array) -> Array:
        if self.used:
            raise TypeError("'NoneType' object is not subscriptable")
        dx = super().backward(dout, *more)
        self.used = True
        return dx


class GradientsAddUp(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        before = dict(self.grads)
        dx = super().backward(dout, *more)
        for name, grad in before.items():
            self.grads[name] = self.grads[name] + grad
        return dx


class BiasGradientsAddUp(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        before = dict(self.grads)
        dx = super().backward(dout, *more)
        for name, grad in before.items():
            if "bias" in name:
                self.grads[name] = self.grads[name] + grad
        return dx


class LearnsInBackward(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        dx = super().backward(dout, *more)
        for name, grad in self.grads.items():
            self.params[name] -= 0.01 * grad
        return dx


class LearnsInBackwardAfterItsGradients(Layer):
    """Uses the parameters of forward, however often backward has changed them since."""

    used: Any = None

    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        self.used = {name: values.copy() for name, values in self.params.items()}
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        now = dict(self.params)
        self.params.update(self.used or now)
        dx = super().backward(dout, *more)
        self.params.update(now)
        for name, grad in self.grads.items():
            self.params[name] -= 0.01 * grad
        return dx


class LearnsBeforeDx(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        super().backward(dout, *more)
        for name, grad in self.grads.items():
            self.params[name] -= 0.01 * grad
        return super().backward(dout, *more)


class StateOnTheClass(Layer):
    shared: Any = None
    ready = False

    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        type(self).shared, self.ready = copies(inputs), True
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        if self.ready:
            super().forward(*type(self).shared)
        return super().backward(dout, *more)


class StateOnTheClassByShape(Layer):
    shared: Any = {}  # noqa: RUF012
    shape: Any = None

    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs)
        self.shape = inputs[0].shape
        self.shared[self.shape] = copies(inputs)
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        if self.shape is not None:
            super().forward(*self.shared[self.shape])
        return super().backward(dout, *more)


class GradsOnTheClass(Layer):
    one: Any = {}  # noqa: RUF012

    def backward(self, dout: Array, *more: Array) -> Array:
        dx = super().backward(dout, *more)
        self.one.update(self.grads)
        self.grads = self.one
        return dx


class MemoryOrderTaken(Layer):
    def forward(self, *inputs: Array) -> Array:
        return super().forward(*(x.ravel(order="K").reshape(x.shape) for x in inputs))


class UpstreamInMemoryOrder(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        return super().backward(dout.ravel(order="K").reshape(dout.shape), *more)


class SetsTheShapeInPlace(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        flat = dout.view()
        flat.shape = (dout.size,)
        return super().backward(dout, *more)


class NotTrainingAtFirst(Layer):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.training = False


class SamplesAfterTheFirst32(Layer):
    def forward(self, *inputs: Array) -> Array:
        y = super().forward(*inputs).copy()
        y[32:] = 0
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        seen = dout.copy()
        seen[32:] = 0
        return super().backward(seen, *more)


class ClipsTheUpstreamGradient(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        return super().backward(np.clip(dout, -5, 5), *more)


class ComputedInFloat32(Layer):
    def forward(self, *inputs: Array) -> Array:
        y: Array = self.in_float32(super().forward, *inputs)
        return y

    def backward(self, dout: Array, *more: Array) -> Array:
        dx: Array = self.in_float32(super().backward, dout, *more)
        self.grads = {name: grad.astype(dout.dtype) for name, grad in self.grads.items()}
        return dx

    def in_float32(self, method: Any, *arrays: Array) -> Any:
        """Call a method with everything in float32, but for indices and masks."""
        params = self.params
        numbers = [each for each in (*arrays, *params.values()) if each.dtype.kind == "f"]
        self.params = {name: value.astype(np.float32) for name, value in params.items()}
        single = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in arrays]
        try:
            result, dtype = method(*single), np.result_type(*numbers)
            if isinstance(result, tuple):
                return tuple(each.astype(dtype) for each in result)
            return result.astype(dtype)
        finally:
            self.params = params


class AlwaysFloat64(Layer):
    def forward(self, *inputs: Array) -> Array:
        return super().forward(*inputs).astype(np.float64)


class GradientIsFloat64(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        return super().backward(dout, *more).astype(np.float64)


class GradientIsFloat32(Layer):
    def backward(self, dout: Array, *more: Array) -> Array:
        return super().backward(dout, *more).astype(np.float32)
