"""Wrong ways of computing the gradient of Conv2D's input."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import PlainConv2D


@mistake("Conv2D", loses="20-27 37 39")
class CropFromPToMinusP(PlainConv2D):
    """The padding is cut off dx from p to minus p, which leaves nothing where p is 0.

    The specification asks for a dx of the shape of x (CONV2D-20), without padding too. Look at the
    slice that takes the padding off, for a padding of 0.
    """

    def crop(self, dxp: Array) -> Array:
        PH, PW = self.padding
        return dxp[:, :, PH:-PH, PW:-PW]


@mistake("Conv2D", loses="25-27 39")
class PaddingLeftOnDx(PlainConv2D):
    """The padding is still around dx.

    The specification asks for the shape of x without the padding (CONV2D-25). Look at what happens
    to the gradient of the padded image before it is returned.
    """

    def crop(self, dxp: Array) -> Array:
        return dxp


@mistake("Conv2D", loses="25-27 39")
class DxShiftedByThePadding(PlainConv2D):
    """The first H rows and W columns of the padded gradient are returned.

    That has the right shape, and is shifted by the padding; the specification asks for the gradient
    of x (CONV2D-25). Look at where in the padded array the image begins.
    """

    def crop(self, dxp: Array) -> Array:
        H, W = self.x.shape[2:]
        return dxp[:, :, :H, :W]


@mistake("Conv2D", loses="25 27 39")
class PaddingCroppedOnSwappedAxes(PlainConv2D):
    """The padding of the rows is cut off the columns, and the other way round.

    The specification asks for a dx of the shape of x (CONV2D-25), with a pair of paddings too. Look
    at which number of the pair cuts which axis.
    """

    def crop(self, dxp: Array) -> Array:
        PW, PH = self.padding
        HP, WP = dxp.shape[2:]
        return dxp[:, :, PH : HP - PH, PW : WP - PW]


@mistake("Conv2D", loses="20-27 37 39")
class KernelNotTurnedInDx(PlainConv2D):
    """dx is dout correlated with the kernel as it is stored.

    The specification asks for the gradient, in which the kernel is turned by 180° (CONV2D-20). Look
    at which kernel element took an input element to which output element.
    """

    def kernel_for_dx(self) -> Array:
        return self.params["weight"][:, :, ::-1, ::-1]


@mistake("Conv2D", loses="20-22 24-27 37 39")
class KernelTransposedInDx(PlainConv2D):
    """Rows and columns of a square kernel change places in dx.

    The specification asks for a rotation by 180°, not for a transpose (CONV2D-20). Look at the axes
    that you reverse or exchange.
    """

    def kernel_for_dx(self) -> Array:
        weight = self.params["weight"]
        square = weight.shape[2] == weight.shape[3]
        return weight.swapaxes(2, 3) if square else weight


@mistake("Conv2D", loses="21-27 37 39")
class WeightReshapedForDx(PlainConv2D):
    """Filters and channels of the weight are exchanged by a reshape.

    A reshape keeps the order of the numbers; the specification asks that dx keeps the channels
    apart (CONV2D-21). Look for a reshape where two axes have to be exchanged.
    """

    def kernel_for_dx(self) -> Array:
        weight = self.params["weight"]
        K, C, KH, KW = weight.shape
        return weight.reshape(C, K, KH, KW).swapaxes(0, 1)


@mistake("Conv2D", loses="21-27 37 39")
class DxAddedUpOverTheChannels(PlainConv2D):
    """Every channel of dx gets the sum of all channels.

    The specification asks that dx keeps the channels apart (CONV2D-21). Look at which axis the sum
    in dx runs over.
    """

    def dx(self, dout: Array) -> Array:
        dx = super().dx(dout)
        return np.broadcast_to(dx.sum(axis=1, keepdims=True), dx.shape).copy()


@mistake("Conv2D", loses="21-27 37 39")
class DxOfTheLastFilter(PlainConv2D):
    """Only the last filter reaches dx: each one overwrites those before.

    The specification asks that dx adds up over the filters (CONV2D-21). Look at whether the loop
    over the filters assigns or adds.
    """

    def kernel_for_dx(self) -> Array:
        weight = self.params["weight"].copy()
        weight[:-1] = 0
        return weight


@mistake("Conv2D", loses="21-27 37 39")
class ChannelsReversedInDx(PlainConv2D):
    """The channels of dx are in reverse order.

    The specification asks that dx keeps the channels in their places (CONV2D-21). Look at whether
    the kernel is turned in more than its last two axes.
    """

    def kernel_for_dx(self) -> Array:
        return self.params["weight"][:, ::-1]


@mistake("Conv2D", loses="20-27 37 39")
class OverlappingWindowsOverwriteDx(PlainConv2D):
    """Where windows overlap, the last one overwrites dx.

    The specification asks for the gradient of the sum (CONV2D-20): an element that several windows
    see gets something from each. Look at whether the windows are assigned or added.
    """

    def scatter(self, dout: Array) -> Array:
        dxp = np.zeros_like(self.xp)
        (KH, KW), (SH, SW) = self.kernel_size, self.stride
        windows = np.einsum("nkij,kcuv->ncijuv", dout, self.params["weight"])
        for i, j in np.ndindex(dout.shape[2:]):
            dxp[:, :, i * SH : i * SH + KH, j * SW : j * SW + KW] = windows[:, :, i, j]
        return dxp


@mistake("Conv2D", loses="24 26 27 39")
class StrideIgnoredInDx(PlainConv2D):
    """dx is computed as if the windows were one apart.

    The specification asks for a dx that is right for a stride greater than 1 (CONV2D-24). Look at
    where in dx the window of output element (i, j) begins.
    """

    def scatter(self, dout: Array) -> Array:
        stride, self.stride = self.stride, (1, 1)
        dxp = super().scatter(dout)
        self.stride = stride
        return dxp


@mistake("Conv2D", loses="24 27 39")
class StrideSwappedInDx(PlainConv2D):
    """The steps between rows and between columns change places in dx, where both fit.

    The specification asks for dx with a pair of strides too (CONV2D-24). Look at which number of
    the pair belongs to which axis.
    """

    def scatter(self, dout: Array) -> Array:
        dxp = np.zeros_like(self.xp)
        (KH, KW), (SW, SH) = self.kernel_size, self.stride
        windows = np.einsum("nkij,kcuv->ncijuv", dout, self.params["weight"])
        for i, j in np.ndindex(dout.shape[2:]):
            part = dxp[:, :, i * SH : i * SH + KH, j * SW : j * SW + KW]
            part += windows[:, :, i, j, : part.shape[2], : part.shape[3]]
        return dxp


@mistake("Conv2D", loses="26 27 39")
class DxWithoutTheRowsLeftOver(PlainConv2D):
    """dx ends with the last window: the rows and columns that no window reaches are missing.

    The specification asks for the shape of x, with zeros there (CONV2D-26). Look at what the size
    of your dx is computed from.
    """

    def crop(self, dxp: Array) -> Array:
        (KH, KW), (SH, SW), (OH, OW) = self.kernel_size, self.stride, self.y_shape[2:]
        return super().crop(dxp[:, :, : (OH - 1) * SH + KH, : (OW - 1) * SW + KW])


@mistake("Conv2D", loses="20-27 37 39")
class DxForgotten(PlainConv2D):
    """backward returns zeros for dx.

    The specification asks for the gradient of x (CONV2D-20). Look at where the array that you
    return is filled.
    """

    def dx(self, dout: Array) -> Array:
        return np.zeros_like(self.x)


@mistake("Conv2D", loses="20-27 37 39")
class DxNotReturned(PlainConv2D):
    """backward returns None.

    The specification asks for dx always, of the first layer too (CONV2D-20). Look at the last line
    of backward.
    """

    def dx(self, dout: Array) -> Any:
        return None


@mistake("Conv2D", loses="20-27 37 39")
class WeightGradientReturned(PlainConv2D):
    """backward returns the gradient of the weight.

    The specification asks that it returns dx (CONV2D-20); that of the weight belongs into grads.
    Look at what backward returns.
    """

    def dx(self, dout: Array) -> Array:
        return self.grads["weight"]


@mistake("Conv2D", loses="20-27 37 39")
class UpstreamTakenForOnesInDx(PlainConv2D):
    """dx does not depend on dout: it is right where dout is all ones.

    The specification asks for the gradient of the sum of dout times y (CONV2D-20). Look at where
    dout enters into dx.
    """

    def dx(self, dout: Array) -> Array:
        return super().dx(np.ones_like(dout))


@mistake("Conv2D", loses="20-27 37 39")
class DxOnlyWhereASparseCheckLooks(PlainConv2D):
    """dx is right in the corners of each image, and 0 elsewhere.

    The specification asks for every element (CONV2D-20). Look at the limits of the loops that fill
    dx.
    """

    def dx(self, dout: Array) -> Array:
        dx = super().dx(dout)
        dx[:, :, 1:-1] = 0
        dx[:, :, :, 1:-1] = 0
        return dx


@mistake("Conv2D", loses="20-27 37 39")
class OneElementOfDxSlightlyWrong(PlainConv2D):
    """A single element of dx is too large by a tenth.

    The specification asks for every element (CONV2D-20). Look for an index that one loop visits
    twice.
    """

    def dx(self, dout: Array) -> Array:
        dx = super().dx(dout)
        dx[0, 0, 1, 1] += dx.dtype.type(0.1)
        return dx
