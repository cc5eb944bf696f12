"""Wrong ways of doing the forward of Conv2D: where the windows lie, and how many there are."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import Pair, PlainConv2D


@mistake("Conv2D", loses="6 7 10 11")
class StrideIgnored(PlainConv2D):
    """The stride is not used: the windows are one apart.

    The specification asks for windows that are one stride apart (CONV2D-6). Look at where forward
    computes the first row of a window.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stride = (1, 1)


@mistake("Conv2D", loses="7 11")
class StridePairSwapped(PlainConv2D):
    """The first number of a pair of strides is used for the columns.

    The specification asks that it is the step between rows (CONV2D-7). Look at how the pair is
    taken apart.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stride = self.stride[::-1]


@mistake("Conv2D", loses="7 11")
class StrideOfTheRowsForBoth(PlainConv2D):
    """The step between rows is used for the columns too.

    The specification asks for a step of its own for each (CONV2D-7). Look at where the first column
    of a window is computed.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stride = (self.stride[0], self.stride[0])


@mistake("Conv2D", loses="5 9 11 71 74")
class KernelPairSwapped(PlainConv2D):
    """The first number of a pair of kernel sizes is taken for the width.

    The specification asks that it is the height (CONV2D-5), and so the third axis of the weight.
    Look at the shape that your weight starts with.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, **options: Any):
        pair = kernel_size[::-1] if isinstance(kernel_size, tuple) else kernel_size
        super().__init__(in_channels, out_channels, pair, **options)


@mistake("Conv2D", loses="8-11")
class PaddingIgnored(PlainConv2D):
    """The padding is not used.

    The specification asks for rows and columns of zeros around the image (CONV2D-8). Look at which
    array forward takes its windows from.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.padding = (0, 0)


@mistake("Conv2D", loses="9 11")
class PaddingPairSwapped(PlainConv2D):
    """The first number of a pair of paddings is used for the columns.

    The specification asks that it is for the rows (CONV2D-9). Look at how the pair is taken apart.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.padding = self.padding[::-1]


@mistake("Conv2D", loses="8-11")
class PaddingOnlyAtTheEnd(PlainConv2D):
    """All padding is below and to the right of the image.

    The specification asks for the same number of rows and columns on each side (CONV2D-8). Look at
    where in the padded array the image begins.
    """

    def pad(self, x: Array) -> Array:
        return np.roll(super().pad(x), [-p for p in self.padding], (2, 3))

    def crop(self, dxp: Array) -> Array:
        H, W = self.x.shape[2:]
        return dxp[:, :, :H, :W]


@mistake("Conv2D", loses="8-11")
class PaddingRepeatsTheEdge(PlainConv2D):
    """The padding repeats the first and the last row and column of the image.

    The specification asks for zeros (CONV2D-8). Look at what the padded array is filled with.
    """

    def pad(self, x: Array) -> Array:
        PH, PW = self.padding
        return np.pad(x, ((0, 0), (0, 0), (PH, PH), (PW, PW)), mode="edge")


@mistake("Conv2D", loses="8-11")
class PaddingOfOnes(PlainConv2D):
    """The padding is filled with ones.

    The specification asks for zeros (CONV2D-8). Look at what the padded array is filled with.
    """

    def pad(self, x: Array) -> Array:
        PH, PW = self.padding
        return np.pad(x, ((0, 0), (0, 0), (PH, PH), (PW, PW)), constant_values=1)


@mistake("Conv2D", loses="10 11")
class OutputSizeRoundedUp(PlainConv2D):
    """The output size is rounded up where the stride does not divide.

    The specification asks that it is rounded down (CONV2D-10): a window that is not complete gives
    no output. Look at the formula of the output size.
    """

    def pad(self, x: Array) -> Array:
        xp = super().pad(x)
        sizes = zip(xp.shape[2:], self.kernel_size, self.stride, strict=True)
        below, right = (-(size - k) % s for size, k, s in sizes)
        return np.pad(xp, ((0, 0), (0, 0), (0, below), (0, right)))


@mistake("Conv2D", loses="6 7 10 11")
class OneAddedBeforeTheDivision(PlainConv2D):
    """The output size is (H + 2P - KH + 1) divided by the stride.

    With a stride of 1 that is right; the specification asks for CONV2D-10's rounding of what is
    left behind the first window. Look at which comes first in your formula, the 1 or the division.
    """

    def output_size(self, xp: Array) -> Pair:
        sizes = zip(xp.shape[2:], self.kernel_size, self.stride, strict=True)
        OH, OW = ((size - k + 1) // s for size, k, s in sizes)
        return OH, OW


@mistake("Conv2D", loses="1-11 13")
class OutputAsWideAsTall(PlainConv2D):
    """The number of output columns is computed from the height: right for square images only.

    The specification asks for OW from the width, the width of the kernel and the step between
    columns (CONV2D-2). Look at which sizes the second half of your formula uses.
    """

    def output_size(self, xp: Array) -> Pair:
        OH, OW = super().output_size(xp)
        return OH, min(OH, OW)


@mistake("Conv2D", loses="1-11 13")
class LastRowLeftOut(PlainConv2D):
    """The last row of the output is never computed.

    The specification asks for floor((H + 2P - KH) / S) + 1 rows (CONV2D-1). Look at the upper end
    of the loop over the output rows.
    """

    def products(self, windows: Array) -> Array:
        y = super().products(windows)
        y[:, :, -1] = 0
        return y


@mistake("Conv2D", loses="1")
class PositionsInASmallInteger(PlainConv2D):
    """The position of a window is kept in an integer type of eight bits.

    From column 256 on it starts at 0 again, so that long rows are wrong (CONV2D-1). Look at the
    dtype of the arrays in which you keep indices or sizes.
    """

    def windows(self, xp: Array) -> Array:
        windows = super().windows(xp)
        return windows[:, :, :, np.arange(windows.shape[3]) % 256]

    def dw(self, dout: Array) -> Array:
        return np.einsum("nkij,ncijuv->kcuv", dout, super().windows(self.xp))


@mistake("Conv2D", loses="1-11 13 14 71 74")
class SizeKeptByPadding(PlainConv2D):
    """The image is padded until the output has its size, though no padding was asked for.

    The specification asks for the padding that was given, which is 0 by default (CONV2D-1). Look at
    how many rows and columns you add.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        KH, KW = self.kernel_size
        self.padding = (KH // 2, KW // 2)
