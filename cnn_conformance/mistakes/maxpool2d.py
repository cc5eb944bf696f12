"""Wrong ways of doing the forward of MaxPool2D."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import Pair, PlainMaxPool2D


@mistake("MaxPool2D", loses="6 8")
class PaddedWithZeros(PlainMaxPool2D):
    """The padding is filled with zeros, which win over negative values.

    The specification asks that padding never wins (MAXPOOL2D-6). Look at what the padded array is
    filled with.
    """

    def pad(self, x: Array) -> Array:
        return self.padded_with(x, 0.0)


@mistake("MaxPool2D", loses="6 8")
class PaddedWithASmallNumber(PlainMaxPool2D):
    """The padding is filled with -1, which wins over anything more negative.

    The specification asks that padding never wins, however negative the image is (MAXPOOL2D-6).
    Look at what the padded array is filled with.
    """

    def pad(self, x: Array) -> Array:
        return self.padded_with(x, -1.0)


@mistake("MaxPool2D", loses="1")
class ZerosTakenForPadding(PlainMaxPool2D):
    """Zeros of the image are taken for padding.

    Behind a ReLU many windows hold nothing else; the specification asks for the largest element
    whatever it is (MAXPOOL2D-1). Look at how you tell padding from the image.
    """

    def pad(self, x: Array) -> Array:
        xp = self.padded_with(x, 0.0)
        xp[xp == 0] = -np.inf
        return xp


@mistake("MaxPool2D", loses="1 2 4-9")
class RunningMaximumFromZero(PlainMaxPool2D):
    """The running maximum starts at 0, which wins over negative values.

    The specification asks that the largest of negative values is negative (MAXPOOL2D-2). Look at
    what the maximum is before the first comparison.
    """

    def largest(self, windows: Array) -> Array:
        return np.maximum(super().largest(windows), 0)


@mistake("MaxPool2D", loses="1-8")
class SmallestForLargest(PlainMaxPool2D):
    """The smallest element of a window is returned.

    The specification asks for the largest (MAXPOOL2D-1). Look at which way the comparison goes.
    """

    def pad(self, x: Array) -> Array:
        return self.padded_with(x, np.inf)

    def largest(self, windows: Array) -> Array:
        return windows.min(axis=(4, 5))

    def choose(self, windows: Array) -> Array:
        return super().choose(-windows)


@mistake("MaxPool2D", loses="1-10")
class LargestMagnitude(PlainMaxPool2D):
    """The element of the largest magnitude is returned.

    The specification asks for the largest element, with its sign (MAXPOOL2D-1). Look for an
    absolute value before the comparison.
    """

    def largest(self, windows: Array) -> Array:
        flat = windows.reshape(*windows.shape[:4], -1)
        flat = np.where(np.isinf(flat), 0, flat)
        place = np.abs(flat).argmax(axis=4)[..., None]
        return np.take_along_axis(flat, place, 4)[..., 0]


@mistake("MaxPool2D", loses="1-8")
class AverageForMaximum(PlainMaxPool2D):
    """The mean of a window is returned.

    The specification asks for its largest element (MAXPOOL2D-1). Look at what you do with a window.
    """

    def largest(self, windows: Array) -> Array:
        inside = np.isfinite(windows)
        total = np.where(inside, windows, 0).sum(axis=(4, 5))
        mean: Array = total / inside.sum(axis=(4, 5)).astype(windows.dtype)
        return mean


@mistake("MaxPool2D", loses="1-8")
class MaximumOverTheChannels(PlainMaxPool2D):
    """Every channel gets the maximum over all channels.

    The specification asks for each channel on its own (MAXPOOL2D-1). Look at the axes over which
    you take the maximum.
    """

    def largest(self, windows: Array) -> Array:
        y = super().largest(windows)
        return np.broadcast_to(y.max(axis=1, keepdims=True), y.shape).copy()


@mistake("MaxPool2D", loses="1-9 11")
class OnlyTheFirstSample(PlainMaxPool2D):
    """Only the first sample of the batch is pooled; the others stay 0.

    The specification asks for each sample on its own (MAXPOOL2D-1). Look for a return inside the
    loop over the samples.
    """

    def largest(self, windows: Array) -> Array:
        y = super().largest(windows)
        y[1:] = 0
        return y


@mistake("MaxPool2D", loses="1-8 10")
class LastRowOfTheWindowLeftOut(PlainMaxPool2D):
    """The last row of a window is never looked at.

    The specification asks for the largest of the whole window (MAXPOOL2D-1). Look at the upper end
    of the loop over the rows of a window.
    """

    def largest(self, windows: Array) -> Array:
        return super().largest(windows[..., : max(1, self.kernel_size[0] - 1), :])


@mistake("MaxPool2D", loses="1 2 5 7 10")
class StrideOfOneByDefault(PlainMaxPool2D):
    """Without a stride the windows are one apart.

    The specification asks that the stride is the kernel size unless given (MAXPOOL2D-1). Look at
    the default of the stride.
    """

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__(kernel_size, 1 if stride is None else stride, padding)


@mistake("MaxPool2D", loses="3-5 7 8")
class StrideIgnored(PlainMaxPool2D):
    """The windows are one kernel size apart, whatever the stride is.

    The specification asks for windows that are one stride apart, so that they may overlap
    (MAXPOOL2D-3). Look at where the first row of a window is computed.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stride = self.kernel_size


