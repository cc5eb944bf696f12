"""Wrong ways of doing the backward of MaxPool2D."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import PlainMaxPool2D


@mistake("MaxPool2D", loses="26")
class EveryTiedMaximumTakesTheGradient(PlainMaxPool2D):
    """On a tie every one of the largest elements takes the whole gradient.

    The specification asks that the first takes it (MAXPOOL2D-26): the sum over a window is that of
    dout. Look at how often an element of dout is handed out.
    """

    def choose(self, windows: Array) -> Array:
        return windows == windows.max(axis=(4, 5), keepdims=True)


@mistake("MaxPool2D", loses="26")
class TiedMaximaShare(EveryTiedMaximumTakesTheGradient):
    """On a tie the largest elements share the gradient equally: a convention.

    The specification asks that the first takes all of it (MAXPOOL2D-26), as PyTorch does. Look at
    what happens in a window with two largest elements.
    """

    def choose(self, windows: Array) -> Array:
        tied = super().choose(windows)
        return tied / tied.sum(axis=(4, 5), keepdims=True).astype(windows.dtype)


@mistake("MaxPool2D", loses="26")
class LastOfTheTiedMaxima(PlainMaxPool2D):
    """On a tie the last of the largest elements takes the gradient: a convention.

    The specification asks for the first in row-major order (MAXPOOL2D-26), as PyTorch does. Look at
    whether a later element replaces one that is as large.
    """

    def choose(self, windows: Array) -> Array:
        return super().choose(windows[..., ::-1, ::-1])[..., ::-1, ::-1]


@mistake("MaxPool2D", loses="26")
class FirstInColumnMajorOrder(PlainMaxPool2D):
    """On a tie the first of the largest elements is looked for column by column: a convention.

    The specification asks for the first in row-major order (MAXPOOL2D-26), as PyTorch does. Look at
    which of the two loops over a window is the outer one.
    """

    def choose(self, windows: Array) -> Array:
        return super().choose(windows.swapaxes(4, 5)).swapaxes(4, 5)


@mistake("MaxPool2D", loses="21 23 25-27 39")
class OverlappingWindowsOverwrite(PlainMaxPool2D):
    """Where an element is the largest of several windows, the last one overwrites its gradient.

    The specification asks that their gradients add up (MAXPOOL2D-21). Look at whether the gradient
    is assigned or added.
    """

    def put(self, into: Array, gradient: Array) -> None:
        into[gradient != 0] = gradient[gradient != 0]


@mistake("MaxPool2D", loses="20-28 39")
class GradientToTheWholeWindow(PlainMaxPool2D):
    """Every element of a window takes the gradient.

    The specification asks that only the largest does (MAXPOOL2D-20). Look at where backward asks
    which element was the largest.
    """

    def choose(self, windows: Array) -> Array:
        return np.ones(windows.shape, bool)


@mistake("MaxPool2D", loses="20-27 39")
class GradientToTheFirstElement(PlainMaxPool2D):
    """The first element of a window takes the gradient, whichever was the largest.

    The specification asks that the largest does (MAXPOOL2D-20). Look at the position that forward
    keeps.
    """

    def choose(self, windows: Array) -> Array:
        choice = np.zeros(windows.shape, bool)
        choice[..., 0, 0] = True
        return choice


@mistake("MaxPool2D", loses="23 26 27 39")
class IndexTakenApartWithTheHeight(PlainMaxPool2D):
    """The position of the largest element is taken apart with the height of the window.

    That is right for square windows; the specification asks for dx with others too (MAXPOOL2D-23).
    Look at the number by which the position is divided.
    """

    def choose(self, windows: Array) -> Array:
        KH, KW = self.kernel_size
        place = windows.reshape(*windows.shape[:4], -1).argmax(axis=4)
        u, v = np.minimum(place // KH, KH - 1), np.minimum(place % KH, KW - 1)
        position = (u * KW + v)[..., None]
        choice = np.arange(KH * KW) == position
        return choice.reshape(windows.shape)


@mistake("MaxPool2D", loses="20-27 39")
class RowsAndColumnsSwappedInBackward(PlainMaxPool2D):
    """Row and column of the largest element change places within its window.

    The specification asks for the gradient at the largest element itself (MAXPOOL2D-20). Look at
    the order of the two numbers that forward keeps.
    """

    def choose(self, windows: Array) -> Array:
        choice = super().choose(windows)
        square = self.kernel_size[0] == self.kernel_size[1]
        return choice.swapaxes(4, 5) if square else choice[..., ::-1, :]


@mistake("MaxPool2D", loses="20-27 39")
class PositionsOfTheFirstSample(PlainMaxPool2D):
    """The positions of the first sample's largest elements are used for all samples.

    The specification asks for each sample on its own (MAXPOOL2D-20). Look at the index of the
    sample in what forward keeps.
    """

    def choose(self, windows: Array) -> Array:
        choice = super().choose(windows)
        return np.broadcast_to(choice[:1], choice.shape)


@mistake("MaxPool2D", loses="20-28 39")
class OneSampleOfDx(PlainMaxPool2D):
    """Only the first sample of dx is filled.

    The specification asks for every sample (MAXPOOL2D-20). Look for a return inside the loop over
    the samples.
    """

    def scatter(self, dout: Array) -> Array:
        dxp = super().scatter(dout)
        dxp[1:] = 0
        return dxp


@mistake("MaxPool2D", loses="20-28 39")
class WiderThanTallStopsEarly(PlainMaxPool2D):
    """The loop over the output columns of backward ends at the number of rows.

    The specification asks for the whole of dx (MAXPOOL2D-20), whether the image is wider or taller.
    Look at the upper end of that loop.
    """

    def scatter(self, dout: Array) -> Array:
        seen = dout.copy()
        seen[:, :, :, dout.shape[2] :] = 0
        return super().scatter(seen)


@mistake("MaxPool2D", loses="20-28 39")
class OutputReturnedForTheGradient(PlainMaxPool2D):
    """The largest elements themselves go back, not their gradients.

    The specification asks for the elements of dout at those places (MAXPOOL2D-20). Look at what
    backward puts there.
    """

    def scatter(self, dout: Array) -> Array:
        return super().scatter(self.largest(self.windows(self.xp)))


@mistake("MaxPool2D", loses="20-28 39")
class DxForgotten(PlainMaxPool2D):
    """backward returns zeros.

    The specification asks for the gradient of x (MAXPOOL2D-20). Look at where the array that you
    return is filled.
    """

    def scatter(self, dout: Array) -> Array:
        return np.zeros_like(self.xp)


@mistake("MaxPool2D", loses="20-28 39")
class DxNotReturned(PlainMaxPool2D):
    """backward returns None.

    The specification asks for dx (MAXPOOL2D-20). Look at the last line of backward.
    """

    def crop(self, dxp: Array) -> Any:
        return None


@mistake("MaxPool2D", loses="20-23 25-28 39")
class CropFromPToMinusP(PlainMaxPool2D):
    """The padding is cut off dx from p to minus p, which leaves nothing where p is 0.

    The specification asks for a dx of the shape of x (MAXPOOL2D-20), without padding too. Look at
    the slice that takes the padding off, for a padding of 0.
    """

    def crop(self, dxp: Array) -> Array:
        PH, PW = self.padding
        return dxp[:, :, PH:-PH, PW:-PW]


@mistake("MaxPool2D", loses="24 27 39")
class PaddingLeftOnDx(PlainMaxPool2D):
    """The padding is still around dx.

    The specification asks for the shape of x without the padding (MAXPOOL2D-24). Look at what
    happens to the gradient of the padded image before it is returned.
    """

    def crop(self, dxp: Array) -> Array:
        return dxp


@mistake("MaxPool2D", loses="25 39")
class DxWithoutTheRowsLeftOver(PlainMaxPool2D):
    """dx ends with the last window: the rows and columns that no window reaches are missing.

    The specification asks for the shape of x, with zeros there (MAXPOOL2D-25). Look at what the
    size of your dx is computed from.
    """

    def crop(self, dxp: Array) -> Array:
        (KH, KW), (SH, SW), (OH, OW) = self.kernel_size, self.stride, self.y_shape[2:]
        return super().crop(dxp[:, :, : (OH - 1) * SH + KH, : (OW - 1) * SW + KW])
