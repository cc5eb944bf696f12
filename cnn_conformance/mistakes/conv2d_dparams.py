"""Wrong ways of computing the gradients of Conv2D's weight and bias."""

from __future__ import annotations

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import PlainConv2D


@mistake("Conv2D", loses="28-35 37 39")
class WeightGradientForgotten(PlainConv2D):
    """The gradient of the weight stays 0.

    The specification asks for the gradient of the sum of dout times y (CONV2D-28). Look at where
    the gradient of the weight is added up.
    """

    def dw(self, dout: Array) -> Array:
        return np.zeros_like(self.params["weight"])


@mistake("Conv2D", loses="28-35 37 39")
class WeightGradientRotated(PlainConv2D):
    """The gradient of the weight is rotated by 180°.

    The specification asks for the gradient in the order of the weight itself (CONV2D-28): only in
    dx is anything turned. Look at the order of the last two axes.
    """

    def dw(self, dout: Array) -> Array:
        return super().dw(dout)[:, :, ::-1, ::-1]


@mistake("Conv2D", loses="29-35 37 39")
class FiltersAndChannelsSwappedInTheWeightGradient(PlainConv2D):
    """Filters and channels change places in the gradient of the weight.

    The specification asks for the shape (K, C, KH, KW), with filter and channel where they belong
    (CONV2D-29). Look for a transpose whose result is not used, or a reshape in its place.
    """

    def dw(self, dout: Array) -> Array:
        dw = super().dw(dout)
        return dw.swapaxes(0, 1).reshape(dw.shape)


@mistake("Conv2D", loses="28-35 37 39")
class WeightGradientOfTheFirstSample(PlainConv2D):
    """Only the first sample of the batch reaches the gradient of the weight.

    The specification asks that it adds up over the samples (CONV2D-29). Look for a return inside
    the loop over the samples.
    """

    def dw(self, dout: Array) -> Array:
        first = np.zeros_like(dout)
        first[0] = dout[0]
        return super().dw(first)


@mistake("Conv2D", loses="28-37 39")
class GradientsAveragedOverTheBatch(PlainConv2D):
    """The gradients of the parameters are divided by the number of samples.

    The specification asks that they add up (CONV2D-29): it is the loss that divides, and it has
    done so already. Look for a division by N in backward.
    """

    def dw(self, dout: Array) -> Array:
        return super().dw(dout) / dout.dtype.type(len(dout))

    def db(self, dout: Array) -> Array:
        return super().db(dout) / dout.dtype.type(len(dout))


@mistake("Conv2D", loses="28-35 37 39")
class WeightGradientAveragedOverPositions(PlainConv2D):
    """The gradient of the weight is a mean over the output positions.

    The specification asks for a sum over samples and positions (CONV2D-28). Look for a mean, or for
    a division by the size of the output.
    """

    def dw(self, dout: Array) -> Array:
        return super().dw(dout) / dout[0, 0].size


@mistake("Conv2D", loses="33-35 39")
class WeightGradientFromTheUnpaddedImage(PlainConv2D):
    """The gradient of the weight does not see the padding: its windows lie in the image alone.

    The specification asks for the windows that forward used (CONV2D-33). Look at which array
    backward takes its windows from.
    """

    def dw(self, dout: Array) -> Array:
        H, W = self.x.shape[2:]
        below = np.zeros_like(self.xp)
        below[:, :, :H, :W] = self.x
        return np.einsum("nkij,ncijuv->kcuv", dout, self.windows(below))


@mistake("Conv2D", loses="32 34 35 39")
class StrideIgnoredInTheWeightGradient(PlainConv2D):
    """The gradient of the weight is computed as if the windows were one apart.

    The specification asks for the windows that forward used (CONV2D-32). Look at where backward
    computes the first row of a window.
    """

    def dw(self, dout: Array) -> Array:
        stride, self.stride = self.stride, (1, 1)
        windows = self.windows(self.xp)[:, :, : dout.shape[2], : dout.shape[3]]
        self.stride = stride
        return np.einsum("nkij,ncijuv->kcuv", dout, windows)


@mistake("Conv2D", loses="28-35 37 39")
class UpstreamTakenForOnesInTheWeightGradient(PlainConv2D):
    """The gradient of the weight does not depend on dout: it is right where dout is all ones.

    The specification asks for the gradient of the sum of dout times y (CONV2D-28). Look at where
    dout enters into it.
    """

    def dw(self, dout: Array) -> Array:
        return super().dw(np.ones_like(dout))


@mistake("Conv2D", loses="36 39")
class BiasGradientAveraged(PlainConv2D):
    """The gradient of the bias is a mean where it is to be a sum.

    The specification asks for the sum over samples, rows and columns (CONV2D-36). Look for a mean
    in backward.
    """

    def db(self, dout: Array) -> Array:
        return dout.mean(axis=(0, 2, 3))


@mistake("Conv2D", loses="36 39")
class BiasGradientOfTheFirstSample(PlainConv2D):
    """The gradient of the bias is that of the first sample.

    The specification asks for the sum over samples, rows and columns (CONV2D-36). Look at the axes
    that are added up.
    """

    def db(self, dout: Array) -> Array:
        return dout[0].sum(axis=(1, 2))


@mistake("Conv2D", loses="36 39 49")
class BiasGradientKeepsItsAxes(PlainConv2D):
    """The gradient of the bias has another shape than the bias.

    The specification asks for the shape (K,), as that of the bias (CONV2D-49). Look at the axes
    that the sum keeps.
    """

    def db(self, dout: Array) -> Array:
        return dout.sum(axis=(0, 2, 3), keepdims=True)


@mistake("Conv2D", loses="36 39")
class BiasGradientWithoutUpstream(PlainConv2D):
    """The gradient of the bias is the number of output elements: it does not depend on dout.

    The specification asks for the sum of dout (CONV2D-36). Look at where dout enters into it.
    """

    def db(self, dout: Array) -> Array:
        return np.ones_like(dout).sum(axis=(0, 2, 3))
