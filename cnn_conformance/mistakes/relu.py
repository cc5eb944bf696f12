"""Wrong ways of doing ReLU."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake


class PlainReLU(reference.ReLU):
    """ReLU, step by step."""

    x: Any = None

    def forward(self, x: Array) -> Array:
        super().forward(x)
        self.x = x
        return self.output(x)

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return dout * self.derivative(self.x)

    def output(self, x: Array) -> Array:
        """Return y."""
        return np.maximum(x, 0)

    def derivative(self, x: Array) -> Array:
        """Return the derivative of y."""
        derivative: Array = x > 0
        return derivative


@mistake("ReLU", loses="1 2")
class NegativeForPositive(PlainReLU):
    """Positive elements become 0, negative ones stay.

    The specification asks for the positive ones (RELU-1). Look at which way the comparison goes.
    """

    def output(self, x: Array) -> Array:
        return np.minimum(x, 0)


@mistake("ReLU", loses="1 2")
class MagnitudeForPositivePart(PlainReLU):
    """Negative elements change their sign.

    The specification asks that they become 0 (RELU-1). Look at what forward makes of a negative
    element.
    """

    def output(self, x: Array) -> Array:
        return np.abs(x)


@mistake("ReLU", loses="1 2")
class LeakyWithoutBeingAsked(PlainReLU):
    """Negative elements become a hundredth of what they were.

    The specification asks that they become 0 (RELU-1): a slope belongs to another layer. Look at
    what forward makes of a negative element.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, x * x.dtype.type(0.01))


@mistake("ReLU", loses="1")
class CappedAtSix(PlainReLU):
    """Elements above 6 become 6.

    The specification asks that positive elements stay (RELU-1). Look for a clip or a second bound.
    """

    def output(self, x: Array) -> Array:
        return np.clip(x, 0, 6)


@mistake("ReLU", loses="1 2")
class StepForRamp(PlainReLU):
    """Positive elements become 1.

    That is the derivative; the specification asks that they stay (RELU-1). Look at whether forward
    returns the mask or what it lets through.
    """

    def output(self, x: Array) -> Array:
        return (x > 0).astype(x.dtype)


@mistake("ReLU", loses="2")
class OnlyImagesAndRows(PlainReLU):
    """Inputs of other than two or four dimensions fail.

    The specification asks for any shape (RELU-2). Look at where you take the shape apart.
    """

    def output(self, x: Array) -> Array:
        if x.ndim not in (2, 4):
            raise TypeError(f"cannot unpack {x.ndim} sizes")
        return super().output(x)


@mistake("ReLU", loses="1 2")
class OnlyTheFirstSample(PlainReLU):
    """Only the first sample is looked at; the others pass as they are.

    The specification asks for every element (RELU-1). Look for a return inside a loop.
    """

    def output(self, x: Array) -> Array:
        y = x.copy()
        y[0] = np.maximum(y[0], 0)
        return y


@mistake("ReLU", loses="22")
class DerivativeOneAtZero(PlainReLU):
    """The derivative at exactly 0 is 1: a convention.

    The specification asks for 0 (RELU-22), as PyTorch does. Look at what becomes of an element that
    is exactly 0.
    """

    def derivative(self, x: Array) -> Array:
        derivative: Array = x >= 0
        return derivative


@mistake("ReLU", loses="22")
class DerivativeHalfAtZero(PlainReLU):
    """The derivative at exactly 0 is one half: a convention.

    The specification asks for 0 (RELU-22), as PyTorch does. Look at what becomes of an element that
    is exactly 0.
    """

    def derivative(self, x: Array) -> Array:
        return np.heaviside(x, x.dtype.type(0.5))


@mistake("ReLU", loses="20-22 39")
class GradientPassesEverywhere(PlainReLU):
    """dx is dout: nothing is held back.

    The specification asks for 0 where x is negative (RELU-20). Look at what backward multiplies
    with.
    """

    def derivative(self, x: Array) -> Array:
        return np.ones_like(x)


@mistake("ReLU", loses="20-22 39")
class MaskOfTheUpstreamGradient(PlainReLU):
    """dout is held back where dout itself is negative.

    The specification asks for the sign of x, not of dout (RELU-20). Look at which array makes the
    mask.
    """

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return np.maximum(dout, 0)


@mistake("ReLU", loses="20-22 39")
class ValueForDerivative(PlainReLU):
    """backward multiplies with the output where it has to multiply with the derivative.

    The specification asks for dout where x is positive (RELU-20). Look at what forward keeps, and
    what backward does with it.
    """

    def derivative(self, x: Array) -> Array:
        return np.maximum(x, 0)


@mistake("ReLU", loses="20-22 39")
class MaskReversed(PlainReLU):
    """dx is dout where x is negative.

    The specification asks for dout where x is positive (RELU-20). Look at which way the comparison
    of backward goes.
    """

    def derivative(self, x: Array) -> Array:
        derivative: Array = x <= 0
        return derivative


@mistake("ReLU", loses="20-22 39")
class DerivativeWithoutUpstream(PlainReLU):
    """dx is 1 where x is positive: dout does not count.

    The specification asks for dout there (RELU-20). Look at where dout enters into dx.
    """

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return self.derivative(self.x).astype(dout.dtype)


@mistake("ReLU", loses="20-22 39")
class DxForgotten(PlainReLU):
    """backward returns zeros.

    The specification asks for dout where x is positive (RELU-20). Look at what backward returns.
    """

    def derivative(self, x: Array) -> Array:
        return np.zeros_like(x)


@mistake("ReLU", loses="20-22 39")
class DxNotReturned(PlainReLU):
    """backward returns None.

    A layer without parameters has a gradient too; the specification asks for dx (RELU-20). Look at
    the last line of backward.
    """

    def backward(self, dout: Array) -> Any:
        super().backward(dout)


@mistake("ReLU", loses="20-22 39")
class MaskOfAnotherActivation(PlainReLU):
    """The derivative is that of a sigmoid or tanh, computed from the output.

    The specification asks for 1 where x is positive (RELU-20). Look at which function's derivative
    this is.
    """

    def derivative(self, x: Array) -> Array:
        y = np.maximum(x, 0)
        return y * (1 - y)
