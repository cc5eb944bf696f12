"""Wrong ways of doing LeakyReLU."""

from __future__ import annotations

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain_activation import Plain


class PlainLeakyReLU(Plain, reference.LeakyReLU):
    """LeakyReLU, step by step."""

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, self.negative_slope * x)

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, self.negative_slope)


@mistake("LeakyReLU", loses="1-3")
class NothingLeaks(PlainLeakyReLU):
    """Negative elements become 0, as in a ReLU.

    The specification asks that they are multiplied by the slope (LEAKYRELU-1). Look at what forward
    makes of a negative element.
    """

    def output(self, x: Array) -> Array:
        return np.maximum(x, 0)


@mistake("LeakyReLU", loses="1 3")
class AnotherDefaultSlope(PlainLeakyReLU):
    """The slope is 0.1 where none is given.

    The specification asks for 0.01 (LEAKYRELU-1), as PyTorch does; other frameworks and papers have
    0.1, 0.2 or 0.3. Look at the default value of the argument.
    """

    def output(self, x: Array) -> Array:
        slope = 0.1 if self.negative_slope == 0.01 else self.negative_slope
        return np.where(x > 0, x, slope * x)


@mistake("LeakyReLU", loses="2")
class SlopeIgnored(PlainLeakyReLU):
    """The slope is 0.01, whatever is asked for.

    The specification asks for the slope that was given (LEAKYRELU-2). Look at where forward takes
    its number from.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, 0.01 * x)


@mistake("LeakyReLU", loses="2")
class LargerOfBoth(PlainLeakyReLU):
    """The larger one of x and slope · x is taken.

    That is the same for slopes up to 1 only. The specification asks that negative elements are
    multiplied by the slope, however steep (LEAKYRELU-2). Look at the maximum.
    """

    def output(self, x: Array) -> Array:
        return np.maximum(x, self.negative_slope * x)


@mistake("LeakyReLU", loses="1-3")
class NegativeSlopeIsNegative(PlainLeakyReLU):
    """Negative elements change their sign.

    The specification asks for x times the slope, which is negative where x is (LEAKYRELU-1). Look
    for a minus or an absolute value in forward.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, -self.negative_slope * x)


@mistake("LeakyReLU", loses="1-3")
class SlopeWithoutElement(PlainLeakyReLU):
    """Negative elements become the slope itself.

    The specification asks for the slope times the element (LEAKYRELU-1). Look at what stands in the
    branch for negative elements.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, self.negative_slope)


@mistake("LeakyReLU", loses="22")
class DerivativeOneAtZero(PlainLeakyReLU):
    """The derivative at exactly 0 is 1: a convention.

    The specification asks for the slope (LEAKYRELU-22), as PyTorch does. Look at what becomes of an
    element that is exactly 0.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x >= 0, 1.0, self.negative_slope)


@mistake("LeakyReLU", loses="20 21 24 22 39")
class NoGradientLeaks(PlainLeakyReLU):
    """dx is 0 where x is negative: the derivative is that of a ReLU.

    The specification asks for dout times the slope there (LEAKYRELU-20). Look at what backward
    makes of a negative element.
    """

    def derivative(self, x: Array) -> Array:
        derivative: Array = x > 0
        return derivative


@mistake("LeakyReLU", loses="24 39 22")
class SlopeIgnoredInBackward(PlainLeakyReLU):
    """The slope of backward is 0.01, whatever is asked for.

    The specification asks for the slope that was given (LEAKYRELU-24). Look at where backward takes
    its number from.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, 0.01)


@mistake("LeakyReLU", loses="20 21 24 22 39")
class LeakyMaskOfUpstream(PlainLeakyReLU):
    """dout is multiplied by the slope where dout itself is negative.

    The specification asks for the sign of x, not of dout (LEAKYRELU-20). Look at which array makes
    the mask.
    """

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return np.where(dout > 0, dout, dout * dout.dtype.type(self.negative_slope))


@mistake("LeakyReLU", loses="20 21 22 24 39")
class SlopesExchanged(PlainLeakyReLU):
    """Positive elements get the slope in backward, and negative ones 1: the other way round.

    The specification asks that dx is dout where x is positive (LEAKYRELU-20). Look at the order of
    the two branches, or at the comparison.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, self.negative_slope, 1.0)


@mistake("LeakyReLU", loses="20 21 22 24 39")
class SlopesExchangedButAtZero(PlainLeakyReLU):
    """Positive elements get the slope in backward, and negative ones 1: the other way round.

    The specification asks that dx is dout where x is positive (LEAKYRELU-20). Look at the order of
    the two branches, or at the comparison.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x >= 0, self.negative_slope, 1.0)
