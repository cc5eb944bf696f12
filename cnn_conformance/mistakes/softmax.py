"""Wrong ways of doing Softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake


class PlainSoftmax(reference.Softmax):
    """Softmax, step by step."""

    y: Any = None
    x: Any = None

    def forward(self, x: Array) -> Array:
        super().forward(x)
        self.x = x
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self.y = self.shares(x)
        y: Array = self.y.copy()
        return y

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        return self.gradient(reference.Softmax().forward(self.x), dout)

    def shares(self, x: Array) -> Array:
        """Return y."""
        exponentials = np.exp(x - self.largest(x))
        shares: Array = exponentials / self.total(exponentials)
        return shares

    def largest(self, x: Array) -> Array:
        """Return what is subtracted from x."""
        largest: Array = x.max(axis=-1, keepdims=True)
        return largest

    def total(self, exponentials: Array) -> Array:
        """Return what the exponentials are divided by."""
        total: Array = exponentials.sum(axis=-1, keepdims=True)
        return total

    def gradient(self, y: Array, dout: Array) -> Array:
        """Return dx."""
        gradient: Array = y * (dout - (y * dout).sum(axis=-1, keepdims=True))
        return gradient


@mistake("Softmax", loses="3 4")
class NothingSubtracted(PlainSoftmax):
    """The exponentials are taken as they stand.

    A large x overflows to inf, and inf / inf is nan; the specification asks for elements up to 1e4
    (SOFTMAX-3). Look for what may be subtracted from a row without changing its shares.
    """

    def largest(self, x: Array) -> Array:
        return np.zeros_like(x)


@mistake("Softmax", loses="3 4")
class LargestOfTheBatch(PlainSoftmax):
    """The largest element of the whole batch is subtracted.

    In rows that are much smaller all exponentials are 0, and 0 / 0 is nan; the specification asks
    for rows of very different size (SOFTMAX-4). Look at the axis of the maximum.
    """

    def largest(self, x: Array) -> Array:
        largest: Array = x.max()
        return largest


@mistake("Softmax", loses="3")
class SmallestSubtracted(PlainSoftmax):
    """The smallest element of the row is subtracted, where it has to be the largest.

    What is left is positive, and overflows; the specification asks for elements up to 1e4
    (SOFTMAX-3). Look at what is subtracted from a row.
    """

    def largest(self, x: Array) -> Array:
        largest: Array = x.min(axis=-1, keepdims=True)
        return largest


@mistake("Softmax", loses="1-6")
class SharesOfTheBatch(PlainSoftmax):
    """The exponentials of the whole batch are added up: all shares together make 1.

    The specification asks that every row makes 1 (SOFTMAX-5). Look at the axis of the sum.
    """

    def shares(self, x: Array) -> Array:
        exponentials = np.exp(x - x.max())
        return exponentials / exponentials.sum()


@mistake("Softmax", loses="1-6")
class SharesDownTheColumns(PlainSoftmax):
    """The shares go down the columns: samples compete with each other.

    The specification asks for the last axis, along which a sample's classes lie (SOFTMAX-1). Look
    at the axis of the sum.
    """

    def shares(self, x: Array) -> Array:
        exponentials = np.exp(x - x.max(axis=0))
        shares: Array = exponentials / exponentials.sum(axis=0)
        return shares


@mistake("Softmax", loses="2")
class AxisOne(PlainSoftmax):
    """The shares go along axis 1, which is the last axis of a matrix only.

    The specification asks for the last axis, however many there are (SOFTMAX-2). Look at the number
    of the axis.
    """

    def shares(self, x: Array) -> Array:
        exponentials = np.exp(x - x.max(axis=1, keepdims=True))
        shares: Array = exponentials / exponentials.sum(axis=1, keepdims=True)
        return shares


@mistake("Softmax", loses="1-5")
class NotNormalized(PlainSoftmax):
    """The exponentials are not divided by their sum.

    The specification asks for shares that add up to 1 (SOFTMAX-5). Look at what follows exp.
    """

    def total(self, exponentials: Array) -> Array:
        return np.ones_like(exponentials)


@mistake("Softmax", loses="1-5")
class LogarithmOfTheShares(PlainSoftmax):
    """The logarithm of the shares is returned.

    The specification asks for the shares themselves (SOFTMAX-1): the logarithm belongs to the loss.
    Look at what follows the division.
    """

    def shares(self, x: Array) -> Array:
        shifted = x - self.largest(x)
        logarithms: Array = shifted - np.log(self.total(np.exp(shifted)))
        return logarithms


@mistake("Softmax", loses="1-4")
class SmallestWins(PlainSoftmax):
    """The sign of x is turned: the smallest element has the largest share.

    The specification asks for exp(x) (SOFTMAX-1). Look at the sign of the exponent.
    """

    def shares(self, x: Array) -> Array:
        return super().shares(-x)


@mistake("Softmax", loses="1-4")
class SharesWithoutExponential(PlainSoftmax):
    """x itself is divided by its sum, where its exponentials have to be.

    The specification asks for exp(x) / Σ exp(x) (SOFTMAX-1). Look for exp in forward.
    """

    def shares(self, x: Array) -> Array:
        positive = x - x.min(axis=-1, keepdims=True) + 1
        return positive / self.total(positive)


@mistake("Softmax", loses="60")
class SmallNumberBelow(PlainSoftmax):
    """A small number is added to the sum.

    The sum is never 0 once the largest element is subtracted; the specification asks for the digits
    of float64 (SOFTMAX-60). Look at what the exponentials are divided by.
    """

    def total(self, exponentials: Array) -> Array:
        return super().total(exponentials) + exponentials.dtype.type(1e-8)


@mistake("Softmax", loses="20 21 23 24 39")
class OnlyTheDiagonal(PlainSoftmax):
    """dx is dout · y (1 - y): only the diagonal of the Jacobian.

    Every element of a row has its part in every share: the specification asks for
    y (dout - Σ y dout) (SOFTMAX-20). Look at what the other elements of the row do to dx.
    """

    def gradient(self, y: Array, dout: Array) -> Array:
        return dout * y * (1 - y)


@mistake("Softmax", loses="20 21 23 24 39")
class GradientLeftToTheLoss(PlainSoftmax):
    """backward returns dout as it came.

    That is for a loss whose gradient has the softmax within; here it is a layer of its own, and the
    specification asks for y (dout - Σ y dout) (SOFTMAX-20). Look at what backward computes.
    """

    def gradient(self, y: Array, dout: Array) -> Array:
        return dout.copy()


@mistake("Softmax", loses="20 21 23 24 39")
class DerivativeOfTheLogits(PlainSoftmax):
    """dx is dout · x (1 - x): the input stands where the output has to.

    The specification asks for y (dout - Σ y dout) (SOFTMAX-20). Look at which array forward keeps.
    """

    def gradient(self, y: Array, dout: Array) -> Array:
        gradient: Array = dout * self.x * (1 - self.x)
        return gradient


@mistake("Softmax", loses="20 21 23 24 39")
class UnweightedSum(PlainSoftmax):
    """The sum that is taken from dout is not weighted with y.

    The specification asks for y (dout - Σ y dout) (SOFTMAX-20). Look at what is added up.
    """

    def gradient(self, y: Array, dout: Array) -> Array:
        gradient: Array = y * (dout - dout.sum(axis=-1, keepdims=True))
        return gradient


@mistake("Softmax", loses="20 21 23 24 39")
class SumOfTheBatch(PlainSoftmax):
    """The sum that is taken from dout goes over the whole batch.

    The specification asks for that along each row (SOFTMAX-20). Look at the axis of the sum.
    """

    def gradient(self, y: Array, dout: Array) -> Array:
        return y * (dout - (y * dout).sum())


@mistake("Softmax", loses="20 21 23 39")
class JacobianOfTheFirstRow(PlainSoftmax):
    """Every row gets the Jacobian of the first.

    The specification asks for each row's own (SOFTMAX-20). Look at which row of y backward uses.
    """

    def gradient(self, y: Array, dout: Array) -> Array:
        first = y[:1]
        gradient: Array = first * (dout - (first * dout).sum(axis=-1, keepdims=True))
        return gradient


@mistake("Softmax", loses="20 21 23 39")
class JacobianWithTheSignChanged(PlainSoftmax):
    """dx has the wrong sign.

    The specification asks for y (dout - Σ y dout) (SOFTMAX-20). Look at which is subtracted from
    which.
    """

    def gradient(self, y: Array, dout: Array) -> Array:
        return -super().gradient(y, dout)


@mistake("Softmax", loses="3 4")
class LargestAdded(PlainSoftmax):
    """The largest element is added to the row, where it has to be subtracted.

    That makes large exponentials larger still, and inf / inf is nan; the specification asks for
    elements up to 1e4 (SOFTMAX-3). Look at the sign before the maximum.
    """

    def largest(self, x: Array) -> Array:
        return -super().largest(x)


@mistake("Softmax", loses="20 21 23 24 39")
class MeanForSum(PlainSoftmax):
    """The mean of y dout is taken from dout, where its sum has to be.

    The specification asks for y (dout - Σ y dout) (SOFTMAX-20). Look at what is taken along a row.
    """

    def gradient(self, y: Array, dout: Array) -> Array:
        gradient: Array = y * (dout - (y * dout).mean(axis=-1, keepdims=True))
        return gradient
