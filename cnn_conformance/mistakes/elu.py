"""Wrong ways of doing ELU."""

from __future__ import annotations

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain_activation import Plain, raw


class PlainELU(Plain, reference.ELU):
    """ELU, step by step."""

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, self.alpha * np.exp(np.minimum(x, 0)))


@mistake("ELU", loses="1-4")
class ExponentialWithoutOne(PlainELU):
    """Negative elements become exp(x): the 1 is not taken away.

    The specification asks for alpha (exp(x) - 1) (ELU-1), which meets the other branch at 0. Look
    at the branch for negative elements.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, self.alpha * np.exp(np.minimum(x, 0)))


@mistake("ELU", loses="2")
class OneTakenAwayOutside(PlainELU):
    """Negative elements become alpha exp(x) - 1.

    The specification asks for alpha (exp(x) - 1) (ELU-2): alpha multiplies the 1 too. Look at the
    brackets.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, self.alpha * np.exp(np.minimum(x, 0)) - 1)


@mistake("ELU", loses="2")
class AlphaIgnored(PlainELU):
    """alpha is 1, whatever is asked for.

    The specification asks for the alpha that was given (ELU-2). Look at where it is used.
    """

    def output(self, x: Array) -> Array:
        return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


@mistake("ELU", loses="1-4")
class NothingBelowZero(PlainELU):
    """Negative elements become 0, as in a ReLU.

    The specification asks for alpha (exp(x) - 1) (ELU-1). Look at what forward makes of a negative
    element.
    """

    def output(self, x: Array) -> Array:
        return np.maximum(x, 0)


@mistake("ELU", loses="4")
class BranchesAddedUp(PlainELU):
    """Both branches are computed everywhere, multiplied with masks and added up.

    For a large x the exponential is inf, and inf times 0 is nan; the specification asks for
    elements up to 1e4 (ELU-4). Look at what exp gets to see.
    """

    def output(self, x: Array) -> Array:
        return raw(lambda x: x * (x > 0) + self.alpha * (np.exp(x) - 1) * (x <= 0), x)


@mistake("ELU", loses="23")
class SlopesAddedUp(PlainELU):
    """The derivatives of both branches are computed everywhere, multiplied with masks and added up.

    For a large x the exponential is inf, and inf times 0 is nan; the specification asks for
    elements up to 1e4 (ELU-23). Look at what exp gets to see in backward.
    """

    def derivative(self, x: Array) -> Array:
        return raw(lambda x: (x > 0) + self.alpha * np.exp(x) * (x <= 0), x)


@mistake("ELU", loses="22")
class SlopeOneAtZero(PlainELU):
    """The derivative at exactly 0 is 1: a convention.

    The specification asks for alpha (ELU-22), as PyTorch does. Look at what becomes of an element
    that is exactly 0.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x >= 0, 1.0, self.alpha * np.exp(np.minimum(x, 0)))


@mistake("ELU", loses="20-24 39")
class OutputForDerivative(PlainELU):
    """The derivative below 0 is the output: alpha is not added.

    The specification asks for alpha exp(x), which is y + alpha (ELU-20). Look at how backward makes
    the derivative from the output.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, self.alpha * np.expm1(np.minimum(x, 0)))


@mistake("ELU", loses="22 24 39")
class AlphaIgnoredInBackward(PlainELU):
    """The derivative below 0 is exp(x), whatever alpha is.

    The specification asks for alpha exp(x) (ELU-24). Look at where backward uses alpha.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))


@mistake("ELU", loses="20-24 39")
class DerivativeZeroBelowZero(PlainELU):
    """dx is 0 where x is negative: the derivative is that of a ReLU.

    The specification asks for dout times alpha exp(x) there (ELU-20). Look at what backward makes
    of a negative element.
    """

    def derivative(self, x: Array) -> Array:
        derivative: Array = x > 0
        return derivative


@mistake("ELU", loses="20-24 39")
class ExponentialOfTheOutput(PlainELU):
    """The derivative of a negative element has exp(y), where exp(x) has to stand.

    The specification asks for alpha exp(x), which is y + alpha (ELU-20). Look at which array
    forward keeps.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, self.alpha * np.exp(np.minimum(self.output(x), 0)))


@mistake("ELU", loses="20-24 39")
class ELUSlopesExchanged(PlainELU):
    """Positive elements get alpha exp(x) in backward, and negative ones 1: the other way round.

    The specification asks that dx is dout where x is positive (ELU-20). Look at the order of the
    two branches, or at the comparison.
    """

    def derivative(self, x: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.where(x > 0, self.alpha * np.exp(x), 1.0)
