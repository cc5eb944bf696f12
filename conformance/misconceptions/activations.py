"""Wrong ways of doing LeakyReLU, ELU, Sigmoid and Tanh."""

from __future__ import annotations

from typing import Any

import numpy as np

import reference
from conformance.arrays import Array
from conformance.misconceptions.catalogue import misconception


class Plain:
    """An activation, step by step: its output, and its derivative."""

    x: Any = None

    def forward(self, x: Array) -> Array:
        super().forward(x)  # type: ignore[misc]
        self.x = x
        return self.output(x).astype(x.dtype, copy=False)

    def backward(self, dout: Array) -> Array:
        super().backward(dout)  # type: ignore[misc]
        return (dout * self.derivative(self.x)).astype(self.x.dtype, copy=False)

    def output(self, x: Array) -> Array:
        """Return y."""
        raise NotImplementedError

    def derivative(self, x: Array) -> Array:
        """Return the derivative of y."""
        raise NotImplementedError


class PlainLeakyReLU(Plain, reference.LeakyReLU):
    """LeakyReLU, step by step."""

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, self.negative_slope * x)

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, self.negative_slope)


class PlainELU(Plain, reference.ELU):
    """ELU, step by step."""

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, self.alpha * np.exp(np.minimum(x, 0)))


class PlainSigmoid(Plain, reference.Sigmoid):
    """Sigmoid, step by step."""

    def output(self, x: Array) -> Array:
        small = np.exp(-np.abs(x))
        return np.where(x > 0, 1, small) / (1 + small)

    def derivative(self, x: Array) -> Array:
        y = PlainSigmoid.output(self, x)
        return y * (1 - y)


class PlainTanh(Plain, reference.Tanh):
    """Tanh, step by step."""

    def output(self, x: Array) -> Array:
        return np.tanh(x)

    def derivative(self, x: Array) -> Array:
        derivative: Array = 1 - np.tanh(x) ** 2
        return derivative


def _raw(function: Any, x: Array) -> Array:
    """Compute with inf and nan where they come of it, and without warnings."""
    with np.errstate(over="ignore", invalid="ignore"):
        result: Array = function(x)
    return result


# ---------------------------------------------------------------- LeakyReLU


@misconception("LeakyReLU", loses="1-3")
class NothingLeaks(PlainLeakyReLU):
    """Negative elements become 0, as in a ReLU.

    The specification asks that they are multiplied by the slope (LEAKYRELU-1). Look at what forward
    makes of a negative element.
    """

    def output(self, x: Array) -> Array:
        return np.maximum(x, 0)


@misconception("LeakyReLU", loses="1 3")
class AnotherDefaultSlope(PlainLeakyReLU):
    """The slope is 0.1 where none is given.

    The specification asks for 0.01 (LEAKYRELU-1), as PyTorch does; other frameworks and papers have
    0.1, 0.2 or 0.3. Look at the default value of the argument.
    """

    def output(self, x: Array) -> Array:
        slope = 0.1 if self.negative_slope == 0.01 else self.negative_slope
        return np.where(x > 0, x, slope * x)


@misconception("LeakyReLU", loses="2")
class SlopeIgnored(PlainLeakyReLU):
    """The slope is 0.01, whatever is asked for.

    The specification asks for the slope that was given (LEAKYRELU-2). Look at where forward takes
    its number from.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, 0.01 * x)


@misconception("LeakyReLU", loses="2")
class LargerOfBoth(PlainLeakyReLU):
    """The larger one of x and slope · x is taken.

    That is the same for slopes up to 1 only. The specification asks that negative elements are
    multiplied by the slope, however steep (LEAKYRELU-2). Look at the maximum.
    """

    def output(self, x: Array) -> Array:
        return np.maximum(x, self.negative_slope * x)


@misconception("LeakyReLU", loses="1-3")
class NegativeSlopeIsNegative(PlainLeakyReLU):
    """Negative elements change their sign.

    The specification asks for x times the slope, which is negative where x is (LEAKYRELU-1). Look
    for a minus or an absolute value in forward.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, -self.negative_slope * x)


