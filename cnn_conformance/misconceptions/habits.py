"""Habits that go wrong in any layer: what is kept, what is overwritten, in which precision.

Each is a mixin, laid over the reference's layers one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.misconceptions.catalogue import habit

if TYPE_CHECKING:

    class Layer:
        """Any layer of the reference."""

        params: dict[str, Array]
        grads: dict[str, Array]
        training: bool

        def __init__(self, *args: Any, **options: Any) -> None: ...
        def forward(self, x: Array) -> Array: ...
        def backward(self, dout: Array) -> Array: ...
else:
    Layer = object

ELEMENTWISE = ("ReLU", "LeakyReLU", "ELU", "Sigmoid", "Tanh", "Softmax")
GLOBAL = ("GlobalAvgPool2D", "GlobalMaxPool2D")
POOLING = ("MaxPool2D", "AvgPool2D", *GLOBAL)
LINEAR = ("Flatten", "AvgPool2D", "GlobalAvgPool2D")  # backward needs nothing but shapes
LEARNING = ("Conv2D", "Dense", "BatchNorm2D", "RNN")
LAYERS = (*LEARNING, *POOLING, "Flatten", *ELEMENTWISE)


def layers(loses: str, **special: str) -> dict[str, str]:
    """Return what every layer loses, some of them something else."""
    return {unit: special.get(unit, loses) for unit in LAYERS}


@habit(layers("42 48"))
class WritesIntoItsInput(Layer):
    """forward writes into the array that it was given.

    The specification asks that x stays as it was ({ID}-42); an array that may not be written to is
    an error then. Look for an assignment to x[...], or an operator such as += on it.
    """

    def forward(self, x: Array) -> Array:
        y = super().forward(x.copy())
        np.abs(x, out=x)
        return y


@habit(layers("43 48"))
class WritesIntoTheUpstreamGradient(Layer):
    """backward writes into dout.

    The specification asks that dout stays as it was ({ID}-43): it belongs to the caller. Look for
    an assignment to dout[...], or an operator such as *= on it.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout.copy())
        dout *= 2
        return dx


@habit(layers("44"))
class OutputBufferReused(Layer):
    """Every forward writes its output into the same array.

    The specification asks that what forward returned is never changed afterwards ({ID}-44): the
    caller may keep it. Look at where the array for the output is made.
    """

    buffer: Any = None

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        if self.buffer is None or self.buffer.shape != y.shape:
            self.buffer = np.empty_like(y)
        self.buffer[...] = y
        return self.buffer


@habit(layers("45", BatchNorm2D="10 23 39 45"))
class FirstForwardRemembered(Layer):
    """backward belongs to the first forward, not to the latest.

    The specification asks for the latest ({ID}-45), whose batch may have another size. Look at
    where forward keeps what backward needs, and whether it always does.
    """

    first: Any = None

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        self.first = x.copy() if self.first is None else self.first
        return y

    def backward(self, dout: Array) -> Array:
        if self.first is not None:
            super().forward(self.first)
        return super().backward(dout)


@habit(layers("46"))
class CacheThrownAwayByBackward(Layer):
    """backward can be called only once: it throws away what forward has kept.

    The specification asks that it may be called again, with another dout ({ID}-46). Look for a pop
    or a del in backward, or for None assigned to what forward has kept.
    """

    used = False

    def forward(self, x: Array) -> Array:
        self.used = False
        return super().forward(x)

    def backward(self, dout: Array) -> Array:
        if self.used:
            raise TypeError("'NoneType' object is not subscriptable")
        dx = super().backward(dout)
        self.used = True
        return dx


@habit(dict.fromkeys(LEARNING, "45 46"))
class GradientsAddUp(Layer):
    """The gradients of the parameters add up from call to call.

    The specification asks that backward overwrites them ({ID}-46). Look at what grads holds when
    backward begins.
    """

    def backward(self, dout: Array) -> Array:
        before = dict(self.grads)
        dx = super().backward(dout)
        for name, grad in before.items():
            self.grads[name] = self.grads[name] + grad
        return dx


