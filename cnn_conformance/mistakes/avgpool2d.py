"""Wrong ways of doing AvgPool2D."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import PlainWindows
from cnn_conformance.reference import checks
from cnn_conformance.reference.output_size import output_size


class PlainAvgPool2D(PlainWindows, reference.AvgPool2D):
    """Average pooling, step by step."""

    unit = "AvgPool2D"

    def forward(self, x: Array) -> Array:
        x = checks.images("AvgPool2D", x)
        output_size("AvgPool2D", x, self.kernel_size, self.stride, self.padding)
        self.x, self.xp = x, self.pad(x)
        windows = self.windows(self.xp)
        y = self.mean(windows).astype(x.dtype, copy=False)
        self.choice = self.parts(windows).astype(x.dtype, copy=False)
        self.y_shape = y.shape
        return y

    def pad(self, x: Array) -> Array:
        """Return x with zeros around it."""
        return self.padded_with(x, 0.0)

    def mean(self, windows: Array) -> Array:
        """Return the mean of every window."""
        return windows.sum(axis=(4, 5)) / self.count(windows)

    def count(self, windows: Array) -> Array:
        """Return what the sum of every window is divided by, (OH, OW)."""
        if self.count_include_pad:
            return np.full(windows.shape[2:4], float(np.prod(windows.shape[4:])))
        inside: Array = self.windows(self.padded_with(np.ones_like(self.x), 0.0))[0, 0]
        return inside.sum(axis=(2, 3))

    def parts(self, windows: Array) -> Array:
        """Return for every window how much of its gradient each element takes."""
        parts = 1 / self.divisor(windows)[..., None, None]
        return np.broadcast_to(parts, windows.shape)

    def divisor(self, windows: Array) -> Array:
        """Return what backward divides by, (OH, OW)."""
        return PlainAvgPool2D.count(self, windows)


@mistake("AvgPool2D", loses="1 3-10")
class SumForMean(PlainAvgPool2D):
    """The windows are added up, and not divided by their area.

    The specification asks for the mean (AVGPOOL2D-1). Look at what follows the sum.
    """

    def count(self, windows: Array) -> Array:
        return np.ones(windows.shape[2:4])


@mistake("AvgPool2D", loses="1 3-5 6-9")
class LargestForMean(PlainAvgPool2D):
    """The largest element of each window is returned.

    The specification asks for the mean (AVGPOOL2D-1). Look at the function in forward.
    """

    def mean(self, windows: Array) -> Array:
        return windows.max(axis=(4, 5))


@mistake("AvgPool2D", loses="5 8 9")
class AreaIsTheHeightSquared(PlainAvgPool2D):
    """The sum is divided by the square of the window's height.

    The specification asks for the mean, for windows that are not square too (AVGPOOL2D-5). Look at
    what the sum is divided by.
    """

    def count(self, windows: Array) -> Array:
        return super().count(windows) * (windows.shape[4] / windows.shape[5])


@mistake("AvgPool2D", loses="1 3-10")
class DividedByTheStride(PlainAvgPool2D):
    """The sum is divided by the area of a stride, and once more by the window's side.

    The specification asks for the mean of the window (AVGPOOL2D-1). Look at what the sum is divided
    by.
    """

    def count(self, windows: Array) -> Array:
        return super().count(windows) * float(np.prod(self.stride)) * windows.shape[4]


@mistake("AvgPool2D", loses="3-9")
class AreaOfTheStride(PlainAvgPool2D):
    """The sum is divided by the area of a step, not of the window.

    The two are the same where windows tile the image only; the specification asks for the mean
    (AVGPOOL2D-3). Look at what the sum is divided by.
    """

    def count(self, windows: Array) -> Array:
        area = float(np.prod(windows.shape[4:])) / float(np.prod(self.stride))
        return super().count(windows) / area


@mistake("AvgPool2D", loses="6 8")
class PaddingLeftOut(PlainAvgPool2D):
    """The padding is not counted, though it is to be.

    The specification asks that it counts as zeros unless count_include_pad is False
    (AVGPOOL2D-6). Look at what the sum at the border is divided by.
    """

    def count(self, windows: Array) -> Array:
        inside: Array = self.windows(self.padded_with(np.ones_like(self.x), 0.0))[0, 0]
        return inside.sum(axis=(2, 3))


@mistake("AvgPool2D", loses="9")
class PaddingCountedAnyway(PlainAvgPool2D):
    """The padding counts, though count_include_pad is False.

    The specification asks that only elements of the image count then (AVGPOOL2D-9). Look at where
    the argument is used.
    """

    def count(self, windows: Array) -> Array:
        return np.full(windows.shape[2:4], float(np.prod(windows.shape[4:])))


@mistake("AvgPool2D", loses="6 8 9")
class BorderRepeated(PlainAvgPool2D):
    """The padding repeats the border of the image.

    The specification asks for zeros (AVGPOOL2D-6). Look at how the image is padded.
    """

    def pad(self, x: Array) -> Array:
        PH, PW = self.padding
        return np.pad(x, ((0, 0), (0, 0), (PH, PH), (PW, PW)), mode="edge")


@mistake("AvgPool2D", loses="1 3-9 12")
class FirstSampleForAll(PlainAvgPool2D):
    """Every sample has the means of the first.

    The specification asks for each sample's own (AVGPOOL2D-1). Look at the index of the sample.
    """

    def mean(self, windows: Array) -> Array:
        return np.repeat(super().mean(windows)[:1], len(windows), axis=0)


@mistake("AvgPool2D", loses="20-29 39")
class PartsAreWhole(PlainAvgPool2D):
    """Every element of a window gets the whole gradient.

    The specification asks for equal parts of it (AVGPOOL2D-20). Look at what backward divides by.
    """

    def divisor(self, windows: Array) -> Array:
        return np.ones(windows.shape[2:4])


@mistake("AvgPool2D", loses="20-27 29 39")
class GradientOfTheLargest(PlainAvgPool2D):
    """The largest element of each window gets the gradient, as in a max pooling.

    The specification asks for equal parts at all elements (AVGPOOL2D-20). Look at where backward
    puts the gradient.
    """

    def parts(self, windows: Array) -> Array:
        flat = windows.reshape(*windows.shape[:4], -1)
        largest = np.arange(flat.shape[4]) == flat.argmax(axis=4)[..., None]
        return largest.reshape(windows.shape)


@mistake("AvgPool2D", loses="21 23-25 27 29 39")
class PartsAssigned(PlainAvgPool2D):
    """Where windows overlap, the part of the last one replaces the others.

    The specification asks that they add up (AVGPOOL2D-21). Look at the assignment in backward.
    """

    def put(self, into: Array, gradient: Array) -> None:
        into[...] = gradient


@mistake("AvgPool2D", loses="29 39")
class PartsOfAllPixels(PlainAvgPool2D):
    """backward divides by the whole window, though forward does not count the padding.

    The specification asks for the parts of forward (AVGPOOL2D-29). Look at what backward divides
    by.
    """

    def divisor(self, windows: Array) -> Array:
        return np.full(windows.shape[2:4], float(np.prod(windows.shape[4:])))


@mistake("AvgPool2D", loses="24 27 29 39")
class GradientStillPadded(PlainAvgPool2D):
    """dx has the rows and columns of the padding still.

    The specification asks for the shape of x (AVGPOOL2D-24). Look at the last line of backward.
    """

    def crop(self, dxp: Array) -> Array:
        return dxp


@mistake("AvgPool2D", loses="20-27 29 39")
class OnlyTheFirstPixel(PlainAvgPool2D):
    """The first element of each window gets the whole gradient.

    The specification asks for equal parts at all elements (AVGPOOL2D-20). Look at where backward
    puts the gradient.
    """

    def parts(self, windows: Array) -> Array:
        parts = np.zeros(windows.shape)
        parts[..., 0, 0] = 1
        return parts


@mistake("AvgPool2D", loses="25 39")
class LeftOverRowsGetSome(PlainAvgPool2D):
    """Rows and columns that no window reaches get the gradient of their neighbours.

    The specification asks for zeros there (AVGPOOL2D-25). Look at how dx comes to its size.
    """

    def crop(self, dxp: Array) -> Array:
        dx = super().crop(dxp)
        if self.padding == (0, 0):
            rows, columns = (
                (size - k) % s
                for size, k, s in zip(dx.shape[2:], self.kernel_size, self.stride, strict=True)
            )
            dx = np.array(dx)
            if rows:
                dx[:, :, -rows:] = dx[:, :, -rows - 1 : -rows]
            if columns:
                dx[..., -columns:] = dx[..., -columns - 1 : -columns]
        return dx


@mistake("AvgPool2D", loses="22")
class GapsGetSome(PlainAvgPool2D):
    """Elements between windows get a part too: the gradient is repeated until it fills the image.

    The specification asks for zeros between windows (AVGPOOL2D-22). Look at how dx comes to its
    size.
    """

    def backward(self, dout: Array) -> Array:
        dx: Any = super().backward(dout)
        if all(s > k for s, k in zip(self.stride, self.kernel_size, strict=True)):
            (H, W), (SH, SW) = dx.shape[2:], self.stride
            filled = dout.repeat(SH, axis=2).repeat(SW, axis=3) / np.prod(self.kernel_size)
            filled = np.pad(filled, ((0, 0), (0, 0), (0, SH), (0, SW)), mode="edge")[:, :, :H, :W]
            dx = filled.astype(dx.dtype)
        return dx


@mistake("AvgPool2D", loses="7")
class RoundedUp(PlainAvgPool2D):
    """The output size is rounded up where the windows do not tile the image.

    The specification asks that it is rounded down (AVGPOOL2D-7). Look at how the output size is
    computed.
    """

    def pad(self, x: Array) -> Array:
        xp = super().pad(x)
        more = [
            -(size - k) % s if self.padding == (0, 0) else 0
            for size, k, s in zip(xp.shape[2:], self.kernel_size, self.stride, strict=True)
        ]
        return np.pad(xp, ((0, 0), (0, 0), (0, more[0]), (0, more[1])))


@mistake("AvgPool2D", loses="10")
class OffsetTakenAway(PlainAvgPool2D):
    """The mean of a large constant is not that constant: large means are cut off.

    The specification asks that pooling x + c is pooling x, plus c (AVGPOOL2D-10). Look for a clip.
    """

    def mean(self, windows: Array) -> Array:
        return np.clip(super().mean(windows), -8, 8)


@mistake("AvgPool2D", loses="1 3-9 11")
class WeightedMean(PlainAvgPool2D):
    """The elements of a window have different weights.

    The specification asks for a mean in which all count alike (AVGPOOL2D-11). Look at the weights.
    """

    def mean(self, windows: Array) -> Array:
        count = windows.shape[4] * windows.shape[5]
        weights = np.linspace(1, 2, count).reshape(windows.shape[4:])
        weights *= count / weights.sum()
        return (windows * weights).sum(axis=(4, 5)) / self.count(windows)


@mistake("AvgPool2D", loses="20-27 29 39")
class PartsInProportion(PlainAvgPool2D):
    """Each element takes of the gradient what it has of its window's sum.

    The derivative of a mean is 1 / (KH · KW), whatever the element is; the specification asks for
    equal parts (AVGPOOL2D-20). Look at whether x stands in backward.
    """

    def parts(self, windows: Array) -> Array:
        total = windows.sum(axis=(4, 5), keepdims=True)
        equal = 1 / (windows.shape[4] * windows.shape[5])
        return np.where(total == 0, equal, windows / np.where(total == 0, 1, total))


@mistake("AvgPool2D", loses="20-28 29 39")
class PartsTimesTheElement(PlainAvgPool2D):
    """Each element's part of the gradient is multiplied by the element.

    The derivative of a mean is 1 / (KH · KW), whatever the element is; the specification asks for
    equal parts (AVGPOOL2D-20). Look at whether x stands in backward.
    """

    def parts(self, windows: Array) -> Array:
        return super().parts(windows) * windows