@misconception("LeakyReLU", loses="1-3")
class SlopeWithoutElement(PlainLeakyReLU):
    """Negative elements become the slope itself.

    The specification asks for the slope times the element (LEAKYRELU-1). Look at what stands in the
    branch for negative elements.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, self.negative_slope)


@misconception("LeakyReLU", loses="22")
class DerivativeOneAtZero(PlainLeakyReLU):
    """The derivative at exactly 0 is 1: a convention.

    The specification asks for the slope (LEAKYRELU-22), as PyTorch does. Look at what becomes of an
    element that is exactly 0.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x >= 0, 1.0, self.negative_slope)


@misconception("LeakyReLU", loses="20 21 24 22 39")
class NoGradientLeaks(PlainLeakyReLU):
    """dx is 0 where x is negative: the derivative is that of a ReLU.

    The specification asks for dout times the slope there (LEAKYRELU-20). Look at what backward
    makes of a negative element.
    """

    def derivative(self, x: Array) -> Array:
        derivative: Array = x > 0
        return derivative


@misconception("LeakyReLU", loses="24 39 22")
class SlopeIgnoredInBackward(PlainLeakyReLU):
    """The slope of backward is 0.01, whatever is asked for.

    The specification asks for the slope that was given (LEAKYRELU-24). Look at where backward takes
    its number from.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, 0.01)


@misconception("LeakyReLU", loses="20 21 24 22 39")
class LeakyMaskOfUpstream(PlainLeakyReLU):
    """dout is multiplied by the slope where dout itself is negative.

    The specification asks for the sign of x, not of dout (LEAKYRELU-20). Look at which array makes
    the mask.
    """

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return np.where(dout > 0, dout, dout * dout.dtype.type(self.negative_slope))


# ---------------------------------------------------------------- ELU


@misconception("ELU", loses="1-4")
class ExponentialWithoutOne(PlainELU):
    """Negative elements become exp(x): the 1 is not taken away.

    The specification asks for alpha (exp(x) - 1) (ELU-1), which meets the other branch at 0. Look
    at the branch for negative elements.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, self.alpha * np.exp(np.minimum(x, 0)))


@misconception("ELU", loses="2")
class OneTakenAwayOutside(PlainELU):
    """Negative elements become alpha exp(x) - 1.

    The specification asks for alpha (exp(x) - 1) (ELU-2): alpha multiplies the 1 too. Look at the
    brackets.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, self.alpha * np.exp(np.minimum(x, 0)) - 1)


@misconception("ELU", loses="2")
class AlphaIgnored(PlainELU):
    """alpha is 1, whatever is asked for.

    The specification asks for the alpha that was given (ELU-2). Look at where it is used.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


@misconception("ELU", loses="1-4")
class NothingBelowZero(PlainELU):
    """Negative elements become 0, as in a ReLU.

    The specification asks for alpha (exp(x) - 1) (ELU-1). Look at what forward makes of a negative
    element.
    """

    def output(self, x: Array) -> Array:
        return np.maximum(x, 0)


@misconception("ELU", loses="4")
class BranchesAddedUp(PlainELU):
    """Both branches are computed everywhere, multiplied with masks and added up.

    For a large x the exponential is inf, and inf times 0 is nan; the specification asks for
    elements up to 1e4 (ELU-4). Look at what exp gets to see.
    """

    def output(self, x: Array) -> Array:
        return _raw(lambda x: x * (x > 0) + self.alpha * (np.exp(x) - 1) * (x <= 0), x)


@misconception("ELU", loses="23")
class SlopesAddedUp(PlainELU):
    """The derivatives of both branches are computed everywhere, multiplied with masks and added up.

    For a large x the exponential is inf, and inf times 0 is nan; the specification asks for
    elements up to 1e4 (ELU-23). Look at what exp gets to see in backward.
    """

    def derivative(self, x: Array) -> Array:
        return _raw(lambda x: (x > 0) + self.alpha * np.exp(x) * (x <= 0), x)


@misconception("ELU", loses="22")
class SlopeOneAtZero(PlainELU):
    """The derivative at exactly 0 is 1: a convention.

    The specification asks for alpha (ELU-22), as PyTorch does. Look at what becomes of an element
    that is exactly 0.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x >= 0, 1.0, self.alpha * np.exp(np.minimum(x, 0)))


@misconception("ELU", loses="20-24 39")
class OutputForDerivative(PlainELU):
    """The derivative below 0 is the output: alpha is not added.

    The specification asks for alpha exp(x), which is y + alpha (ELU-20). Look at how backward makes
    the derivative from the output.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, self.alpha * np.expm1(np.minimum(x, 0)))


