"""Wrong ways of going backward through BatchNorm2D."""

from __future__ import annotations

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.batchnorm2d import AXES, PlainBatchNorm2D, wide
from cnn_conformance.mistakes.legacy import mistake


@mistake("BatchNorm2D", loses="20 24 25 39")
class VarianceIsAConstant(PlainBatchNorm2D):
    """The gradient does not go through the variance.

    The variance depends on every pixel of the channel: the specification asks for the gradient
    through it (BATCHNORM2D-20). Look at which terms dx has.
    """

    def of_the_variance(self, g: Array) -> Array:
        return np.zeros_like(g)


@mistake("BatchNorm2D", loses="20 24 25 39")
class MeanIsAConstant(PlainBatchNorm2D):
    """The gradient does not go through the mean.

    The mean depends on every pixel of the channel: the specification asks for the gradient through
    it (BATCHNORM2D-20). Look at which terms dx has.
    """

    def of_the_mean(self, g: Array) -> Array:
        return np.zeros_like(g)


@mistake("BatchNorm2D", loses="20 24 25 39")
class StatisticsAreConstants(PlainBatchNorm2D):
    """The gradient goes neither through the mean nor through the variance.

    Both depend on every pixel of the channel: the specification asks for the gradient through them
    in training (BATCHNORM2D-20). Look at which terms dx has.
    """

    def dx(self, dout: Array) -> Array:
        return dout * wide(self.params["weight"]) * self.scale


@mistake("BatchNorm2D", loses="20 23-25 39")
class WeightForgottenInDx(PlainBatchNorm2D):
    """dx does not have the weight as a factor.

    The specification asks for the gradient through the weight (BATCHNORM2D-20). Look at where the
    weight enters into dx.
    """

    def dx(self, dout: Array) -> Array:
        g = dout
        if self.was_training:
            g = g - self.of_the_mean(g) - self.of_the_variance(g)
        return g * self.scale


@mistake("BatchNorm2D", loses="20 23-25 39")
class ScaleForgottenInDx(PlainBatchNorm2D):
    """dx is not divided by the standard deviation.

    The specification asks for the gradient through the division (BATCHNORM2D-20). Look at where the
    deviation enters into dx.
    """

    def dx(self, dout: Array) -> Array:
        dx: Array = super().dx(dout) / self.scale
        return dx


@mistake("BatchNorm2D", loses="20 24 25 39")
class MeansOverSamplesOnly(PlainBatchNorm2D):
    """The sums in dx are divided by the number of samples only.

    The statistics are means over samples, rows and columns; the specification asks for the gradient
    through them (BATCHNORM2D-20). Look at what the sums of backward are divided by.
    """

    def of_the_mean(self, g: Array) -> Array:
        return super().of_the_mean(g) * (g[:, 0].size / len(g))

    def of_the_variance(self, g: Array) -> Array:
        return super().of_the_variance(g) * (g[:, 0].size / len(g))


@mistake("BatchNorm2D", loses="21-25 39")
class GradientsExchanged(PlainBatchNorm2D):
    """The gradients of weight and bias have changed places.

    The specification asks for the sum of dout · xhat for the weight (BATCHNORM2D-21) and that of
    dout for the bias (BATCHNORM2D-22). Look at the two last assignments of backward.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        self.grads = {"weight": self.grads["bias"], "bias": self.grads["weight"]}
        return dx


@mistake("BatchNorm2D", loses="21 23-25 39")
class InputForNormalized(PlainBatchNorm2D):
    """The gradient of the weight is the sum of dout times x itself.

    The specification asks for the normalized x (BATCHNORM2D-21), which is what the weight is
    multiplied with. Look at which array forward keeps.
    """

    def dweight(self, dout: Array) -> Array:
        return (dout * self.x).sum(axis=AXES)


@mistake("BatchNorm2D", loses="21-25 39")
class MeansForSums(PlainBatchNorm2D):
    """The gradients of weight and bias are means over the samples.

    The specification asks for sums (BATCHNORM2D-21): the division by the samples is the loss's.
    Look at what the sums are divided by.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        count = dout[:, 0].size
        self.grads = {name: grad / count for name, grad in self.grads.items()}
        return dx


@mistake("BatchNorm2D", loses="45")
class ModeOfTheMoment(PlainBatchNorm2D):
    """backward asks what training is now, and not what it was in forward.

    The specification asks that backward belongs to the latest forward (BATCHNORM2D-45), which may
    have been in another mode. Look at what forward keeps for it.
    """

    def dx(self, dout: Array) -> Array:
        self.was_training = self.training
        return super().dx(dout)
