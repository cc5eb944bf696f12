"""Wrong derivatives of LeakyReLU and ELU, beside those of `activations`."""

from __future__ import annotations

import numpy as np

from conformance.arrays import Array
from conformance.misconceptions.activations import PlainELU, PlainLeakyReLU
from conformance.misconceptions.catalogue import misconception


@misconception("LeakyReLU", loses="20 21 22 24 39")
class SlopesExchanged(PlainLeakyReLU):
    """Positive elements get the slope in backward, and negative ones 1: the other way round.

    The specification asks that dx is dout where x is positive (LEAKYRELU-20). Look at the order of
    the two branches, or at the comparison.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, self.negative_slope, 1.0)


@misconception("LeakyReLU", loses="20 21 22 24 39")
class SlopesExchangedButAtZero(PlainLeakyReLU):
    """Positive elements get the slope in backward, and negative ones 1: the other way round.

    The specification asks that dx is dout where x is positive (LEAKYRELU-20). Look at the order of
    the two branches, or at the comparison.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x >= 0, self.negative_slope, 1.0)


@misconception("ELU", loses="20-24 39")
class ExponentialOfTheOutput(PlainELU):
    """The derivative of a negative element has exp(y), where exp(x) has to stand.

    The specification asks for alpha exp(x), which is y + alpha (ELU-20). Look at which array
    forward keeps.
    """

    def derivative(self, x: Array) -> Array:
        return np.where(x > 0, 1.0, self.alpha * np.exp(np.minimum(self.output(x), 0)))


@misconception("ELU", loses="20-24 39")
class ELUSlopesExchanged(PlainELU):
    """Positive elements get alpha exp(x) in backward, and negative ones 1: the other way round.

    The specification asks that dx is dout where x is positive (ELU-20). Look at the order of the
    two branches, or at the comparison.
    """

    def derivative(self, x: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.where(x > 0, self.alpha * np.exp(x), 1.0)