@misconception("ELU", loses="22 24 39")
class AlphaIgnoredInBackward(PlainELU):
    """The derivative below 0 is exp(x), whatever alpha is.

    The specification asks for alpha exp(x) (ELU-24). Look at where backward uses alpha.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))


@misconception("ELU", loses="20-24 39")
class DerivativeZeroBelowZero(PlainELU):
    """dx is 0 where x is negative: the derivative is that of a ReLU.

    The specification asks for dout times alpha exp(x) there (ELU-20). Look at what backward makes
    of a negative element.
    """

    def derivative(self, x: Array) -> Array:
        derivative: Array = x > 0
        return derivative


# ---------------------------------------------------------------- Sigmoid


@misconception("Sigmoid", loses="3")
class ExponentialsOverflow(PlainSigmoid):
    """exp(x) / (1 + exp(x)) is computed as it stands.

    For a large x both are inf, and their quotient is nan; the specification asks for elements up to
    1e4 (SIGMOID-3). Look at which sign the argument of exp can have.
    """

    def output(self, x: Array) -> Array:
        return _raw(lambda x: np.exp(x) / (1 + np.exp(x)), x)


@misconception("Sigmoid", loses="1 2 3")
class SignOfTheExponent(PlainSigmoid):
    """exp(x) stands where exp(-x) has to: the curve falls.

    The specification asks for 1 / (1 + exp(-x)) (SIGMOID-1). Look at the sign of the exponent.
    """

    def output(self, x: Array) -> Array:
        return PlainSigmoid.output(self, -x)


@misconception("Sigmoid", loses="1 2 3")
class TanhForSigmoid(PlainSigmoid):
    """The hyperbolic tangent is computed.

    The specification asks for 1 / (1 + exp(-x)), which lies between 0 and 1 (SIGMOID-1). Look at
    the function in forward.
    """

    def output(self, x: Array) -> Array:
        return np.tanh(x)


@misconception("Sigmoid", loses="1 2 3")
class TanhWithoutHalf(PlainSigmoid):
    """The tangent is moved to lie between 0 and 1, and its argument is not halved.

    The specification asks for 1 / (1 + exp(-x)) (SIGMOID-1), which is half as steep. Look at the
    argument of tanh.
    """

    def output(self, x: Array) -> Array:
        return (np.tanh(x) + 1) / 2


@misconception("Sigmoid", loses="1 2 3")
class StraightLine(PlainSigmoid):
    """A straight line between two bounds stands for the curve.

    The specification asks for 1 / (1 + exp(-x)) (SIGMOID-1). Look for a clip in forward.
    """

    def output(self, x: Array) -> Array:
        return np.clip(0.2 * x + 0.5, 0, 1)


@misconception("Sigmoid", loses="60")
class SigmoidKeptFromItsBounds(PlainSigmoid):
    """The output is kept away from 0 and 1 by a small number.

    The specification asks for the sigmoid itself, to the digits of float64 (SIGMOID-60). Look for a
    clip of the output; where a logarithm follows, it is the loss's matter.
    """

    def output(self, x: Array) -> Array:
        return np.clip(super().output(x), 1e-7, 1 - 1e-7)


@misconception("Sigmoid", loses="20 21 23 39")
class DerivativeIsTheOutput(PlainSigmoid):
    """dx is dout times y.

    The specification asks for dout · y (1 - y) (SIGMOID-20). Look at what backward multiplies with.
    """

    def derivative(self, x: Array) -> Array:
        return self.output(x)


@misconception("Sigmoid", loses="20 21 23 39")
class DerivativeOfTheInput(PlainSigmoid):
    """dx is dout · x (1 - x): the input stands where the output has to.

    The specification asks for dout · y (1 - y) (SIGMOID-20). Look at which array forward keeps.
    """

    def derivative(self, x: Array) -> Array:
        return x * (1 - x)


@misconception("Sigmoid", loses="20 21 23 39")
class SigmoidOfTheOutput(PlainSigmoid):
    """backward takes the sigmoid of the output once more.

    The specification asks for dout · y (1 - y), with the y that forward has computed (SIGMOID-20).
    Look at which array forward keeps, and what backward does to it first.
    """

    def derivative(self, x: Array) -> Array:
        y = self.output(self.output(x))
        return y * (1 - y)


@misconception("Sigmoid", loses="23")
class DerivativeOverflows(PlainSigmoid):
    """The derivative is computed as exp(-x) / (1 + exp(-x))².

    For a large negative x both are inf, and their quotient is nan; the specification asks for
    elements up to 1e4 (SIGMOID-23). Look at what backward computes anew.
    """

    def derivative(self, x: Array) -> Array:
        return _raw(lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2, x)


@misconception("Sigmoid", loses="20 21 23 39")
class SigmoidWithoutUpstream(PlainSigmoid):
    """dx is y (1 - y): dout does not count.

    The specification asks for dout times that (SIGMOID-20). Look at where dout enters into dx.
    """

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return self.derivative(self.x).astype(dout.dtype)


# ---------------------------------------------------------------- Tanh


@misconception("Tanh", loses="3")
class TanhFromExponentials(PlainTanh):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)) is computed as it stands.

    For a large x both are inf, and their quotient is nan; the specification asks for elements up to
    1e4 (TANH-3). Look at which sign the argument of exp can have, or for a function of numpy's.
    """

    def output(self, x: Array) -> Array:
        return _raw(lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), x)


