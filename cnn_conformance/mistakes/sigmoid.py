"""Wrong ways of doing Sigmoid."""

from __future__ import annotations

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain_activation import Plain, raw


class PlainSigmoid(Plain, reference.Sigmoid):
    """Sigmoid, step by step."""

    def output(self, x: Array) -> Array:
        small = np.exp(-np.abs(x))
        return np.where(x > 0, 1, small) / (1 + small)

    def derivative(self, x: Array) -> Array:
        y = PlainSigmoid.output(self, x)
        return y * (1 - y)


@mistake("Sigmoid", loses="3")
class ExponentialsOverflow(PlainSigmoid):
    """exp(x) / (1 + exp(x)) is computed as it stands.

    For a large x both are inf, and their quotient is nan; the specification asks for elements up to
    1e4 (SIGMOID-3). Look at which sign the argument of exp can have.
    """

    def output(self, x: Array) -> Array:
        return raw(lambda x: np.exp(x) / (1 + np.exp(x)), x)


@mistake("Sigmoid", loses="1 2 3")
class SignOfTheExponent(PlainSigmoid):
    """exp(x) stands where exp(-x) has to: the curve falls.

    The specification asks for 1 / (1 + exp(-x)) (SIGMOID-1). Look at the sign of the exponent.
    """

    def output(self, x: Array) -> Array:
        return PlainSigmoid.output(self, -x)


@mistake("Sigmoid", loses="1 2 3")
class TanhForSigmoid(PlainSigmoid):
    """The hyperbolic tangent is computed.

    The specification asks for 1 / (1 + exp(-x)), which lies between 0 and 1 (SIGMOID-1). Look at
    the function in forward.
    """

    def output(self, x: Array) -> Array:
        return np.tanh(x)


@mistake("Sigmoid", loses="1 2 3")
class TanhWithoutHalf(PlainSigmoid):
    """The tangent is moved to lie between 0 and 1, and its argument is not halved.

    The specification asks for 1 / (1 + exp(-x)) (SIGMOID-1), which is half as steep. Look at the
    argument of tanh.
    """

    def output(self, x: Array) -> Array:
        return (np.tanh(x) + 1) / 2


@mistake("Sigmoid", loses="1 2 3")
class StraightLine(PlainSigmoid):
    """A straight line between two bounds stands for the curve.

    The specification asks for 1 / (1 + exp(-x)) (SIGMOID-1). Look for a clip in forward.
    """

    def output(self, x: Array) -> Array:
        return np.clip(0.2 * x + 0.5, 0, 1)


@mistake("Sigmoid", loses="60")
class SigmoidKeptFromItsBounds(PlainSigmoid):
    """The output is kept away from 0 and 1 by a small number.

    The specification asks for the sigmoid itself, to the digits of float64 (SIGMOID-60). Look for a
    clip of the output; where a logarithm follows, it is the loss's matter.
    """

    def output(self, x: Array) -> Array:
        return np.clip(super().output(x), 1e-7, 1 - 1e-7)


@mistake("Sigmoid", loses="20 21 23 39")
class DerivativeIsTheOutput(PlainSigmoid):
    """dx is dout times y.

    The specification asks for dout · y (1 - y) (SIGMOID-20). Look at what backward multiplies with.
    """

    def derivative(self, x: Array) -> Array:
        return self.output(x)


@mistake("Sigmoid", loses="20 21 23 39")
class DerivativeOfTheInput(PlainSigmoid):
    """dx is dout · x (1 - x): the input stands where the output has to.

    The specification asks for dout · y (1 - y) (SIGMOID-20). Look at which array forward keeps.
    """

    def derivative(self, x: Array) -> Array:
        return x * (1 - x)


@mistake("Sigmoid", loses="20 21 23 39")
class SigmoidOfTheOutput(PlainSigmoid):
    """backward takes the sigmoid of the output once more.

    The specification asks for dout · y (1 - y), with the y that forward has computed (SIGMOID-20).
    Look at which array forward keeps, and what backward does to it first.
    """

    def derivative(self, x: Array) -> Array:
        y = self.output(self.output(x))
        return y * (1 - y)


@mistake("Sigmoid", loses="23")
class DerivativeOverflows(PlainSigmoid):
    """The derivative is computed as exp(-x) / (1 + exp(-x))².

    For a large negative x both are inf, and their quotient is nan; the specification asks for
    elements up to 1e4 (SIGMOID-23). Look at what backward computes anew.
    """

    def derivative(self, x: Array) -> Array:
        return raw(lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2, x)


@mistake("Sigmoid", loses="20 21 23 39")
class SigmoidWithoutUpstream(PlainSigmoid):
    """dx is y (1 - y): dout does not count.

    The specification asks for dout times that (SIGMOID-20). Look at where dout enters into dx.
    """

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return self.derivative(self.x).astype(dout.dtype)
