"""Wrong ways of doing MSE."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import PlainMSE


@mistake("MSE", loses="1-3")
class LossHalved(PlainMSE):
    """The loss is halved, the gradient is not.

    The specification asks for the mean of the squares, not halved (MSE-1). Look for a factor of one
    half.
    """

    def reduce(self, squares: Array) -> Any:
        return super().reduce(squares) / 2


@mistake("MSE", loses="1-3")
class HalfTheSquaredError(LossHalved):
    """The loss and its gradient are halved: a convention.

    The specification asks for the mean of the squares, not halved (MSE-1), as PyTorch does. Your
    backward fits your forward. Look for a factor of one half.
    """

    def gradient(self) -> Array:
        return super().gradient() / 2


@mistake("MSE", loses="1 3")
class MeanOverTheSamplesOnly(PlainMSE):
    """The squares are averaged over the samples and added up over the outputs.

    The specification asks for the mean over all elements (MSE-1). Look at what the sum is divided
    by.
    """

    def reduce(self, squares: Array) -> Any:
        return squares.sum() / (len(squares) if self.reduction == "mean" else 1)


@mistake("MSE", loses="1 3")
class MeanOverTheSamplesBothWays(MeanOverTheSamplesOnly):
    """Loss and gradient are divided by the number of samples, not of elements: a convention.

    The specification asks for the mean over all elements (MSE-1), as PyTorch does. Your backward
    fits your forward. Look at what the sum is divided by.
    """

    def count(self) -> int:
        return len(self.difference)


@mistake("MSE", loses="1 3")
class SummedForAveraged(PlainMSE):
    """The squares are added up where their mean is asked for.

    The specification asks for the mean unless told otherwise (MSE-1). Look at where the reduction
    is used, and at its default.
    """

    def reduce(self, squares: Array) -> Any:
        return squares.sum()


@mistake("MSE", loses="2")
class AveragedForSummed(PlainMSE):
    """The squares are averaged with the reduction "sum" too.

    The specification asks for their sum then (MSE-2). Look at where the reduction is used.
    """

    def reduce(self, squares: Array) -> Any:
        return squares.mean()


@mistake("MSE", loses="1-3")
class RootOfTheMean(PlainMSE):
    """The root of the loss is returned, with the gradient of the loss itself.

    The specification asks for the mean of the squares (MSE-1). Look for a root.
    """

    def reduce(self, squares: Array) -> Any:
        return np.sqrt(super().reduce(squares))


@mistake("MSE", loses="1-3")
class AbsoluteForSquared(PlainMSE):
    """The absolute values are averaged, not the squares.

    The specification asks for the squares (MSE-1). Look at what is added up.
    """

    def reduce(self, squares: Array) -> Any:
        return super().reduce(np.sqrt(squares))


@mistake("MSE", loses="1-3")
class ErrorsCancel(PlainMSE):
    """The differences are averaged before they are squared: they cancel.

    The specification asks for the mean of the squares (MSE-1). Look at which comes first.
    """

    def reduce(self, squares: Array) -> Any:
        return super().reduce(self.difference) ** 2


@mistake("MSE", loses="1-4")
class ALossForEachSample(PlainMSE):
    """forward returns an array with one loss a sample.

    The specification asks for one float (MSE-1). Look at the axis of the mean.
    """

    def forward(self, pred: Array, target: Array) -> Any:
        super().forward(pred, target)
        return (self.difference**2).reshape(len(pred), -1).mean(axis=1)


@mistake("MSE", loses="3")
class OnlyRows(PlainMSE):
    """Arrays of other than two dimensions fail.

    The specification asks for any shape that the two share (MSE-3). Look at where you take the
    shape apart.
    """

    def reduce(self, squares: Array) -> Any:
        if squares.ndim != 2:
            raise TypeError(f"cannot unpack {squares.ndim} sizes, expected 2")
        return super().reduce(squares)


@mistake("MSE", loses="20-22 39")
class GradientNegative(PlainMSE):
    """The gradient has the wrong sign.

    The specification asks for the gradient for pred, not for the target (MSE-20). Look at the order
    of the difference.
    """

    def gradient(self) -> Array:
        return -super().gradient()


@mistake("MSE", loses="20-22 39")
class FactorOfTwoForgotten(PlainMSE):
    """The gradient lacks the factor 2.

    The specification asks for the derivative of the square (MSE-20). Look at the exponent, and
    where it goes.
    """

    def gradient(self) -> Array:
        return self.difference


@mistake("MSE", loses="20 22 39")
class GradientNotDivided(PlainMSE):
    """The loss is a mean, and its gradient that of the sum.

    The specification asks that both are divided by the number of elements (MSE-20). Look at where
    the reduction is used.
    """

    def count(self) -> int:
        return 1


@mistake("MSE", loses="20 22 39")
class GradientDividedByTheSamples(PlainMSE):
    """The gradient is divided by the number of samples, the loss by that of elements.

    The specification asks for the number of elements in both (MSE-20). Look at what backward
    divides by.
    """

    def count(self) -> int:
        return len(self.difference)


@mistake("MSE", loses="21 39")
class GradientAlwaysDivided(PlainMSE):
    """The gradient is divided by the number of elements with the reduction "sum" too.

    The specification asks that it is not (MSE-21). Look at where backward uses the reduction.
    """

    def gradient(self) -> Array:
        scale = 1 if self.reduction == "mean" else self.count()
        return super().gradient() / scale


@mistake("MSE", loses="20-22 39")
class SignOfTheDifference(PlainMSE):
    """The gradient has the sign of the difference, and not its size.

    The specification asks for the derivative of the square (MSE-20). Look at which function's
    derivative this is.
    """

    def gradient(self) -> Array:
        return 2 * np.sign(self.difference)


@mistake("MSE", loses="20-23 39")
class SizeOfTheDifference(PlainMSE):
    """The gradient has the size of the difference, and never a sign.

    The specification asks for the derivative of the square (MSE-20), which is negative where pred
    is too small. Look for an absolute value.
    """

    def gradient(self) -> Array:
        return 2 * np.abs(self.difference)


@mistake("MSE", loses="71 74")
class ShapesBroadcast(reference.MSE):
    """A target of another shape is broadcast: a column minus a row is a whole matrix.

    The specification asks for a ValueError (MSE-71). Look at the shape of the difference.
    """

    def forward(self, pred: Array, target: Array) -> float:
        try:
            return super().forward(*np.broadcast_arrays(pred, target))
        except ValueError:
            return super().forward(pred, target)