@misconception("Tanh", loses="1-3")
class SigmoidForTanh(PlainTanh):
    """The sigmoid is computed.

    The specification asks for tanh(x), which lies between -1 and 1 (TANH-1). Look at the function
    in forward.
    """

    def output(self, x: Array) -> Array:
        return (np.tanh(x / 2) + 1) / 2


@misconception("Tanh", loses="1-3")
class SigmoidWithoutDouble(PlainTanh):
    """The sigmoid is stretched to lie between -1 and 1, and its argument is not doubled.

    The specification asks for tanh(x), which is 2 sigmoid(2 x) - 1 (TANH-1). Look at the argument
    of the exponential.
    """

    def output(self, x: Array) -> Array:
        return np.tanh(x / 2)


@misconception("Tanh", loses="20 21 23 39")
class OutputNotSquared(PlainTanh):
    """dx is dout · (1 - y).

    The specification asks for dout · (1 - y²) (TANH-20). Look at the exponent in backward.
    """

    def derivative(self, x: Array) -> Array:
        derivative: Array = 1 - np.tanh(x)
        return derivative


@misconception("Tanh", loses="20 21 23 39")
class SquareOfTheInput(PlainTanh):
    """dx is dout · (1 - x²): the input stands where the output has to.

    The specification asks for dout · (1 - y²) (TANH-20). Look at which array forward keeps.
    """

    def derivative(self, x: Array) -> Array:
        return 1 - x * x


@misconception("Tanh", loses="20 21 23 39")
class TangentOfTheOutput(PlainTanh):
    """backward takes the tangent of the output once more.

    The specification asks for dout · (1 - y²), with the y that forward has computed (TANH-20). Look
    at which array forward keeps, and what backward does to it first.
    """

    def derivative(self, x: Array) -> Array:
        derivative: Array = 1 - np.tanh(np.tanh(x)) ** 2
        return derivative


@misconception("Tanh", loses="20 21 23 39")
class DerivativeOfASigmoid(PlainTanh):
    """dx is dout · y (1 - y), the derivative of a sigmoid.

    The specification asks for dout · (1 - y²) (TANH-20). Look at which function's derivative
    backward has.
    """

    def derivative(self, x: Array) -> Array:
        y = np.tanh(x)
        return y * (1 - y)


@misconception("Tanh", loses="23")
class SecantOverflows(PlainTanh):
    """The derivative is computed as 4 / (exp(x) + exp(-x))², with squares that overflow to nan.

    The specification asks for elements up to 1e4 (TANH-23). Look at what backward computes anew.
    """

    def derivative(self, x: Array) -> Array:
        return _raw(lambda x: 4 * np.exp(2 * x) / (np.exp(2 * x) + 1) ** 2, x)


@misconception("Tanh", loses="20 21 23 39")
class TanhWithoutUpstream(PlainTanh):
    """dx is 1 - y²: dout does not count.

    The specification asks for dout times that (TANH-20). Look at where dout enters into dx.
    """

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return self.derivative(self.x).astype(dout.dtype)
