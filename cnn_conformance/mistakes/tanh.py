"""Wrong ways of doing Tanh."""

from __future__ import annotations

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain_activation import Plain, raw


class PlainTanh(Plain, reference.Tanh):
    """Tanh, step by step."""

    def output(self, x: Array) -> Array:
        return np.tanh(x)

    def derivative(self, x: Array) -> Array:
        derivative: Array = 1 - np.tanh(x) ** 2
        return derivative


@mistake("Tanh", loses="3")
class TanhFromExponentials(PlainTanh):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)) is computed as it stands.

    For a large x both are inf, and their quotient is nan; the specification asks for elements up to
    1e4 (TANH-3). Look at which sign the argument of exp can have, or for a function of numpy's.
    """

    def output(self, x: Array) -> Array:
        return raw(lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), x)


@mistake("Tanh", loses="1-3")
class SigmoidForTanh(PlainTanh):
    """The sigmoid is computed.

    The specification asks for tanh(x), which lies between -1 and 1 (TANH-1). Look at the function
    in forward.
    """

    def output(self, x: Array) -> Array:
        return (np.tanh(x / 2) + 1) / 2


@mistake("Tanh", loses="1-3")
class SigmoidWithoutDouble(PlainTanh):
    """The sigmoid is stretched to lie between -1 and 1, and its argument is not doubled.

    The specification asks for tanh(x), which is 2 sigmoid(2 x) - 1 (TANH-1). Look at the argument
    of the exponential.
    """

    def output(self, x: Array) -> Array:
        return np.tanh(x / 2)


@mistake("Tanh", loses="20 21 23 39")
class OutputNotSquared(PlainTanh):
    """dx is dout · (1 - y).

    The specification asks for dout · (1 - y²) (TANH-20). Look at the exponent in backward.
    """

    def derivative(self, x: Array) -> Array:
        derivative: Array = 1 - np.tanh(x)
        return derivative


@mistake("Tanh", loses="20 21 23 39")
class SquareOfTheInput(PlainTanh):
    """dx is dout · (1 - x²): the input stands where the output has to.

    The specification asks for dout · (1 - y²) (TANH-20). Look at which array forward keeps.
    """

    def derivative(self, x: Array) -> Array:
        return 1 - x * x


@mistake("Tanh", loses="20 21 23 39")
class TangentOfTheOutput(PlainTanh):
    """backward takes the tangent of the output once more.

    The specification asks for dout · (1 - y²), with the y that forward has computed (TANH-20). Look
    at which array forward keeps, and what backward does to it first.
    """

    def derivative(self, x: Array) -> Array:
        derivative: Array = 1 - np.tanh(np.tanh(x)) ** 2
        return derivative


@mistake("Tanh", loses="20 21 23 39")
class DerivativeOfASigmoid(PlainTanh):
    """dx is dout · y (1 - y), the derivative of a sigmoid.

    The specification asks for dout · (1 - y²) (TANH-20). Look at which function's derivative
    backward has.
    """

    def derivative(self, x: Array) -> Array:
        y = np.tanh(x)
        return y * (1 - y)


@mistake("Tanh", loses="23")
class SecantOverflows(PlainTanh):
    """The derivative is computed as 4 / (exp(x) + exp(-x))², with squares that overflow to nan.

    The specification asks for elements up to 1e4 (TANH-23). Look at what backward computes anew.
    """

    def derivative(self, x: Array) -> Array:
        return raw(lambda x: 4 * np.exp(2 * x) / (np.exp(2 * x) + 1) ** 2, x)


@mistake("Tanh", loses="20 21 23 39")
class TanhWithoutUpstream(PlainTanh):
    """dx is 1 - y²: dout does not count.

    The specification asks for dout times that (TANH-20). Look at where dout enters into dx.
    """

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return self.derivative(self.x).astype(dout.dtype)