@mistake("MaxPool2D", loses="5 8 71 74")
class WindowPairSwapped(PlainMaxPool2D):
    """The first number of a pair is taken for the columns.

    The specification asks that it is for the rows (MAXPOOL2D-5). Look at how the pairs are taken
    apart.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kernel_size, self.stride = self.kernel_size[::-1], self.stride[::-1]


@mistake("MaxPool2D", loses="6 8")
class PaddingIgnored(PlainMaxPool2D):
    """The padding is not used.

    The specification asks for rows and columns around the image that never win (MAXPOOL2D-6). Look
    at which array forward takes its windows from.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.padding = (0, 0)


@mistake("MaxPool2D", loses="7 8 25")
class OutputSizeRoundedUp(PlainMaxPool2D):
    """The output size is rounded up: windows that are not complete count too: a convention.

    The specification asks that it is rounded down (MAXPOOL2D-7), as PyTorch does unless told
    otherwise. Look at the formula of the output size.
    """

    def pad(self, x: Array) -> Array:
        xp = super().pad(x)
        sizes = zip(xp.shape[2:], self.kernel_size, self.stride, strict=True)
        below, right = (-(size - k) % s for size, k, s in sizes)
        around = ((0, 0), (0, 0), (0, below), (0, right))
        return np.pad(xp, around, constant_values=-np.inf)


@mistake("MaxPool2D", loses="7 8")
class WindowsHaveToTile(PlainMaxPool2D):
    """An image that the windows do not tile is refused.

    The specification asks that the output size is rounded down (MAXPOOL2D-7). Look for a reshape
    into windows, or for an assertion on the size of the image.
    """

    def windows(self, xp: Array) -> Array:
        sizes = zip(xp.shape[2:], self.kernel_size, self.stride, strict=True)
        if any((size - k) % s for size, k, s in sizes):
            raise TypeError("cannot reshape array")
        return super().windows(xp)


@mistake("MaxPool2D", loses="1 3-8")
class OutputAsWideAsTall(PlainMaxPool2D):
    """The number of output columns is computed from the height: right for square images only.

    The specification asks for it from the width (MAXPOOL2D-1). Look at which sizes the second half
    of your formula uses.
    """

    def output_size(self, xp: Array) -> Pair:
        OH, OW = super().output_size(xp)
        return OH, min(OH, OW)


@mistake("MaxPool2D", loses="70 74")
class StrideAndPaddingMended(PlainMaxPool2D):
    """A stride below 1 or a padding below 0 is mended in silence.

    The specification asks for a ValueError (MAXPOOL2D-70). Look at what the constructor does with
    arguments that make no sense.
    """

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        stride = max(1, stride) if isinstance(stride, int) else stride
        super().__init__(
            kernel_size, stride, max(0, padding) if isinstance(padding, int) else padding
        )