@habit(dict.fromkeys(LEARNING, "43 45 46"))
class LearnsInBackward(Layer):
    """backward changes the parameters by a step against their gradients.

    The specification asks that backward leaves them alone ({ID}-43): the step is the optimizer's.
    Look for an assignment to a parameter in backward.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        for name, grad in self.grads.items():
            self.params[name] -= 0.01 * grad
        return dx


@habit(
    {
        "Conv2D": "20-27 37 39 43 45 46",
        "Dense": "20 23 24 39 43 45 46",
        "BatchNorm2D": "20 23-25 39 43 45 46",
        "RNN": "20-25 39 43 45 46",
    }
)
class LearnsBeforeDx(Layer):
    """backward changes the weight and computes dx from the changed one.

    The specification asks for the gradient at the parameters that forward used ({ID}-20), and that
    they are left alone ({ID}-43). Look at the order of the lines in backward.
    """

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        for name, grad in self.grads.items():
            self.params[name] -= 0.01 * grad
        return super().backward(dout)


@habit(layers("47", BatchNorm2D="10 45 47"))
class StateOnTheClass(Layer):
    """What forward keeps for backward is kept on the class: all instances share it.

    The specification asks that two instances share nothing ({ID}-47). Look for what is assigned in
    the body of the class, outside of any method, or for a global variable.
    """

    shared: Any = None
    ready = False

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        type(self).shared, self.ready = x.copy(), True
        return y

    def backward(self, dout: Array) -> Array:
        if self.ready:
            super().forward(type(self).shared)
        return super().backward(dout)


@habit({u: lost for u, lost in layers("47", BatchNorm2D="10 45 47").items() if u not in LINEAR})
class StateOnTheClassByShape(Layer):
    """What forward keeps for backward is kept on the class, under the shape of the input.

    The specification asks that two instances share nothing ({ID}-47), two of the same shape too.
    Look for a dict of arrays in the body of the class, or for a global one.
    """

    shared: Any = {}  # noqa: RUF012
    shape: Any = None

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        self.shape = x.shape
        self.shared[x.shape] = x.copy()
        return y

    def backward(self, dout: Array) -> Array:
        if self.shape is not None:
            super().forward(self.shared[self.shape])
        return super().backward(dout)


@habit({"Conv2D": "47 49", "Dense": "47 49", "BatchNorm2D": "47"})
class GradsOnTheClass(Layer):
    """All instances have one and the same dict of gradients.

    The specification asks that two instances share nothing ({ID}-47). Look for a dict in the body
    of the class, or as the default value of an argument.
    """

    one: Any = {}  # noqa: RUF012

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        self.one.update(self.grads)
        self.grads = self.one
        return dx


@habit(layers("48"))
class MemoryOrderTaken(Layer):
    """The elements of x are taken in the order in which they lie in memory.

    The specification asks for the order of the axes, also for a view whose memory lies otherwise
    ({ID}-48). Look for the order "K" or "A" of a reshape or a ravel, and for what reads raw memory.
    """

    def forward(self, x: Array) -> Array:
        return super().forward(x.ravel(order="K").reshape(x.shape))


@habit(layers("48"))
class UpstreamInMemoryOrder(Layer):
    """The elements of dout are taken in the order in which they lie in memory.

    The specification asks for the order of the axes, also for a view whose memory lies otherwise
    ({ID}-48). Look for the order "K" or "A" of a reshape or a ravel in backward.
    """

    def backward(self, dout: Array) -> Array:
        return super().backward(dout.ravel(order="K").reshape(dout.shape))


@habit(layers("48"))
class SetsTheShapeInPlace(Layer):
    """The shape of dout is set where a reshape is needed.

    That fails for views; the specification asks that dout may be one ({ID}-48). Look for an
    assignment to the shape of an array.
    """

    def backward(self, dout: Array) -> Array:
        flat = dout.view()
        flat.shape = (dout.size,)
        return super().backward(dout)


@habit(layers("49"))
class NotTrainingAtFirst(Layer):
    """training is False at first.

    The specification asks for True ({ID}-49). Look at the value that the constructor gives it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.training = False


@habit(layers("60"))
class ComputedInFloat32(Layer):
    """Everything is computed in float32, whatever came.

    The numbers are right to seven digits; the specification asks for float64 where float64 came
    ({ID}-60). Look for a dtype that is written into the code.
    """

    def forward(self, x: Array) -> Array:
        return self.in_float32(super().forward, x)

    def backward(self, dout: Array) -> Array:
        dx = self.in_float32(super().backward, dout)
        self.grads = {name: grad.astype(dout.dtype) for name, grad in self.grads.items()}
        return dx

    def in_float32(self, method: Any, array: Array) -> Array:
        """Call a method with everything in float32."""
        params = self.params
        self.params = {name: value.astype(np.float32) for name, value in params.items()}
        try:
            result: Array = method(array.astype(np.float32))
            return result.astype(array.dtype)
        finally:
            self.params = params


@habit(layers("61"))
class AlwaysFloat64(Layer):
    """The output is float64, whatever came.

    The specification asks for float32 where float32 came ({ID}-61). Look at the dtype of arrays
    that are made with zeros, and of what they are filled from.
    """

    def forward(self, x: Array) -> Array:
        return super().forward(x).astype(np.float64)


@habit(layers("61"))
class GradientIsFloat64(Layer):
    """dx is float64, whatever came.

    The specification asks for float32 where float32 came ({ID}-61). Look at the dtype of the array
    that backward makes for dx, and of what the gradient is multiplied with.
    """

    def backward(self, dout: Array) -> Array:
        return super().backward(dout).astype(np.float64)


@habit(layers("60"))
class GradientIsFloat32(Layer):
    """dx is float32, whatever came.

    The specification asks for float64 where float64 came ({ID}-60). Look at the dtype of the array
    that backward makes for dx.
    """

    def backward(self, dout: Array) -> Array:
        return super().backward(dout).astype(np.float32)
