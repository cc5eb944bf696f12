"""Wrong ways of doing GlobalAvgPool2D and GlobalMaxPool2D."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake


class PlainGlobalAvgPool2D(reference.GlobalAvgPool2D):
    """Global average pooling, step by step."""

    x: Any = None

    def forward(self, x: Array) -> Array:
        super().forward(x)
        self.x = x
        return self.mean(x)

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        parts = np.broadcast_to(dout[:, :, None, None], self.x.shape) / self.count(self.x)
        return parts.astype(dout.dtype)

    def mean(self, x: Array) -> Array:
        """Return y."""
        mean: Array = x.mean(axis=(2, 3))
        return mean

    def count(self, x: Array) -> int:
        """Return what backward divides by."""
        return x.shape[2] * x.shape[3]


@mistake("GlobalAvgPool2D", loses="1 2")
class AddedUpOnly(PlainGlobalAvgPool2D):
    """The pixels are added up, and not divided by their number.

    The specification asks for the mean (GLOBALAVGPOOL2D-1). Look at what follows the sum.
    """

    def mean(self, x: Array) -> Array:
        total: Array = x.sum(axis=(2, 3))
        return total


@mistake("GlobalAvgPool2D", loses="1 2")
class LargestForGlobalMean(PlainGlobalAvgPool2D):
    """The largest pixel is returned.

    The specification asks for the mean (GLOBALAVGPOOL2D-1). Look at the function in forward.
    """

    def mean(self, x: Array) -> Array:
        largest: Array = x.max(axis=(2, 3))
        return largest


@mistake("GlobalAvgPool2D", loses="1 2")
class MeanOfTheChannels(PlainGlobalAvgPool2D):
    """Every channel has the mean of all channels.

    The specification asks for each channel's own (GLOBALAVGPOOL2D-1). Look at the axes of the mean.
    """

    def mean(self, x: Array) -> Array:
        return np.repeat(x.mean(axis=(1, 2, 3))[:, None], x.shape[1], axis=1)


@mistake("GlobalAvgPool2D", loses="1 2")
class MeanOfTheBatch(PlainGlobalAvgPool2D):
    """Every sample has the mean of the whole batch.

    The specification asks for each sample's own (GLOBALAVGPOOL2D-1). Look at the axes of the mean.
    """

    def mean(self, x: Array) -> Array:
        return np.repeat(x.mean(axis=(0, 2, 3))[None], len(x), axis=0)


@mistake("GlobalAvgPool2D", loses="1 2")
class AxesKept(PlainGlobalAvgPool2D):
    """The output has the axes of the image still, of length 1.

    The specification asks for (N, C) (GLOBALAVGPOOL2D-1). Look at keepdims.
    """

    def forward(self, x: Array) -> Array:
        return super().forward(x)[:, :, None, None]

    def backward(self, dout: Array) -> Array:
        return super().backward(dout[:, :, 0, 0] if dout.ndim == 4 else dout)


@mistake("GlobalAvgPool2D", loses="20 21 39")
class WholeForPart(PlainGlobalAvgPool2D):
    """Every pixel gets the whole gradient.

    The specification asks for equal parts (GLOBALAVGPOOL2D-20). Look at what backward divides by.
    """

    def count(self, x: Array) -> int:
        return 1


@mistake("GlobalAvgPool2D", loses="20 21 39")
class DividedByTheHeight(PlainGlobalAvgPool2D):
    """The gradient is divided by the square of the height.

    The specification asks for equal parts, in images that are not square too (GLOBALAVGPOOL2D-20).
    Look at what backward divides by.
    """

    def count(self, x: Array) -> int:
        return x.shape[2] ** 2


@mistake("GlobalAvgPool2D", loses="20 21 39")
class DividedByTheSamplesToo(PlainGlobalAvgPool2D):
    """The gradient is divided by the number of samples too.

    The specification asks for equal parts among the pixels (GLOBALAVGPOOL2D-20): the mean over
    samples is the loss's. Look at what backward divides by.
    """

    def count(self, x: Array) -> int:
        return super().count(x) * len(x)


class PlainGlobalMaxPool2D(reference.GlobalMaxPool2D):
    """Global max pooling, step by step."""

    x: Any = None

    def forward(self, x: Array) -> Array:
        super().forward(x)
        self.x = x
        return self.largest(x)

    def backward(self, dout: Array) -> Array:
        super().backward(dout)
        taken = self.taken(self.x.reshape(*self.x.shape[:2], -1))
        return (taken * dout[..., None]).reshape(self.x.shape).astype(dout.dtype)

    def largest(self, x: Array) -> Array:
        """Return y."""
        largest: Array = x.max(axis=(2, 3))
        return largest

    def taken(self, flat: Array) -> Array:
        """Return how much of the gradient each pixel takes, (N, C, H * W)."""
        taken: Array = np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]
        return taken


@mistake("GlobalMaxPool2D", loses="2 3")
class MaximumStartsAtZero(PlainGlobalMaxPool2D):
    """The running maximum starts at 0.

    The largest of negative values is negative (GLOBALMAXPOOL2D-3). Look at the start value.
    """

    def largest(self, x: Array) -> Array:
        return np.maximum(super().largest(x), 0)


@mistake("GlobalMaxPool2D", loses="1-3")
class MeanForLargest(PlainGlobalMaxPool2D):
    """The mean is returned.

    The specification asks for the largest pixel (GLOBALMAXPOOL2D-1). Look at the function in
    forward.
    """

    def largest(self, x: Array) -> Array:
        mean: Array = x.mean(axis=(2, 3))
        return mean


@mistake("GlobalMaxPool2D", loses="1-3")
class LargestOfTheChannels(PlainGlobalMaxPool2D):
    """Every channel has the largest pixel of all channels.

    The specification asks for each channel's own (GLOBALMAXPOOL2D-1). Look at the axes of the
    maximum.
    """

    def largest(self, x: Array) -> Array:
        return np.repeat(x.max(axis=(1, 2, 3))[:, None], x.shape[1], axis=1)


@mistake("GlobalMaxPool2D", loses="1-3")
class LargestMagnitude(PlainGlobalMaxPool2D):
    """The pixel of the largest magnitude counts.

    The specification asks for the largest pixel (GLOBALMAXPOOL2D-1): negative ones are small. Look
    for an absolute value.
    """

    def largest(self, x: Array) -> Array:
        largest: Array = np.abs(x).max(axis=(2, 3))
        return largest


@mistake("GlobalMaxPool2D", loses="22")
class EveryTieTakesAll(PlainGlobalMaxPool2D):
    """Every pixel that is the largest gets the whole gradient.

    There is one gradient to give; the specification asks that the first takes it
    (GLOBALMAXPOOL2D-22), which is a convention. Look at the comparison in backward.
    """

    def taken(self, flat: Array) -> Array:
        taken: Array = flat == flat.max(axis=2, keepdims=True)
        return taken


@mistake("GlobalMaxPool2D", loses="22")
class TiesShareEqually(PlainGlobalMaxPool2D):
    """The pixels that are the largest share the gradient equally: a convention.

    The specification asks that the first takes all of it (GLOBALMAXPOOL2D-22). Look at what
    backward divides by.
    """

    def taken(self, flat: Array) -> Array:
        ties = flat == flat.max(axis=2, keepdims=True)
        taken: Array = ties / ties.sum(axis=2, keepdims=True)
        return taken


@mistake("GlobalMaxPool2D", loses="22")
class LastTieTakesAll(PlainGlobalMaxPool2D):
    """The last of several largest pixels takes the gradient: a convention.

    The specification asks for the first (GLOBALMAXPOOL2D-22). Look at whether a later pixel that is
    equal replaces an earlier one.
    """

    def taken(self, flat: Array) -> Array:
        last = flat.shape[2] - 1 - flat[:, :, ::-1].argmax(axis=2)
        taken: Array = np.arange(flat.shape[2]) == last[..., None]
        return taken


@mistake("GlobalMaxPool2D", loses="22")
class FirstTieDownTheColumns(PlainGlobalMaxPool2D):
    """Of several largest pixels that of the first column takes the gradient: a convention.

    The specification asks for the first in the order of rows (GLOBALMAXPOOL2D-22). Look at the
    order in which you go through the pixels.
    """

    def taken(self, flat: Array) -> Array:
        N, C, H, W = self.x.shape
        columns = self.x.swapaxes(2, 3).reshape(N, C, -1)
        first = columns.argmax(axis=2)
        taken: Array = np.arange(H * W) == (first % H * W + first // H)[..., None]
        return taken


@mistake("GlobalMaxPool2D", loses="20-22 39")
class SpreadEvenly(PlainGlobalMaxPool2D):
    """All pixels get equal parts of the gradient.

    The specification asks that the largest pixel takes it (GLOBALMAXPOOL2D-20). Look at where
    backward puts the gradient.
    """

    def taken(self, flat: Array) -> Array:
        return np.full(flat.shape, 1 / flat.shape[2])


@mistake("GlobalMaxPool2D", loses="20-22 39")
class PlaceOfTheFirstSample(PlainGlobalMaxPool2D):
    """Every sample's gradient goes where the first sample has its largest pixel.

    The specification asks for each sample's own (GLOBALMAXPOOL2D-20). Look at the index of the
    sample in backward.
    """

    def taken(self, flat: Array) -> Array:
        return np.broadcast_to(super().taken(flat)[:1, :1], flat.shape)
